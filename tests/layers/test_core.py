"""Lambda: in process only. Identity, penalties, masks."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from ranvier import layers
from ranvier.models import Sequential
from ranvier.state import masking, scope
from ranvier.state.scope import Scope


def test_lambda_takes_arguments_and_says_that_it_cannot_be_saved() -> None:
    def powered(x: Any, exponent: int, training: bool = False) -> Any:
        return x**exponent + training

    layer = layers.Lambda(powered, arguments={"exponent": 3})
    assert [float(layer([2.0], training=t)[0]) for t in (False, True)] == [8.0, 9.0]
    assert layer.unsavable
    assert layers.Lambda(powered, output_shape=(5,))(layers.Input((2,))).shape == (None, 5)
    config = layer.get_config()
    assert config["function"]["config"] == "powered"
    again = layers.deserialize({"class_name": "Lambda", "config": config}, {"powered": powered})
    assert float(again([2.0])[0]) == 8.0
    keras_file = {
        "class_name": "Lambda",
        "config": {"name": "l", "function": {"class_name": "__lambda__", "config": {}}},
    }
    with pytest.raises(ValueError, match="never read"):
        layers.deserialize(keras_file)
    with pytest.raises(TypeError, match=r"ops\.exp"):
        layers.Lambda(lambda x: np.exp(x))(layers.Input((2,)))


def test_identity_returns_what_it_gets() -> None:
    x = {"a": jnp.ones((2, 3)), "b": jnp.zeros((2,))}
    y = layers.Identity()(x)
    assert y["a"] is x["a"] and y["b"] is x["b"]
    assert layers.Identity()(layers.Input((3,), dtype="int32")).dtype == "int32"


def test_penalties_of_activities_reach_the_losses_and_training_per_row() -> None:
    x = np.array([[1.0, -2.0], [3.0, 0.0], [0.0, 1.0], [1.0, 1.0]], "float32")
    layer = layers.ActivityRegularization(l1=0.5, l2=0.25)
    penalty = (0.5 * np.abs(x).sum() + 0.25 * np.square(x).sum()) / 4
    np.testing.assert_allclose(layer(x), x)
    assert [float(loss) for loss in layer.losses] == [pytest.approx(penalty)]
    assert "activity_regularizer" not in layer.get_config()
    model = Sequential([layers.Input((2,)), layer, layers.Dense(2, activity_regularizer="l2")])
    kernel = np.eye(2, dtype="float32")
    model.layers[1].set_weights([kernel, np.zeros(2)])
    model.compile("sgd", "mse")
    expected = penalty + 0.01 * np.square(x).sum() / 4
    assert model.evaluate(x, x, verbose=0) == pytest.approx(expected, rel=1e-5)
    model(x)
    assert float(sum(model.losses)) == pytest.approx(expected, rel=1e-5)
    history = model.fit(x, x, batch_size=4, epochs=1, verbose=0)
    assert history.history["loss"][0] == pytest.approx(expected, rel=1e-5)
    for wrong in ({"l1": -1.0}, {"l2": "a"}):
        with pytest.raises(ValueError, match="expected"):
            layers.ActivityRegularization(**wrong)


def test_masking_marks_and_clears_steps() -> None:
    with scope.entered(Scope()):
        x = jnp.array([[[0.0, 0.0], [0.0, 1.0], [7.0, 7.0]]])
        y = layers.Masking(7.0)(x)
        np.testing.assert_array_equal(masking.of(y), [[True, True, False]])
        np.testing.assert_array_equal(y, [[[0.0, 0.0], [0.0, 1.0], [0.0, 0.0]]])
        masking.attach(x, jnp.array([[False, False, False]]))
        np.testing.assert_array_equal(masking.of(layers.Masking()(x)), [[False, True, True]])


def test_masking_keeps_steps_out_of_the_loss() -> None:
    model = Sequential([layers.Input((3, 1)), layers.Masking(), layers.Dense(1, kernel_initializer="ones")])
    model.compile("sgd", "mse")
    x = np.array([[[1.0], [0.0], [2.0]]], "float32")
    # Two real steps with errors 3 and 2; the step in between, with error 100, does not count.
    assert model.evaluate(x, np.array([[[4.0], [100.0], [4.0]]]), verbose=0) == pytest.approx((9 + 4) / 2)


def test_a_lambda_of_two_inputs_may_say_its_shape():
    """Siamese networks of the guides: the function, and the function of the shapes, take lists."""
    a, b = layers.Input((3,)), layers.Input((3,))
    by_function = layers.Lambda(lambda ab: ab[0] - ab[1], output_shape=lambda shapes: shapes[0])([a, b])
    by_row = layers.Lambda(lambda ab: ab[0] - ab[1], output_shape=(3,))([a, b])
    assert by_function.shape == by_row.shape == (None, 3)
