"""Prediction in a few compiled sizes: padded where rows are independent, never where they interact."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import ranvier as keras
from ranvier import layers, ops
from ranvier._errors import DataError
from ranvier.engine import compiled
from ranvier.engine.inference import bucket

RNG = np.random.default_rng(0)
X = RNG.normal(size=(100, 5)).astype(np.float32)


def plain() -> Any:
    return keras.Sequential([layers.Dense(4, activation="tanh", input_shape=(5,)), layers.Dense(3)])


def direct(model: Any, x: np.ndarray) -> np.ndarray:
    (w1, b1, w2, b2) = model.get_weights()
    return np.tanh(x @ w1 + b1) @ w2 + b2


@pytest.mark.parametrize("rows", [1, 2, 3, 5, 8, 31, 32, 33, 100])
def test_any_number_of_rows_gives_the_right_numbers(rows: int) -> None:
    model = plain()
    for call in (model.predict, model, model.predict_on_batch):
        np.testing.assert_allclose(np.asarray(call(X[:rows])), direct(model, X[:rows]), rtol=1e-5, atol=1e-6)


def test_sizes_share_a_bucket() -> None:
    assert [bucket(n) for n in (1, 2, 3, 5, 8, 9)] == [1, 2, 4, 8, 8, 16]
    model = plain()
    model(X[:5])
    before = compiled.shared.compilations
    for rows in (5, 6, 7, 8):
        model(X[:rows])
    assert compiled.shared.compilations == before + 0


INTERACTING = {
    "mean": lambda x: x - ops.mean(x, axis=0, keepdims=True),
    "max": lambda x: x + ops.max(x),
    "softmax over rows": lambda x: ops.softmax(x, axis=0),
    "sort": lambda x: ops.sort(x, axis=0),
    "similarity": lambda x: ops.matmul(x, ops.transpose(x)) @ x,
    "clipped": lambda x: ops.clip(x, -1.0, 1.0) * ops.sum(ops.clip(x, -1.0, 1.0)),
    "comparison": lambda x: ops.cast(x >= ops.max(x, axis=0, keepdims=True), "float32"),
    "count": lambda x: x / ops.shape(x)[0],
}


@pytest.mark.parametrize("name", INTERACTING)
def test_a_model_whose_rows_interact_is_never_padded(name: str) -> None:
    function = INTERACTING[name]
    model = keras.Sequential([layers.Lambda(function, input_shape=(5,))])
    for rows in (3, 5, 7):
        expected = np.asarray(function(ops.convert_to_tensor(X[:rows])))
        np.testing.assert_allclose(np.asarray(model(X[:rows])), expected, rtol=1e-5, atol=1e-6)
    batches = [np.asarray(function(ops.convert_to_tensor(X[i : i + 32]))) for i in range(0, 100, 32)]
    np.testing.assert_allclose(model.predict(X), np.concatenate(batches), rtol=1e-5, atol=1e-6)


def test_independent_rows_are_padded() -> None:
    model = plain()
    model.predict(X[:3])
    assert list(model._inference["predict"]._separable.values()) == [True]


def test_integer_inputs_and_several_outputs() -> None:
    i = keras.Input((4,), dtype="int32")
    e = layers.Embedding(10, 3)(i)
    model = keras.Model(i, {"flat": layers.Flatten()(e), "ids": i})
    ids = RNG.integers(0, 10, (7, 4))
    out = model.predict(ids)
    np.testing.assert_array_equal(out["ids"], ids)
    np.testing.assert_allclose(out["flat"], model.get_weights()[0][ids].reshape(7, 12), rtol=1e-6)


def test_generators_sequences_and_steps() -> None:
    model = plain()
    batches = [(X[i : i + 10], None) for i in range(0, 50, 10)]
    np.testing.assert_allclose(model.predict(b[0] for b in batches), direct(model, X[:50]), rtol=1e-5, atol=1e-6)
    assert model.predict((b[0] for b in batches), steps=2).shape == (20, 3)
    assert model.predict(X, batch_size=10, steps=2).shape == (20, 3)


def test_frames_and_lists() -> None:
    import pandas
    import polars

    model = plain()
    expected = direct(model, X[:6])
    columns = [f"c{i}" for i in range(5)]
    for data in (pandas.DataFrame(X[:6], columns=columns), polars.DataFrame(X[:6], schema=columns), X[:6].tolist()):
        np.testing.assert_allclose(model.predict(data), expected, rtol=1e-5, atol=1e-6)


def test_changed_weights_count_at_once() -> None:
    model = plain()
    model.predict(X[:1])
    model.set_weights([w * 2 for w in model.get_weights()])
    np.testing.assert_allclose(model.predict(X[:1]), direct(model, X[:1]), rtol=1e-5, atol=1e-6)


def test_no_rows_is_an_error_that_says_so() -> None:
    with pytest.raises(DataError, match="no row"):
        plain().predict(X[:0])


def test_an_own_predict_step_is_used() -> None:
    class Own(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = layers.Dense(3)

        def call(self, x: Any) -> Any:
            return self.dense(x)

        def predict_step(self, data: Any) -> Any:
            return ops.argmax(self(data), axis=-1)

    model = Own()
    out = model.predict(X[:9])
    assert out.shape == (9,)
    np.testing.assert_array_equal(out, np.asarray(model(X[:9])).argmax(1))


class Listener(keras.callbacks.Callback):
    """Notes what predict tells."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def on_predict_begin(self, logs: Any = None) -> None:
        self.seen.append(("steps", self.params["steps"]))

    def on_predict_batch_begin(self, batch: int, logs: Any = None) -> None:
        self.seen.append(("begin", batch))

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        self.seen.append(("end", batch, logs["outputs"].shape))


