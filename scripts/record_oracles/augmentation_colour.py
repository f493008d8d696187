"""Records what layers that recolour, mix or erase draw, and what they make of data with it, from Keras 3 (JAX backend).

Run with a Python that has Keras and JAX: `python scripts/record_oracles/augmentation_colour.py`.
Writes tests/oracle/augmentation_colour.npz (drawn arrays and results), augmentation_colour.json (configurations, and
the chains of AugMix), and tests/oracle/files/augmentation_colour.keras: a model with such layers.
"""

import json
import os
import pathlib
import random
import sys
from typing import Any

os.environ["KERAS_BACKEND"] = "jax"
sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

import keras
import numpy as np

from tests.layers.augmentation_colour_cases import CASES, CHAINS, DRAW_SEED, EVERY, POLICY, ColourCase

ORACLE = pathlib.Path(__file__).parents[2] / "tests/oracle"


def flat(tree: Any, place: str) -> dict[str, Any]:
    """Return the arrays of nested dicts and lists by their paths."""
    if isinstance(tree, dict):
        return {k: v for name, value in tree.items() for k, v in flat(value, f"{place}/{name}").items()}
    if tree is None or isinstance(tree, (int, str, tuple)):
        return {}
    return {place: np.asarray(tree)}


def jittered(layer: Any, case: ColourCase) -> tuple[Any, Any]:
    """Return the result of RandomColorJitter, and what its parts draw while it transforms."""
    drawn = {}
    for name in ("random_brightness", "random_contrast", "random_saturation", "random_hue"):
        part = getattr(layer, name)
        if part is not None:
            noted = part.get_random_transformation

            def noting(*args: Any, _noted: Any = noted, _name: str = name, **kwargs: Any) -> Any:
                drawn[_name] = _noted(*args, **kwargs)
                return drawn[_name]

            part.get_random_transformation = noting
    return layer(case.data(), training=True), drawn


def record(case: ColourCase) -> dict[str, Any]:
    """Return the arrays of one row."""
    layer = case.make(keras.layers)
    if case.layer == "RandomColorJitter":
        outputs, drawn = jittered(layer, case)
    else:
        drawn = layer.get_random_transformation(case.data())
        layer.get_random_transformation = lambda data, training=True, seed=None: drawn
        outputs = layer(case.data(), training=True)
    named = drawn if isinstance(drawn, dict) or drawn is None else {"": drawn}
    return {**flat(named, f"{case.id}|drawn"), **flat(outputs, f"{case.id}|out")}


def record_policy() -> dict[str, Any]:
    """Return the draws of RandAugment, and its result for each of its layers."""
    layer = POLICY.make(keras.layers)
    drawn = layer.get_random_transformation(POLICY.data())
    found = flat(drawn["transforms"], "policy|drawn")
    found["policy|layer_idxes"] = np.asarray(drawn["layer_idxes"])
    for index in range(len(drawn["transforms"])):
        chosen = {**drawn, "layer_idxes": np.array([index])}
        layer.get_random_transformation = lambda data, training=True, seed=None, chosen=chosen: chosen
        found |= flat(layer(POLICY.data(), training=True), f"policy|out{index}")
    return found


def record_chains() -> tuple[dict[str, Any], list[list[str]]]:
    """Return the draws and the result of AugMix, and the names of the layers of its chains."""
    random.seed(DRAW_SEED)
    layer = CHAINS.make(keras.layers)
    drawn = layer.get_random_transformation(CHAINS.data())
    found = {f"chains|{name}": np.asarray(drawn[name]) for name in ("chain_mixing_weights", "weight_sample")}
    for i, chain in enumerate(drawn["chain_transforms"]):
        for j, step in enumerate(chain):
            found |= flat(step["transformation"] or {}, f"chains|drawn{i}{j}")
    layer.get_random_transformation = lambda data, training=True, seed=None: drawn
    found |= flat(layer(CHAINS.data(), training=True), "chains|out")
    return found, [[step["layer_name"] for step in chain] for chain in drawn["chain_transforms"]]


def model_file() -> dict[str, Any]:
    """Save a model with such layers inside, and return what it makes of some pictures."""
    keras.utils.set_random_seed(1)
    layers = keras.layers
    colouring = [
        layers.ContrastLimitedAdaptiveHistogramEqualization(tile_grid_size=(2, 2)),
        layers.AutoContrast(),
        layers.RandomBrightness(0.2, seed=1),
        layers.RandomColorJitter(contrast_factor=0.1, hue_factor=0.2),
        layers.RandomErasing(fill_value=(1.0, 2.0, 3.0)),
        layers.RandomGaussianBlur(kernel_size=(3, 5)),
        layers.RandAugment(seed=2),
        layers.AugMix(num_chains=2),
        layers.MixUp(),
        layers.CutMix(),
    ]
    model = keras.Sequential([keras.Input((6, 6, 3)), *colouring, layers.Flatten(), layers.Dense(2)])
    model.save(ORACLE / "files/augmentation_colour.keras")
    x = np.random.default_rng(0).uniform(0, 255, (2, 6, 6, 3)).astype("float32")
    return {"outputs": model.predict(x, verbose=0).tolist()}


def main() -> None:
    found: dict[str, Any] = {"versions": {"keras": keras.__version__}, "file": model_file(), "config": {}}
    for case in EVERY:
        config = case.make(keras.layers).get_config()
        found["config"][case.id] = {name: value for name, value in config.items() if name != "name"}
    chains, found["chains"] = record_chains()
    arrays = {**record_policy(), **chains}
    for case in CASES:
        arrays |= record(case)
    np.savez_compressed(ORACLE / "augmentation_colour.npz", **arrays)
    (ORACLE / "augmentation_colour.json").write_text(json.dumps(found, ensure_ascii=False, indent=0) + "\n")


if __name__ == "__main__":
    main()
