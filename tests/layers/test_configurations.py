"""`get_config()` of every layer is what Keras's is, key by key and value by value."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest

from ranvier import layers
from tests.layers.cases import CASES, Case

RECORDED = json.loads((pathlib.Path(__file__).parents[1] / "oracle/layer_configs.json").read_text())["layers"]
FIRST = {case.layer: case for case in reversed(CASES) if case.layer in RECORDED}
LEFT_OUT = {"name", "dtype", "build_config", "quantization_config"}
"""Numbered, the same for all, given for wrapped layers too, and integer weights, which there are none of."""
MORE = {"SimpleRNN": {"seed": None}}
"""What Keras's class takes but forgets in its configuration."""


def compared(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: compared(item) for key, item in value.items() if key not in LEFT_OUT}
    return [compared(item) for item in value] if isinstance(value, (list, tuple)) else value


@pytest.mark.parametrize("case", FIRST.values(), ids=FIRST)
def test_as_keras(case: Case) -> None:
    config = json.loads(json.dumps(case.make(layers).get_config()))
    assert compared(config) == {**compared(RECORDED[case.layer]), **MORE.get(case.layer, {})}


def test_every_layer_is_recorded() -> None:
    assert {case.layer for case in CASES if not case.code} <= set(RECORDED)


def test_a_penalty_of_the_outputs_is_written_where_there_is_one() -> None:
    penalty = layers.Dense(1, activity_regularizer="l2").get_config()["activity_regularizer"]
    assert penalty["class_name"] == "L2"
    assert layers.Embedding(2, 1, activity_regularizer=None).get_config()["activity_regularizer"] is None
    assert "activity_regularizer" not in layers.Dense(1).get_config()


def test_axes_of_normalization_are_a_tuple() -> None:
    assert [layers.Normalization(axis).get_config()["axis"] for axis in (-1, [1, 2], None)] == [(-1,), (1, 2), ()]
    assert layers.Normalization.from_config({"axis": []}).axis == ()
