"""JaxLayer: weights from functions and from given values, states, draws, functions that do not fit."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest

from ranvier import layers, models, utils


def counted(params: Any, state: Any, rng: Any, inputs: Any, training: Any) -> Any:
    noise = jax.random.normal(rng, inputs.shape) if training else 0.0
    return inputs * params["scale"] + noise, {"calls": state["calls"] + 1, "kind": state["kind"]}


def first(rng: Any, inputs: Any, training: Any) -> Any:
    assert training
    return {"scale": jax.random.normal(rng, inputs.shape[1:])}, {"calls": np.int32(0), "kind": None}


def test_weights_come_from_the_function_when_somebody_looks() -> None:
    ran = []

    def noted(rng: Any, inputs: Any, training: Any) -> Any:
        ran.append(isinstance(rng, jax.core.Tracer))
        return first(rng, inputs, training)

    layer = layers.JaxLayer(counted, noted)
    layer.build((None, 3))
    assert ran == [True] and all(v.pending for v in layer.weights)
    assert [(v.name, v.shape, v.dtype, v.trainable) for v in layer.weights] == [
        ("scale", (3,), "float32", True),
        ("calls", (), "int32", False),
    ]
    x = np.ones((2, 3), "float32")
    np.testing.assert_array_equal(layer(x)[0], layer.params["scale"])
    assert ran == [True, False]
    assert int(layer.state["calls"]) == 1


def test_draws_are_made_while_training_only_and_differ() -> None:
    layer = layers.JaxLayer(counted, params={"scale": np.ones(3)}, state={"calls": 0, "kind": "text"})
    x = np.ones((2, 3), "float32")
    np.testing.assert_array_equal(layer(x), x)
    a, b = layer(x, training=True), layer(x, training=True)
    assert not np.array_equal(a, b) and not np.array_equal(a, x)
    assert int(layer.state["calls"]) == 3 and layer.state["kind"] == "text"


def test_it_trains_and_starts_from_the_seed_of_the_run() -> None:
    def run() -> Any:
        utils.set_random_seed(4)
        layer = layers.JaxLayer(counted, first)
        model = models.Sequential([layers.Input((3,)), layer])
        model.compile("sgd", "mse")
        losses = model.fit(np.eye(3), np.eye(3) * 4, epochs=3, verbose=0).history["loss"]
        return layer, losses

    (one, losses), (two, again) = run(), run()
    assert losses == again and int(one.state["calls"]) == 3
    np.testing.assert_array_equal(one.params["scale"], two.params["scale"])


def test_a_configuration_finds_its_functions_among_the_custom_objects() -> None:
    layer = layers.JaxLayer(counted, first, seed=3)
    twin = layers.deserialize(layers.serialize(layer), custom_objects={"counted": counted, "first": first})
    assert (twin.call_fn, twin.init_fn, twin.seed) == (counted, first, 3)
    with pytest.raises(ValueError, match="custom_objects"):
        layers.deserialize(layers.serialize(layer))


def test_functions_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="call_fn"):
        layers.JaxLayer(lambda params, x: x, params=1.0)
    with pytest.raises(ValueError, match="init_fn"):
        layers.JaxLayer(lambda params, inputs: inputs, init_fn=lambda rng, inputs, more: 1.0)
    with pytest.raises(ValueError, match="make the weights from"):
        layers.JaxLayer(lambda params, inputs: inputs)
    wrong = layers.JaxLayer(lambda state, inputs: (inputs, {"b": 1.0}), state={"a": 1.0})
    with pytest.raises(ValueError, match="another structure"):
        wrong(np.ones((1, 2)))
