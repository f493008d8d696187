"""Layers that move pixels draw what Keras draws, and make of data what Keras makes of it."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from ranvier import layers, models
from tests.layers.augmentation_geometry_cases import CASES, DRAW_SEED, MovingCase

ORACLE = pathlib.Path(__file__).parents[2] / "oracle"
ARRAYS = np.load(ORACLE / "augmentation_geometry.npz")
RECORDED = json.loads((ORACLE / "augmentation_geometry.json").read_text())
FIRST = {case.layer: case for case in reversed(CASES)}
by_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
SLOW = ("RandomElasticTransform", "RandomPerspective")
"""Layers of many operations: each of them is compiled for itself where no program is around."""


def marks(case: MovingCase) -> Any:
    return () if FIRST[case.layer] is case and case.layer not in SLOW else pytest.mark.slow


by_case_some_slow = pytest.mark.parametrize(
    "case", [pytest.param(case, id=case.id, marks=marks(case)) for case in CASES]
)


def recorded(case: MovingCase, kind: str) -> dict[str, Any]:
    start = f"{case.id}|{kind}/"
    return {name.removeprefix(start): ARRAYS[name] for name in ARRAYS.files if name.startswith(start)}


def drawn_by_keras(case: MovingCase) -> Any:
    """What Keras drew, in its own form: a dict, or a pair."""
    known = RECORDED["cases"][case.id]
    plain = {k: tuple(v) if isinstance(v, list) else v for k, v in known["drawn"].items()}
    found = {**plain, **{name: jnp.asarray(value) for name, value in recorded(case, "drawn").items()}}
    return tuple(found[key] for key in sorted(found)) if known["is_tuple"] else found or None


def flat(tree: Any, place: str = "") -> dict[str, Any]:
    if isinstance(tree, dict):
        return {k: v for name, value in tree.items() for k, v in flat(value, f"{place}/{name}".strip("/")).items()}
    return {place: np.asarray(tree)}


@by_case_some_slow
def test_the_same_draw_gives_what_it_gives_in_keras(case: MovingCase, monkeypatch: pytest.MonkeyPatch) -> None:
    layer, drawn = case.make(layers), drawn_by_keras(case)
    monkeypatch.setattr(layer, "get_random_transformation", lambda data, training=True, seed=None: drawn)
    found, expected = flat(layer(case.data(), training=True)), recorded(case, "out")
    assert set(found) == set(expected)
    for name, value in found.items():
        assert value.dtype == expected[name].dtype or name == "segmentation_masks", name
        np.testing.assert_allclose(value, expected[name], rtol=1e-4, atol=4e-3 if "images" in name else 1e-4)


@by_case_some_slow
def test_draws_outside_of_a_program_are_those_of_keras(case: MovingCase) -> None:
    seed = DRAW_SEED if case.seeded == "call" else None
    drawn = case.make(layers).get_random_transformation(case.data(), seed=seed)
    named = dict(enumerate(drawn)) if isinstance(drawn, tuple) else drawn or {}
    for name, expected in recorded(case, "drawn").items():
        found = named[int(name)] if name.isdigit() else named[name]
        np.testing.assert_allclose(np.asarray(found), expected, rtol=1e-5, atol=1e-5, err_msg=name)


@by_case
def test_configuration_is_that_of_keras(case: MovingCase) -> None:
    layer = case.make(layers)
    config = json.loads(json.dumps(layer.get_config()))
    assert config.pop("name") == layer.name
    assert (config == RECORDED["cases"][case.id]["config"]) is case.config
    # What Keras wrote makes the same layer, also where Keras itself could not read it.
    twin = type(layer).from_config(RECORDED["cases"][case.id]["config"])
    theirs = {**json.loads(json.dumps(twin.get_config())), "fill_value": config.get("fill_value")}
    assert {**config, "fill_value": config.get("fill_value")} == {k: v for k, v in theirs.items() if k != "name"}


def test_a_model_of_keras_with_augmentation_is_read_and_predicts_the_same() -> None:
    model = models.load_model(ORACLE / "files" / "augmentation.keras")
    x = np.random.default_rng(0).uniform(0, 255, (2, 6, 6, 1)).astype("float32")
    np.testing.assert_allclose(model(x, training=False), RECORDED["file"]["outputs"], rtol=1e-4)
    assert (model.layers[0].mode, model.layers[1].factor) == ("horizontal", (-0.1, 0.1))
