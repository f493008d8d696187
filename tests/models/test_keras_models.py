"""Models have Keras's structure, order of weights and numbers, and are read from Keras's configurations."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import numpy as np
import pytest

import ranvier
from ranvier.models import Functional, model_from_json
from tests.models.builders import MODELS, called, fed, random_order

ORACLE = pathlib.Path(__file__).parents[1] / "oracle"
RECORDED = json.loads((ORACLE / "models.json").read_text(encoding="utf-8"))
OUTPUTS = np.load(ORACLE / "models.npz")


def check(name: str, model: Any) -> None:
    expected = RECORDED["models"][name]
    assert [list(w.shape) for w in model.get_weights()] == expected["weights"]
    for number, y in enumerate(called(model, fed(model))):
        recorded = OUTPUTS[f"{name}/{number}"]
        np.testing.assert_allclose(y, recorded, rtol=2e-5, atol=1e-5 * float(np.abs(recorded).max()))


@pytest.mark.parametrize("name", MODELS)
def test_a_model_built_here_has_keras_numbers(name: str) -> None:
    check(name, MODELS[name](ranvier))


@pytest.mark.parametrize("name", MODELS)
def test_a_model_read_from_keras_has_its_numbers(name: str) -> None:
    model = model_from_json(json.dumps(RECORDED["models"][name]["json"]))
    assert [layer.name for layer in model.layers] == RECORDED["models"][name]["layers"]
    check(name, model)


@pytest.mark.parametrize("name", MODELS)
def test_what_is_written_is_what_keras_writes(name: str) -> None:
    model = model_from_json(json.dumps(RECORDED["models"][name]["json"]))
    written, expected = json.loads(model.to_json()), RECORDED["models"][name]["json"]
    assert (written["module"], written["class_name"]) == (expected["module"], expected["class_name"])
    for part in ("input_layers", "output_layers", "build_input_shape"):
        assert written["config"].get(part) == expected["config"].get(part)
    for ours, theirs in zip(written["config"]["layers"], expected["config"]["layers"], strict=True):
        assert {k: ours[k] for k in ("module", "class_name", "registered_name")} == {
            k: theirs[k] for k in ("module", "class_name", "registered_name")
        }
        for one, other in zip(ours.get("inbound_nodes", []), theirs.get("inbound_nodes", []), strict=True):
            assert one["args"] == other["args"] or "__numpy__" in json.dumps(one)


@pytest.mark.parametrize("name", MODELS)
def test_json_round_trip_keeps_everything(name: str) -> None:
    model = MODELS[name](ranvier)
    text = model.to_json()
    assert json.loads(model_from_json(text).to_json()) == json.loads(text)


def test_layers_stand_in_keras_order() -> None:
    for seed, expected in enumerate(RECORDED["orders"]):
        assert random_order(ranvier, seed) == expected


def test_keras_2_configurations_are_read() -> None:
    entry = {"class_name": "InputLayer", "config": {"batch_input_shape": [None, 3], "dtype": "float32", "name": "x"}}
    dense = {"class_name": "Dense", "config": {"name": "d", "units": 2, "activation": "relu"}}
    add = {"class_name": "Add", "config": {"name": "add"}}
    config = {
        "name": "old",
        "layers": [
            {**entry, "name": "x", "inbound_nodes": []},
            {**dense, "name": "d", "inbound_nodes": [[["x", 0, 0, {}]]]},
            {**add, "name": "add", "inbound_nodes": [[["d", 0, 0, {}], ["d", 0, 0, {}]]]},
        ],
        "input_layers": [["x", 0, 0]],
        "output_layers": [["add", 0, 0]],
    }
    model = Functional.from_config(config)
    model.set_weights([np.ones((3, 2)), np.zeros(2)])
    np.testing.assert_array_equal(model(np.ones((1, 3))), [[6.0, 6.0]])
