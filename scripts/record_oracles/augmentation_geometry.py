"""Records what layers that move pixels draw, and what they make of data with it, from Keras 3 (JAX backend).

Run with a Python that has Keras and JAX: `python scripts/record_oracles/augmentation_geometry.py`.
Writes tests/oracle/augmentation_geometry.npz (drawn arrays and results), augmentation_geometry.json (the rest of the
draws, and configurations), and tests/oracle/files/augmentation.keras: a model with such layers.
"""

import json
import os
import pathlib
import sys
from typing import Any

os.environ["KERAS_BACKEND"] = "jax"
sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

import keras
import numpy as np

from tests.layers.augmentation_geometry_cases import CASES, DRAW_SEED, MovingCase

ORACLE = pathlib.Path(__file__).parents[2] / "tests/oracle"


def flat(tree: Any, place: str) -> dict[str, Any]:
    """Return the leaves of nested dicts and pairs by their paths."""
    if isinstance(tree, dict):
        return {k: v for name, value in tree.items() for k, v in flat(value, f"{place}/{name}").items()}
    return {place: tree}


def record(case: MovingCase) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the arrays and the plain data of one row."""
    layer = case.make(keras.layers)
    found = {"config": {k: v for k, v in layer.get_config().items() if k != "name"}}
    drawn = layer.get_random_transformation(case.data(), seed=DRAW_SEED if case.seeded == "call" else None)
    named = dict(enumerate(drawn)) if isinstance(drawn, tuple) else drawn or {}
    plain = {str(k): v for k, v in named.items() if isinstance(v, (int, tuple))}
    arrays = {f"{case.id}|drawn/{k}": np.asarray(v) for k, v in named.items() if not isinstance(v, (int, tuple))}
    layer.get_random_transformation = lambda data, training=True, seed=None: drawn
    outputs = layer(case.data(), training=True)
    arrays |= {key: np.asarray(value) for key, value in flat(outputs, f"{case.id}|out").items()}
    return arrays, {**found, "drawn": plain, "is_tuple": isinstance(drawn, tuple)}


def model_file() -> dict[str, Any]:
    """Save a model with augmentation inside, and return what it makes of some pictures."""
    keras.utils.set_random_seed(1)
    layers = keras.layers
    moving = [
        layers.RandomFlip("horizontal", seed=1),
        layers.RandomRotation(0.1, seed=2),
        layers.RandomTranslation(0.1, 0.2),
        layers.RandomZoom(0.1),
        layers.RandomPerspective(0.5, 0.3),
        layers.RandomElasticTransform(0.5),
    ]
    head = [layers.CenterCrop(4, 4), layers.Resizing(3, 3), layers.Flatten(), layers.Dense(2)]
    model = keras.Sequential([keras.Input((6, 6, 1)), *moving, *head])
    model.save(ORACLE / "files/augmentation.keras")
    x = np.random.default_rng(0).uniform(0, 255, (2, 6, 6, 1)).astype("float32")
    return {"outputs": model.predict(x, verbose=0).tolist()}


def main() -> None:
    arrays: dict[str, Any] = {}
    found: dict[str, Any] = {"versions": {"keras": keras.__version__}, "file": model_file(), "cases": {}}
    for case in CASES:
        more, found["cases"][case.id] = record(case)
        arrays |= more
    np.savez_compressed(ORACLE / "augmentation_geometry.npz", **arrays)
    (ORACLE / "augmentation_geometry.json").write_text(json.dumps(found, ensure_ascii=False, indent=0) + "\n")


if __name__ == "__main__":
    main()
