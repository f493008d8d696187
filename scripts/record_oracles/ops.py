"""Records what Keras 3 (JAX backend) answers to the calls listed in tests/ops/cases.py, and the types of its results.

Run with a Python that has Keras and JAX: `python scripts/record_oracles/ops.py`.
Writes tests/oracle/ops.npz (numbers) and tests/oracle/ops.json (types, versions).
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

from tests.ops.cases import ARRAYS, CASES, NUMBERS, TYPED_BINARY, TYPED_UNARY, TYPES

ROOT = pathlib.Path(__file__).parents[2]


def filled(value: Any) -> Any:
    """Return an argument with the arrays that it names."""
    if isinstance(value, dict):
        return ARRAYS[value["array"]]
    return [filled(item) for item in value] if isinstance(value, list) else value


def kind(function: Any, *arguments: Any) -> str:
    """Return the type of a result, or the word error."""
    try:
        return str(keras.backend.standardize_dtype(function(*arguments).dtype))
    except Exception:
        return "error"


def typed(dtype: str) -> Any:
    return keras.ops.ones((2, 2), dtype)


def main() -> None:
    numbers = {}
    for index, (name, arguments, keywords) in enumerate(CASES):
        keywords = {key: filled(value) for key, value in keywords.items()}
        result = getattr(keras.ops, name)(*[filled(value) for value in arguments], **keywords)
        for part, leaf in enumerate(jax.tree_util.tree_leaves(result)):
            numbers[f"{index}/{part}"] = np.asarray(leaf)
    np.savez_compressed(ROOT / "tests/oracle/ops.npz", **numbers)

    ops = keras.ops
    types: dict[str, Any] = {"unary": {}, "binary": {}, "number": {}}
    for name in TYPED_UNARY:
        types["unary"][name] = {t: kind(getattr(ops, name), typed(t)) for t in TYPES}
    for name in TYPED_BINARY:
        function = getattr(ops, name)
        types["binary"][name] = {f"{s},{t}": kind(function, typed(s), typed(t)) for s in TYPES for t in TYPES}
        types["number"][name] = {
            f"{t},{label}": kind(function, typed(t), value) for t in TYPES for label, value in NUMBERS.items()
        }
    versions = {"keras": keras.__version__, "jax": jax.__version__, "numpy": np.__version__}
    document = json.dumps({"versions": versions, "types": types}, indent=0, sort_keys=True)
    (ROOT / "tests/oracle/ops.json").write_text(document + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
