"""Records what whole programs do on Keras 3 (JAX backend): histories, weights, evaluations, predictions, hooks.

Run with a Python that has Keras and JAX: `python scripts/record_oracles/fit.py`.
The programs are tests/oracle/fit/*.py; writes tests/oracle/fit/recorded.json and recorded.npz.
"""

import json
import os
import pathlib
import platform
import sys
from typing import Any

os.environ["KERAS_BACKEND"] = "jax"
sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

import jax
import keras
import numpy as np

from tests.oracle.fit import looping, measuring, optimizing


def plain(value: Any, numbers: list[np.ndarray]) -> Any:
    """Return a nest as JSON; an array becomes its dtype and shape, its numbers are collected."""
    if isinstance(value, dict):
        return {str(key): plain(item, numbers) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, numbers) for item in value]
    if isinstance(value, (str, bool, int)) or value is None:
        return value
    array = np.asarray(value)
    if array.ndim == 0:
        return array.item()
    numbers.append(array.astype("float32").ravel())
    return {"array": [array.dtype.name, *array.shape]}


def main() -> None:
    """Run and record every program."""
    numbers: list[np.ndarray] = []
    programs = optimizing.PROGRAMS | measuring.PROGRAMS | looping.PROGRAMS
    recorded = {}
    for name, program in programs.items():
        keras.utils.clear_session()
        recorded[name] = plain(program(keras), numbers)
    versions = {"keras": keras.__version__, "jax": jax.__version__, "python": platform.python_version()}
    folder = pathlib.Path(__file__).parents[2] / "tests" / "oracle" / "fit"
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(item)}" for name, item in recorded.items())
    (folder / "recorded.json").write_text(f'{{"versions": {json.dumps(versions)},\n"programs": {{\n{lines}\n}}}}\n')
    np.savez_compressed(folder / "recorded.npz", numbers=np.concatenate(numbers))


if __name__ == "__main__":
    main()
