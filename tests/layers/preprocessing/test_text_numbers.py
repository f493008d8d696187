"""Outputs, vocabularies and configurations of the layers of text and categories equal Keras's."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import jax
import numpy as np
import pytest

from ranvier import layers, models
from tests.layers.text_cases import CASES, INTEGER_LOOKUP, ON_HOST, TextCase

ORACLE = pathlib.Path(__file__).parents[2] / "oracle"
RECORDED = json.loads((ORACLE / "text.json").read_text())
by_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)


def as_recorded(output: Any, case: TextCase) -> None:
    expected = RECORDED["cases"][case.id]
    assert str(output.dtype) == expected["dtype"]
    assert output.shape == np.shape(expected["output"])
    np.testing.assert_allclose(output, expected["output"], rtol=1e-6)


@by_case
def test_as_keras(case: TextCase) -> None:
    layer = case.make(layers)
    as_recorded(layer(case.arrays()), case)
    expected = RECORDED["cases"][case.id]
    if "vocabulary" in expected:
        assert layer.get_vocabulary() == expected["vocabulary"]
        assert layer.vocabulary_size() == len(expected["vocabulary"])
    config = json.loads(json.dumps(layer.get_config()))
    assert config.pop("name") == layer.name
    learned, wanted = config.pop("bin_boundaries", None), {**expected["config"]}
    np.testing.assert_allclose(learned or [], wanted.pop("bin_boundaries", None) or [], rtol=1e-6)
    assert config == wanted


@by_case
def test_configuration_and_files_make_an_equal_layer(case: TextCase, tmp_path: pathlib.Path) -> None:
    layer = case.make(layers)
    twin = type(layer).from_config(json.loads(json.dumps(layer.get_config())))
    assert twin.get_config() == layer.get_config()
    if hasattr(layer, "save_assets"):
        store: dict[str, Any] = {}
        layer.save_assets(tmp_path)
        layer.save_own_variables(store)
        twin.load_assets(tmp_path)
        twin.load_own_variables(store)
    as_recorded(twin(case.arrays()), case)


NUMERIC = [case for case in CASES if np.asarray(case.arrays()).dtype.kind in "if"]


@pytest.mark.parametrize("case", NUMERIC, ids=lambda case: case.id)
def test_numbers_are_handled_inside_a_compiled_program(case: TextCase) -> None:
    layer = case.make(layers)
    x = [np.asarray(a, np.int32) for a in case.arrays()] if isinstance(case.arrays(), list) else case.arrays()
    x = jax.tree_util.tree_map(lambda a: a.astype(np.int32) if a.dtype.kind == "i" else a.astype(np.float32), x)
    as_recorded(jax.jit(lambda x: layer(x))(x), case)


@pytest.mark.parametrize("case", [c for c in CASES if np.ndim(c.inputs) > 0], ids=lambda case: case.id)
def test_shapes_are_known_before_there_are_values(case: TextCase) -> None:
    arrays = case.arrays()
    several = isinstance(arrays, list)
    symbols = [
        layers.Input(batch_shape=(None, *a.shape[1:]), dtype="string" if a.dtype.kind == "U" else "int32")
        for a in (arrays if several else [arrays])
    ]
    layer = case.make(layers)
    symbol, value = layer(symbols if several else symbols[0]), layer(arrays)
    assert symbol.dtype == str(value.dtype)
    if symbol.ndim == value.ndim:
        assert all(known in (None, size) for known, size in zip(symbol.shape, value.shape, strict=True))


def test_a_file_of_keras_gives_its_vocabularies() -> None:
    expected = RECORDED["file"]
    model = models.load_model(ORACLE / "files/text.keras")
    found = model.predict(np.array(expected["inputs"])[:, None])
    for output, wanted in zip(found, expected["outputs"], strict=True):
        np.testing.assert_allclose(output, wanted, rtol=1e-6)


def test_every_case_is_recorded_and_every_layer_has_one() -> None:
    assert set(RECORDED["cases"]) == {case.id for case in CASES}
    assert {case.layer for case in ON_HOST} == {"StringLookup", "TextVectorization", "Hashing", "HashedCrossing"}
    assert {case.layer for case in INTEGER_LOOKUP} == {"IntegerLookup"}
