"""Records values and gradients of `utils.bounding_boxes` from Keras 3 (JAX backend).

Run with a Python that has Keras and JAX: `python scripts/record_oracles/bounding_boxes.py`.
Writes tests/oracle/bounding_boxes.npz.
"""

import copy
import json
import os
import pathlib
import sys
from typing import Any

os.environ["KERAS_BACKEND"] = "jax"
os.environ.setdefault("JAX_PLATFORMS", "cpu")
sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

import jax
import keras
import numpy as np

from tests.utils.box_cases import ARRAYS, CASES, SLOPES, probe

ROOT = pathlib.Path(__file__).parents[2]


def answers(name: str, arrays: list[str], keywords: dict[str, Any]) -> dict[str, Any]:
    function = getattr(keras.utils.bounding_boxes, name)
    # Keras changes a dict of boxes in place.
    given = jax.tree.map(jax.numpy.asarray, [copy.deepcopy(ARRAYS[array]) for array in arrays])
    found = function(*given, **keywords)
    if isinstance(found, dict):
        return found
    if name not in SLOPES:
        return {"output": found}
    slope = jax.grad(lambda second: (function(given[0], second, **keywords) * probe(found.shape)).sum())
    return {"output": found, "gradient": slope(given[1])}


def main() -> None:
    numbers: dict[str, np.ndarray] = {}
    for index, case in enumerate(CASES):
        numbers |= {f"{index}/{key}": np.asarray(value) for key, value in answers(*case).items()}
    numbers["versions"] = np.array(json.dumps({"keras": keras.__version__, "jax": jax.__version__}))
    np.savez_compressed(ROOT / "tests/oracle/bounding_boxes.npz", **numbers)


if __name__ == "__main__":
    main()
