"""Records values and gradients of cross-entropies and normalizations from Keras 3 (JAX backend).

Run with a Python that has Keras and JAX: `python scripts/record_oracles/ops_nn.py`.
Writes tests/oracle/ops_nn.npz; the gradients are those of the sum of all results, squared.
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

from tests.ops.nn_cases import CASES

ROOT = pathlib.Path(__file__).parents[2]


def main() -> None:
    numbers: dict[str, np.ndarray] = {}
    for index, (name, arguments, keywords, position) in enumerate(CASES):
        function = getattr(keras.ops, name)
        for part, leaf in enumerate(jax.tree_util.tree_leaves(function(*arguments, **keywords))):
            numbers[f"{index}/{part}"] = np.asarray(leaf)
        if position < 0:
            continue

        def objective(x: Any, function: Any = function, case: Any = (arguments, keywords, position)) -> Any:
            filled = [x if i == case[2] else argument for i, argument in enumerate(case[0])]
            return sum((leaf**2).sum() for leaf in jax.tree_util.tree_leaves(function(*filled, **case[1])))

        numbers[f"{index}/gradient"] = np.asarray(jax.grad(objective)(jax.numpy.asarray(arguments[position])))
    numbers["versions"] = np.array(json.dumps({"keras": keras.__version__, "jax": jax.__version__}))
    np.savez_compressed(ROOT / "tests/oracle/ops_nn.npz", **numbers)


if __name__ == "__main__":
    main()
