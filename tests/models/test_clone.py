"""clone_model and model_from_json: equal structure, weights of its own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ranvier import layers
from ranvier.models import Model, Sequential, clone_model, model_from_json


def net() -> Any:
    x = layers.Input((3,), name="x")
    shared = layers.Dense(3, activation=lambda v: v * 2, trainable=False)
    inner = Sequential([layers.Input((3,)), layers.Dense(3), layers.Lambda(lambda v: v + 1)], name="inner")
    return Model(x, inner(shared(shared(x)) + x), name="outer")


def equal_after_copy(first: Any, second: Any) -> None:
    second.set_weights(first.get_weights())
    x = np.random.default_rng(0).normal(size=(2, 3))
    np.testing.assert_array_equal(first(x), second(x))
    assert not {id(v) for v in first.weights} & {id(v) for v in second.weights}


def test_a_clone_needs_no_serialization() -> None:
    model = net()
    clone = clone_model(model)
    assert [layer.name for layer in clone.layers] == [layer.name for layer in model.layers]
    assert len(clone.trainable_weights) == 2 and clone.name == "outer" and clone.input_names == ["x"]
    equal_after_copy(model, clone)


def test_a_sequential_without_a_shape_stays_without_one() -> None:
    clone = clone_model(Sequential([layers.Dense(2), layers.Dense(1)]))
    assert not clone.built and len(clone.layers) == 2


def test_layers_can_be_exchanged() -> None:
    def frozen(layer: Any) -> Any:
        twin = type(layer).from_config(layer.get_config())
        twin.trainable = False
        return twin

    model = Sequential([layers.Input((3,)), Sequential([layers.Input((3,)), layers.Dense(2)]), layers.Dense(1)])
    assert len(clone_model(model, clone_function=frozen).trainable_weights) == 0
    seen: list[str] = []

    def note(layer: Any) -> Any:
        seen.append(type(layer).__name__)
        return frozen(layer)

    clone_model(model, clone_function=note, recursive=True)
    assert seen == ["Dense", "Dense"]


def test_clones_begin_with_given_tensors_and_calls_can_be_changed() -> None:
    model = net()
    tensor = layers.Input((3,), name="other")
    assert clone_model(model, input_tensors=[tensor]).input is tensor
    called: list[str] = []

    def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
        called.append(layer.name)
        return layer(*args, **kwargs)

    clone_model(model, call_function=call)
    assert len(called) == 3 and called[-1] == "inner"


class Net(Model):
    def __init__(self, units: int = 2) -> None:
        super().__init__()
        self.dense = layers.Dense(units)

    def call(self, inputs: Any) -> Any:
        return self.dense(inputs)


def test_subclassed_models_are_made_anew() -> None:
    assert clone_model(Net(5)).dense.units == 5
    with pytest.raises(ValueError, match="subclassed"):
        clone_model(Net(), clone_function=lambda layer: layer)


def test_json_holds_the_structure() -> None:
    x = layers.Input((3,))
    model = Model(x, layers.Dense(1)(layers.LayerNormalization()(x)))
    equal_after_copy(model, model_from_json(model.to_json(indent=1)))
    again = model_from_json(Net(4).to_json(), custom_objects={"Net": Net})
    assert again.dense.units == 4
