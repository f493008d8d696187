"""What `keras.backend` meant by its functions, where `ops` means something else or has nothing."""

from __future__ import annotations

import numpy as np
import pytest

import ranvier
from ranvier import layers, ops
from ranvier.compat import old_backend as K
from ranvier.compat.spelling import MODULES, installed
from ranvier.models import Sequential

X = np.arange(6, dtype="float32").reshape(2, 3)


def test_shapes() -> None:
    assert K.expand_dims(X).shape == (2, 3, 1) and K.squeeze(K.expand_dims(X), -1).shape == (2, 3)
    assert K.concatenate([X, X]).shape == (2, 6)
    assert K.batch_flatten(np.zeros((4, 2, 3))).shape == (4, 6)
    assert K.repeat(X, 4).shape == (2, 4, 3) and np.array_equal(K.repeat(X, 4)[1, 3], X[1])
    assert K.repeat_elements(X, 2, axis=1)[0].tolist() == [0, 0, 1, 1, 2, 2]
    assert K.gather(X, [1, 0]).tolist() == X[::-1].tolist()
    assert K.count_params(X) == 6 and K.dtype(ops.ones(1)) == "float32"


@pytest.mark.parametrize(
    ("left", "right", "axes", "formula"),
    [
        ((5, 3), (5, 3), 1, "bi,bi->b"),
        ((5, 2, 3), (5, 3, 4), None, "bij,bjk->bik"),
        ((5, 2, 3), (5, 4, 3), (2, 2), "bij,bkj->bik"),
        ((5, 2, 3), (5, 2), (1, 1), "bij,bi->bj"),
    ],
)
def test_batch_dot(left: tuple[int, ...], right: tuple[int, ...], axes: object, formula: str) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=left).astype("float32"), rng.normal(size=right).astype("float32")
    expected = np.einsum(formula, x, y)
    found = np.asarray(K.batch_dot(x, y, axes))
    assert np.allclose(found, expected[:, None] if expected.ndim == 1 else expected, atol=1e-5)


def test_values() -> None:
    assert np.allclose(K.sqrt(np.array([-1.0, 4.0])), [0, 2])
    v = ranvier.Variable([1.0, 2.0])
    K.update(v, [3.0, 4.0])
    K.update_add(v, 1.0)
    K.update_sub(v, 2.0)
    assert K.batch_get_value([v])[0].tolist() == [2, 3]
    K.batch_set_value([(v, [0.0, 1.0])])
    assert v.numpy().tolist() == [0, 1]
    assert K.cast_to_floatx([1, 2]).dtype == np.float32
    assert abs(float(np.mean(K.random_bernoulli((2000,), p=0.25, seed=1))) - 0.25) < 0.05
    assert float(np.abs(K.truncated_normal((500,), seed=1)).max()) <= 2


def test_switch_chooses_rows_or_numbers() -> None:
    assert K.switch(np.array([True, False]), X, lambda: -X).tolist() == [[0, 1, 2], [-3, -4, -5]]
    assert K.switch(X > 2, X, 0 * X).tolist() == [[0, 0, 0], [3, 4, 5]]


class Doubled(layers.Layer):
    """Doubles while training."""

    def call(self, inputs):  # type: ignore[no-untyped-def]
        return K.in_train_phase(lambda: inputs * 2, inputs)


def test_phases_and_functions_of_the_graph() -> None:
    model = Sequential([layers.Dense(2, kernel_initializer="ones", input_dim=3), Doubled()])
    assert K.learning_phase() == 0 and K.in_test_phase(1, 2) == 1 and K.in_train_phase(1, 2, training=True) == 1
    with pytest.warns(UserWarning, match=r"keras\.Model"):
        run = K.function([model.layers[0].input, K.learning_phase()], [model.layers[0].output, model.output])
    hidden, calm = run([X, 0])
    assert hidden.tolist() == calm.tolist() == [[3, 3], [12, 12]]
    assert run([X, 1])[1].tolist() == [[6, 6], [24, 24]]


def test_the_facade_of_the_backend_gets_them() -> None:
    with installed():
        assert set(MODULES["keras.backend"]) == set(K.__all__)