def test_callbacks_hear_of_every_batch() -> None:
    """Order, numbers and logs as Keras 3 gives them."""
    model, listener = plain(), Listener()
    outputs = model.predict(X[:70], batch_size=32, callbacks=[listener])
    np.testing.assert_allclose(outputs, direct(model, X[:70]), rtol=1e-5, atol=1e-6)
    batches = [pair for n, rows in enumerate([32, 32, 6]) for pair in (("begin", n), ("end", n, (rows, 3)))]
    assert listener.seen == [("steps", 3), *batches]


def test_callbacks_hear_of_a_source_and_of_its_limit() -> None:
    listener = Listener()
    plain().predict(((X[:8],) for _ in range(9)), steps=2, callbacks=[listener])
    batches = [("begin", 0), ("end", 0, (8, 3)), ("begin", 1), ("end", 1, (8, 3))]
    assert listener.seen == [("steps", 2), *batches]


class Penalized(layers.Layer):
    """Adds a loss of its own in `call`."""

    def call(self, inputs: Any) -> Any:
        self.add_loss(ops.sum(inputs))
        return inputs


@pytest.mark.parametrize("training", [None, True])
def test_a_call_leaves_the_losses_that_it_added(training: bool | None) -> None:
    """An activity penalty counts the rows that were given, not a padded batch."""
    end = layers.Dense(2, activity_regularizer=keras.regularizers.L2(0.5), kernel_regularizer="l2")
    model = keras.Sequential([keras.Input((5,)), Penalized(), end])
    outputs = np.asarray(model(X[:3], training=training))
    kernel = model.get_weights()[0]
    expected = [X[:3].sum(), 0.5 * (outputs**2).sum() / 3, 0.01 * (kernel**2).sum()]
    np.testing.assert_allclose(sorted(map(float, model.losses)), sorted(expected), rtol=1e-5)


def test_a_list_of_one_output_is_the_output_itself() -> None:
    """As in Keras 3: `Model([x], [y])(rows)` is an array."""
    x = keras.Input((5,))
    model = keras.Model([x], [layers.Dense(2)(x)])
    assert model(X[:3]).shape == model.predict(X[:3]).shape == (3, 2)
    model.compile("sgd", "mse")
    assert list(model.fit(X, X[:, :2], verbose=0).history) == ["loss"]
