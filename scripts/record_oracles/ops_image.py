"""Records values and gradients of `ops.image` from Keras 3 (JAX backend).

Run with a Python that has Keras and JAX: `python scripts/record_oracles/ops_image.py`.
Writes tests/oracle/ops_image.npz; the gradients are those of `sum(probe * result)` by each float array.
"""

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

from tests.ops.image_cases import ARRAYS, CASES, positions, probe

ROOT = pathlib.Path(__file__).parents[2]


def answers(name: str, arrays: list[str], keywords: dict[str, Any]) -> dict[str, Any]:
    function = getattr(keras.ops.image, name)
    given = [jax.numpy.asarray(ARRAYS[array]) for array in arrays]
    by = positions(name, arrays)

    def objective(*values: Any) -> Any:
        y = function(*values, **keywords)
        return (y * probe(y.shape)).sum(), y

    if not by:
        return {"output": function(*given, **keywords)}
    slope = jax.grad(objective, by, has_aux=True)
    gradients, y = (slope if name == "elastic_transform" else jax.jit(slope))(*given)
    return {"output": y} | {f"gradient/{i}": gradient for i, gradient in zip(by, gradients, strict=True)}


def main() -> None:
    numbers: dict[str, np.ndarray] = {}
    for index, case in enumerate(CASES):
        found = answers(*case)
        numbers |= {f"{index}/{key}": np.asarray(value) for key, value in found.items()}
    numbers["versions"] = np.array(json.dumps({"keras": keras.__version__, "jax": jax.__version__}))
    np.savez_compressed(ROOT / "tests/oracle/ops_image.npz", **numbers)


if __name__ == "__main__":
    main()
