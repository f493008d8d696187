"""Files in the form of Keras 2: other configurations, weights in lists."""

from __future__ import annotations

import json

import h5py
import numpy as np

from ranvier import layers
from ranvier.layers import Input
from ranvier.models import Model, Sequential, load_model, save_model
from ranvier.saving import load_weights
from ranvier.saving.legacy_config import modernized
from tests.saving import models


def as_keras_2(path, config) -> None:
    """Give one of our `.h5` files a Keras 2 configuration; its files have no checksums."""
    with h5py.File(path, "r+") as file:
        for name in ("ranvier_crc32", "ranvier_config_crc32"):
            file.attrs.pop(name, None)
        file.attrs["keras_version"] = "2.12.0"
        file.attrs["model_config"] = json.dumps(config).encode()


def dense(name, units, inputs, **more):
    config = {"name": name, "trainable": True, "dtype": "float32", "units": units, "activation": "linear", **more}
    config["kernel_initializer"] = {"class_name": "GlorotUniform", "config": {"seed": None}}
    return {"class_name": "Dense", "config": config, "name": name, "inbound_nodes": inputs}


def test_functional_with_calls_as_lists(tmp_path):
    x = Input((3,), name="x")
    first, second = layers.Dense(2, name="a"), layers.Dense(2, name="b")
    model = Model(x, layers.Add(name="sum")([first(x), second(x)]))
    save_model(model, tmp_path / "m.h5")
    entry = {"batch_input_shape": [None, 3], "dtype": "float32", "sparse": False, "ragged": False, "name": "x"}
    config = {
        "class_name": "Functional",
        "config": {
            "name": "m",
            "trainable": True,
            "layers": [
                {"class_name": "InputLayer", "config": entry, "name": "x", "inbound_nodes": []},
                dense("a", 2, [[["x", 0, 0, {}]]]),
                dense("b", 2, [[["x", 0, 0, {}]]]),
                {
                    "class_name": "Add",
                    "config": {"name": "sum", "trainable": True, "dtype": "float32"},
                    "name": "sum",
                    "inbound_nodes": [[["a", 0, 0, {}], ["b", 0, 0, {}]]],
                },
            ],
            "input_layers": [["x", 0, 0]],
            "output_layers": [["sum", 0, 0]],
        },
    }
    as_keras_2(tmp_path / "m.h5", config)
    rows = np.ones((2, 3), "float32")
    again = load_model(tmp_path / "m.h5", compile=False)
    np.testing.assert_array_equal(np.reshape(again(rows), (2, 2)), model(rows))


def test_sequential_with_batch_input_shape(tmp_path):
    model = Sequential([Input((3,)), layers.Dense(2, name="a"), layers.BatchNormalization(name="n")])
    save_model(model, tmp_path / "m.h5")
    normal = {"name": "n", "trainable": True, "dtype": "float32", "axis": [1], "momentum": 0.99, "epsilon": 0.001}
    config = {
        "class_name": "Sequential",
        "config": {
            "name": "m",
            "layers": [
                {
                    "class_name": "InputLayer",
                    "config": {"batch_input_shape": [None, 3], "dtype": "float32", "name": "x"},
                },
                {key: value for key, value in dense("a", 2, []).items() if key in ("class_name", "config")},
                {"class_name": "BatchNormalization", "config": normal},
            ],
        },
    }
    as_keras_2(tmp_path / "m.h5", config)
    again = load_model(tmp_path / "m.h5", compile=False)
    models.assert_same(models.values(again.variables), models.values(model.variables))


def test_weights_without_a_model(tmp_path):
    """`save_weights("w.h5")` of Keras 2 puts the lists into the root."""
    model = models.small()
    save_model(model, tmp_path / "m.h5")
    with h5py.File(tmp_path / "m.h5") as whole, h5py.File(tmp_path / "w.h5", "w") as file:
        for name in whole["model_weights"]:
            whole.copy(f"model_weights/{name}", file, name)
        for name, value in whole["model_weights"].attrs.items():
            file.attrs[name] = value
        file.visititems(lambda _, item: item.attrs.pop("ranvier_crc32", None) and None)
    other = models.small()
    load_weights(other, tmp_path / "w.h5")
    models.assert_same(models.values(other.variables), models.values(model.variables))


def test_what_is_off_is_left_out():
    form = {"class_name": "LayerNormalization", "config": {"rms_scaling": False, "epsilon": 0.1}}
    assert modernized(form)["config"] == {"epsilon": 0.1}
    form["config"]["rms_scaling"] = True
    assert modernized(form) == form
