"""Records seeded draws, regularizers' penalties and constraints' projections from Keras 3 (JAX backend).

Run with a Python that has Keras and JAX: `python scripts/record_oracles/initializers.py`.
Writes tests/oracle/initializers.npz.
"""

import json
import os
import pathlib
import sys
from typing import Any

os.environ["KERAS_BACKEND"] = "jax"
sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

import jax
import keras
import numpy as np

from tests.constraints.cases import CONSTRAINTS
from tests.initializers.cases import INITIALIZERS
from tests.random.cases import DRAWS
from tests.regularizers.cases import REGULARIZERS

ROOT = pathlib.Path(__file__).parents[2]


def main() -> None:
    numbers: dict[str, Any] = {}
    for index, (name, keywords, shape, dtype) in enumerate(INITIALIZERS):
        values = getattr(keras.initializers, name)(**keywords)(shape, dtype=dtype)
        numbers[f"initializers/{index}"] = np.asarray(values, "float32")
    for index, (name, arguments, keywords) in enumerate(DRAWS):
        numbers[f"random/{index}"] = np.asarray(getattr(keras.random, name)(*arguments, **keywords))
    stream = keras.random.SeedGenerator(5)
    numbers["random/stream"] = np.stack([np.asarray(keras.random.normal((3,), seed=stream)) for _ in range(3)])
    for index, (name, keywords, weights) in enumerate(REGULARIZERS):
        penalty = getattr(keras.regularizers, name)(**keywords)
        numbers[f"regularizers/{index}/value"] = np.asarray(penalty(jax.numpy.asarray(weights)))
        numbers[f"regularizers/{index}/gradient"] = np.asarray(jax.grad(penalty)(jax.numpy.asarray(weights)))
    for index, (name, keywords, weights) in enumerate(CONSTRAINTS):
        numbers[f"constraints/{index}"] = np.asarray(getattr(keras.constraints, name)(**keywords)(weights))
    numbers["versions"] = np.array(json.dumps({"keras": keras.__version__, "jax": jax.__version__}))
    np.savez_compressed(ROOT / "tests/oracle/initializers.npz", **numbers)


if __name__ == "__main__":
    main()
