"""Layers that recolour, mix or erase draw what Keras draws, and make of data what Keras makes of it."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ranvier import layers, models
from ranvier.state.symbolic import KerasTensor
from tests.layers.augmentation_colour_cases import CASES, CHAINS, EVERY, FIRST, POLICY, ColourCase

ORACLE = pathlib.Path(__file__).parents[2] / "oracle"
ARRAYS = np.load(ORACLE / "augmentation_colour.npz")
RECORDED = json.loads((ORACLE / "augmentation_colour.json").read_text())


def rows(cases: list[ColourCase]) -> Any:
    """The cases; those that are not the first of their layer are slow."""
    marks = {case.id: () if FIRST[case.layer] is case else pytest.mark.slow for case in cases}
    return pytest.mark.parametrize("case", [pytest.param(case, id=case.id, marks=marks[case.id]) for case in cases])


def recorded(start: str) -> dict[str, Any]:
    """The recorded arrays whose names begin so."""
    return {name.removeprefix(start).strip("/"): ARRAYS[name] for name in ARRAYS.files if name.startswith(start)}


def nested(flat: dict[str, Any]) -> Any:
    """Arrays by paths as nested dicts; an array alone for an empty path, None for nothing."""
    if set(flat) == {""}:
        return jnp.asarray(flat[""])
    found: dict[str, Any] = {}
    for path, value in flat.items():
        inner = found
        *places, last = path.split("/")
        for place in places:
            inner = inner.setdefault(place, {})
        inner[last] = jnp.asarray(value)
    return found or None


def flattened(tree: Any, place: str = "") -> dict[str, Any]:
    if isinstance(tree, dict):
        return {k: v for name, value in tree.items() for k, v in flattened(value, f"{place}/{name}".strip("/")).items()}
    return {} if tree is None or isinstance(tree, (int, tuple)) else {place: np.asarray(tree)}


def assert_recorded(found: Any, expected: dict[str, Any], high: float) -> None:
    named = flattened(found)
    assert set(named) == set(expected)
    for name, value in named.items():
        np.testing.assert_allclose(value, expected[name], rtol=2e-5, atol=2e-5 * high, err_msg=name)
        assert value.dtype == expected[name].dtype or name == "segmentation_masks"


@rows(CASES)
def test_the_same_draw_gives_what_it_gives_in_keras(case: ColourCase, monkeypatch: pytest.MonkeyPatch) -> None:
    layer, drawn = case.make(layers), nested(recorded(f"{case.id}|drawn"))
    monkeypatch.setattr(layer, "get_random_transformation", lambda data, training=True, seed=None: drawn)
    found = jax.jit(lambda data: layer(data, training=True))(case.data())
    assert_recorded(found, recorded(f"{case.id}|out"), case.arguments.get("value_range", (0, 255))[1])


DRAWING = [case for case in CASES if recorded(f"{case.id}|drawn") and case.layer != "RandomColorJitter"]


@pytest.mark.slow
@pytest.mark.parametrize("case", DRAWING, ids=lambda case: case.id)
def test_draws_outside_of_a_program_are_those_of_keras(case: ColourCase) -> None:
    found = flattened(case.make(layers).get_random_transformation(case.data()))
    expected = recorded(f"{case.id}|drawn")
    assert set(found) == set(expected)
    for name, value in expected.items():
        own = found[name]
        if name not in case.draws and own.size == value.size:
            np.testing.assert_allclose(own.reshape(value.shape), value, rtol=1e-5, atol=1e-5, err_msg=name)
        elif name not in case.draws:
            # One channel, or one number, stands for what Keras repeats.
            whole = value if value.ndim == own.ndim else value[None]
            np.testing.assert_allclose(np.broadcast_to(own, whole.shape), whole, err_msg=name)


@pytest.mark.slow
def test_randaugment_draws_and_applies_what_keras_does() -> None:
    layer = POLICY.make(layers)
    drawn = layer.get_random_transformation(POLICY.data())
    np.testing.assert_array_equal(drawn["layer_idxes"], ARRAYS["policy|layer_idxes"])
    for name, value in recorded("policy|drawn/").items():
        own = flattened(drawn["transforms"])[name]
        np.testing.assert_allclose(own.reshape(value.shape), value, rtol=1e-5, atol=1e-5, err_msg=name)

    data = POLICY.data()
    images, masks = jnp.asarray(data["images"]), jnp.asarray(data["segmentation_masks"])

    @jax.jit
    def applied(index: Any) -> Any:
        way = {**drawn, "layer_idxes": index[None]}
        return (
            layer.transform_images(images, way),
            layer.transform_segmentation_masks(masks, way),
            layer.transform_bounding_boxes(data["bounding_boxes"], way)["boxes"],
        )

    for index, name in enumerate(drawn["transforms"]):
        expected, found = recorded(f"policy|out{index}"), applied(jnp.asarray(index))
        for key, value in zip(("images", "segmentation_masks"), found, strict=False):
            np.testing.assert_allclose(value, expected[key], rtol=1e-4, atol=5e-3, err_msg=f"{name} {key}")
        alone = getattr(layer, name).transform_bounding_boxes(data["bounding_boxes"], drawn["transforms"][name])
        np.testing.assert_allclose(found[2], alone["boxes"], rtol=1e-5, atol=1e-5, err_msg=name)


@pytest.mark.slow
def test_augmix_mixes_what_keras_mixes() -> None:
    layer, names = CHAINS.make(layers), RECORDED["chains"]
    drawn = layer.get_random_transformation(CHAINS.data())
    operations = np.full((2, 4), len(layer._names))
    transforms = jax.tree_util.tree_map(
        lambda a: np.array(a) if isinstance(a, jax.Array) else a, drawn["chain_transforms"]
    )
    for i, chain in enumerate(names):
        for j, name in enumerate(chain):
            operations[i, j] = layer._names.index(name)
            for key, value in recorded(f"chains|drawn{i}{j}/").items():
                transforms[name][key][i, j] = value.reshape(transforms[name][key][i, j].shape)
    weights = {name: jnp.asarray(ARRAYS[f"chains|{name}"]) for name in ("chain_mixing_weights", "weight_sample")}
    arrays = jax.tree_util.tree_map(lambda a: jnp.asarray(a) if isinstance(a, np.ndarray) else a, transforms)
    way = {**weights, "chain_ops": jnp.asarray(operations), "chain_transforms": arrays}
    data = CHAINS.data()
    images = jax.jit(lambda images: layer.transform_images(images, way))(data["images"])
    np.testing.assert_allclose(images, ARRAYS["chains|out/images"], rtol=1e-4, atol=5e-3)
    masks = jax.jit(lambda masks: layer.transform_segmentation_masks(masks, way))(data["segmentation_masks"])
    np.testing.assert_allclose(masks, ARRAYS["chains|out/segmentation_masks"], rtol=1e-4, atol=1e-5)
    assert sum(map(len, names)) == 5


@pytest.mark.parametrize("case", EVERY, ids=lambda case: case.id)
def test_configuration_is_that_of_keras(case: ColourCase) -> None:
    layer, theirs = case.make(layers), RECORDED["config"][case.id]
    config = json.loads(json.dumps(layer.get_config()))
    assert config.pop("name") == layer.name
    assert {name: value for name, value in config.items() if name not in case.config} == theirs
    # What Keras wrote makes the same layer.
    twin = json.loads(json.dumps(type(layer).from_config(theirs).get_config()))
    assert {name: twin[name] for name in theirs} == theirs
    assert layers.serialize(layer)["module"] == "keras.layers"


@pytest.mark.slow
def test_a_model_of_keras_is_read_and_predicts_the_same() -> None:
    model = models.load_model(ORACLE / "files" / "augmentation_colour.keras")
    x = np.random.default_rng(0).uniform(0, 255, (2, 6, 6, 3)).astype("float32")
    np.testing.assert_allclose(model.predict(x, verbose=0), RECORDED["file"]["outputs"], rtol=1e-4)


@pytest.mark.parametrize("case", FIRST.values(), ids=lambda case: case.layer)
def test_shapes_and_types_are_known_before_there_are_values(case: ColourCase) -> None:
    shape = (None, 6, 5, 3) if case.arguments.get("data_format") != "channels_first" else (None, 3, 6, 5)
    for dtype in ("uint8",) if case in (POLICY, CHAINS) else ("float32", "uint8"):
        symbol = case.make(layers, dtype="mixed_float16")(KerasTensor(shape, dtype))
        keeps = case.layer in ("ContrastLimitedAdaptiveHistogramEqualization", "RandomGrayscale") and dtype == "uint8"
        assert (symbol.shape, symbol.dtype) == (shape, "uint8" if keeps else "float16")


def test_every_layer_has_a_row_that_is_recorded() -> None:
    assert set(RECORDED["config"]) == {case.id for case in EVERY}
    assert set(FIRST) < set(layers.TABLE) and len(FIRST) == 20
