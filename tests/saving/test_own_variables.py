"""What a class of one's own can say about its files, and the parts of a model that are asked for one by one."""

from __future__ import annotations

import numpy as np
import pytest

import ranvier
from ranvier import layers, metrics, saving
from ranvier._errors import InvalidArgument
from ranvier.models import Model, Sequential


class Halved(layers.Dense):
    """Stores half of its kernel under a name of its own."""

    def save_own_variables(self, store):
        super().save_own_variables(store)
        store["half"] = store.pop("0") / 2

    def load_own_variables(self, store):
        super().load_own_variables({"0": np.asarray(store["half"]) * 2, "1": store["1"]})


class Plain(layers.Layer):
    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], 2), name="kernel")
        self.bias = self.add_weight(shape=(2,), name="bias")

    def call(self, inputs):
        return inputs @ self.kernel + self.bias


class Measured(layers.Layer):
    """Holds a metric, which is no weight."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.mean = metrics.Mean(name="mean")
        self.below = [layers.Dense(1)]

    def call(self, inputs):
        return inputs


def test_own_variables_by_their_numbers():
    layer, store = Plain(), {}
    layer.build((None, 3))
    layer.save_own_variables(store)
    assert {name: array.shape for name, array in store.items()} == {"0": (3, 2), "1": (2,)}
    other = Plain()
    other.build((None, 3))
    other.load_own_variables(store)
    np.testing.assert_array_equal(other.get_weights()[0], layer.get_weights()[0])
    before = other.get_weights()
    for wrong in ({}, {"0": store["0"]}, {**store, "2": 1.0}, {"0": store["0"].T, "1": store["1"]}):
        with pytest.raises(InvalidArgument, match="own-variables"):
            other.load_own_variables(wrong)
    np.testing.assert_array_equal(before[0], other.get_weights()[0])
    nested = Sequential([layers.Input((3,)), layer])
    empty = {}
    nested.save_own_variables(empty)
    assert empty == {}


def test_a_class_decides_what_its_file_holds(tmp_path):
    model = Sequential([layers.Input((3,)), Halved(2, name="h")])
    model.save_weights(tmp_path / "m.weights.h5")
    again = Sequential([layers.Input((3,)), Halved(2, name="h")])
    again.load_weights(tmp_path / "m.weights.h5")
    np.testing.assert_array_equal(again.get_weights()[0], model.get_weights()[0])


def test_path_and_metrics_of_a_layer():
    layer = Measured(name="m")
    outer = Measured(name="outer")
    outer.inside = layer
    assert layer.path == "m" and [metric.name for metric in layer.metrics] == ["mean"]
    assert len(layer.metrics_variables) == len(layer.mean.variables) > 0
    assert outer.metrics == [outer.mean, layer.mean] and layers.Dense(1).metrics == []


def test_what_a_model_was_compiled_with():
    def made():
        return Sequential([layers.Input((3,)), layers.Dense(1)])

    model = made()
    assert model.get_compile_config() == {}
    model.compile(ranvier.optimizers.SGD(0.25, momentum=0.5), "mae", metrics=["mse"], loss_weights=[2.0])
    config = model.get_compile_config()
    other = made()
    other.compile_from_config(config)
    assert float(other.optimizer.learning_rate) == 0.25 and other.optimizer.momentum == 0.5
    assert other.get_compile_config() == config
    x = np.ones((4, 3), "float32")
    other.set_weights(model.get_weights())
    assert other.evaluate(x, x[:, 0], verbose=0) == model.evaluate(x, x[:, 0], verbose=0)


def test_a_models_ends_are_found_by_name():
    x = ranvier.Input((2,), name="x")
    model = Model(x, {"b": layers.Dense(1)(x), "a": layers.Dense(3)(x)})
    assert model.input_names == ["x"] and model.output_names == ["a", "b"]
    assert model.input is x and model.output_shape == {"b": (None, 1), "a": (None, 3)}


def test_what_stands_above_is_listed():
    assert {"load_model", "save_model", "deserialize_keras_object"} <= set(dir(saving))
