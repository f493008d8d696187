"""The numbers that Keras 3 and PyTorch gave, recorded by scripts/record_oracles/optimizers.py."""

import json
import pathlib
from typing import Any

import jax.numpy as jnp
import numpy as np

_FOLDER = pathlib.Path(__file__).parents[1] / "oracle"
RECORD: dict[str, Any] = json.loads((_FOLDER / "optimizers.json").read_text(encoding="utf-8"))
ARRAYS: dict[str, np.ndarray] = dict(np.load(_FOLDER / "optimizers.npz"))
NAMES = [key.removeprefix("params.") for key in ARRAYS if key.startswith("params.")]


def params() -> dict[str, Any]:
    """The first parameters, in the recorded order."""
    return {name: jnp.asarray(ARRAYS[f"params.{name}"]) for name in NAMES}


def grads(kind: str, step: int) -> dict[str, Any]:
    """The gradients of one step; kind is `grads`, or `gentle` for those without tiny elements."""
    return {name: jnp.asarray(ARRAYS[f"{kind}.{name}"][step]) for name in NAMES}


def split(vector: np.ndarray, shapes: list[tuple[int, ...]]) -> list[np.ndarray]:
    """Cut a recorded vector into arrays of the given shapes."""
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    assert ends[-1] == len(vector)
    return [part.reshape(shape) for part, shape in zip(np.split(vector, ends[:-1]), shapes, strict=True)]


def flat(values: Any) -> np.ndarray:
    """All values in one vector."""
    return np.concatenate([np.asarray(value, "float32").ravel() for value in values])
