"""The scopes that Keras shows: bound variables, shapes only, names of places, devices, and computing again."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import ranvier
from ranvier import layers, ops
from ranvier._errors import InvalidArgument
from ranvier.models import Sequential


def test_a_stateless_scope_keeps_assignments_to_itself() -> None:
    v, w = ranvier.Variable(np.ones(2)), ranvier.Variable(2.0)
    with ranvier.StatelessScope([(v, [3.0, 4.0])], collect_losses=True) as inside:
        w.assign(w * v.value[1])
        inside.add_update((v, np.zeros(2)))
        inside.add_loss(1.5)
        assert v.value.tolist() == [0, 0] and float(w.value) == 8.0
    assert v.value.tolist() == [1, 1] and float(w.value) == 2.0
    assert float(inside.get_current_value(w)) == 8.0 and inside.losses == [1.5]  # type: ignore[arg-type]
    assert inside.get_current_value(ranvier.Variable(0.0)) is None


def test_a_stateless_scope_makes_a_model_a_function_of_its_weights() -> None:
    model = Sequential([layers.Input((2,)), layers.Dense(1, use_bias=False)])
    x = np.ones((1, 2), "float32")

    @jax.jit
    def output(kernel: Any) -> Any:
        with ranvier.StatelessScope(zip(model.weights, [kernel], strict=True)):
            return ops.sum(model(x))

    kernel = jnp.array([[2.0], [3.0]])
    assert float(output(kernel)) == 5.0
    assert jax.grad(output)(kernel).tolist() == [[1.0], [1.0]]


def test_a_stateless_scope_refuses_what_does_not_fit() -> None:
    with pytest.raises(InvalidArgument, match="Variable"):
        ranvier.StatelessScope([(1.0, 2.0)])  # type: ignore[list-item]
    with pytest.raises(InvalidArgument, match=r"\(2,\)"):
        ranvier.StatelessScope([(ranvier.Variable(np.ones(2)), np.ones(3))])


def test_a_symbolic_scope_draws_nothing() -> None:
    variable = ranvier.Variable(ranvier.initializers.Ones(), shape=(2,))
    with ranvier.SymbolicScope():
        assert variable.value.tolist() == [0, 0]
    assert variable.pending and variable.value.tolist() == [1, 1]


def test_names_of_places_stand_before_those_of_variables() -> None:
    with ranvier.name_scope("outer"):
        with ranvier.name_scope("inner"):
            variable = ranvier.Variable(1.0, name="v")
            dense = layers.Dense(1, name="d")
            dense.build((None, 2))
        with ranvier.name_scope("elsewhere", override_parent="a/b"):
            other = ranvier.Variable(1.0, name="v")
    assert (variable.path, dense.kernel.path, other.path) == (
        "outer/inner/v",
        "outer/inner/d/kernel",
        "a/b/elsewhere/v",
    )
    assert ranvier.Variable(1.0, name="v").path == "v"
    with pytest.raises(InvalidArgument, match="'/'"):
        ranvier.name_scope("a/b")


def test_a_device_by_its_name() -> None:
    for name in ("cpu", "CPU:0", "/device:CPU:0", jax.devices("cpu")[0]):
        with ranvier.device(name):
            assert next(iter(ops.ones(2).devices())).platform == "cpu"
    for name in ("cpu:999", "abacus", "cpu:x"):
        with pytest.raises(InvalidArgument, match="cpu:0"):
            ranvier.device(name)


def test_the_version() -> None:
    assert ranvier.version() == ranvier.__version__


# --- computing again -------------------------------------------------------------------------------------------------


def primitives(f: Any, *args: Any) -> str:
    return str(jax.make_jaxpr(jax.grad(f))(*args))


def test_remat_computes_again_and_gives_the_same_numbers() -> None:
    def f(x: Any, power: int = 2) -> Any:
        return jnp.sum(jnp.sin(x**power))

    x = jnp.arange(3.0)
    np.testing.assert_allclose(jax.grad(ranvier.remat(f))(x, power=3), jax.grad(f)(x, power=3), rtol=1e-6)
    assert "prevent_cse" in primitives(ranvier.remat(f), x) and "prevent_cse" not in primitives(f, x)


class Counting(layers.Layer):
    """Everything that a call can leave behind: a draw, an assigned variable, an added loss, a mask."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.activation = None

    def build(self, input_shape: Any) -> None:
        self.calls = self.add_weight(shape=(), initializer="zeros", trainable=False, name="calls")
        self.scale = self.add_weight(shape=(), initializer="ones", name="scale")

    def call(self, inputs: Any, training: bool = False) -> Any:
        self.calls.assign(self.calls + 1)
        self.add_loss(0.01 * ops.sum(inputs**2) * self.scale)
        noise = ranvier.random.normal((2,)) if training else 0.0
        return ops.sin(inputs) * self.scale + noise


def network(mode: str | None, **options: Any) -> Sequential:
    with ranvier.RematScope(mode, **options):  # type: ignore[arg-type]
        model = Sequential(
            [layers.Input((2,)), Counting(name="counting"), layers.Dense(2, "tanh", name="d"), layers.Dropout(0.5)]
        )
    model.compile("sgd", "mse")
    return model


@pytest.mark.parametrize(
    "options",
    [
        {"mode": "full"},
        {"mode": "activations"},
        {"mode": "larger_than", "output_size_threshold": 3},
        {"mode": "list_of_layers", "layer_names": ["counting"]},
    ],
)
def test_training_in_a_remat_scope_ends_with_the_same_weights(options: dict[str, Any]) -> None:
    x = np.arange(8, dtype="float32").reshape(4, 2) / 8
    plain, again = network(None), network(**options)
    for model in (plain, again):
        model.fit(x, x, batch_size=2, epochs=2, seed=3, verbose=0)
    assert float(again.layers[0].calls.value) == 4.0
    for left, right in zip(plain.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_allclose(left, right, rtol=1e-6)


def test_which_layers_compute_again() -> None:
    def again(layer: Any, rows: int = 3) -> bool:
        layer.build((None, 2))

        def f(x: Any) -> Any:
            return ops.sum(layer(x))

        return "prevent_cse" in primitives(f, jnp.ones((rows, 2)))

    with ranvier.RematScope("list_of_layers", layer_names=["yes"]):
        assert again(layers.Dense(2, name="yes")) and not again(layers.Dense(2, name="no"))
    with ranvier.RematScope("larger_than", output_size_threshold=10):
        assert again(layers.Dense(4)) and not again(layers.Dense(2))
    with ranvier.RematScope("activations"):
        assert again(layers.Dense(2, "relu")) and not again(layers.LayerNormalization())
        with ranvier.RematScope(None):
            assert not again(layers.Dense(2, "relu"))
    assert not again(layers.Dense(2))
    with pytest.raises(InvalidArgument, match="list_of_layers"):
        ranvier.RematScope("some")  # type: ignore[arg-type]


def test_masks_pass_through_remat() -> None:
    with ranvier.RematScope():
        model = Sequential([layers.Input((3,)), layers.Embedding(5, 2, mask_zero=True), Counting()])
    plain = Sequential([layers.Input((3,)), layers.Embedding(5, 2, mask_zero=True), Counting()])
    plain.set_weights(model.get_weights())
    x, y = np.array([[1, 2, 0], [3, 0, 0]]), np.ones((2, 3, 2), "float32")
    values = []
    for one in (model, plain):
        one.compile("sgd", "mse")
        values.append(one.evaluate(x, y, verbose=0))
    assert values[0] == pytest.approx(values[1], rel=1e-6)
