"""`tf.random`: one seed for everything, and arrays of random numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ranvier import random
from ranvier.compat.tensorflow.dtypes import as_dtype, on_device
from ranvier.random import SeedGenerator
from ranvier.utils import set_random_seed

__all__ = ["Generator", "categorical", "gamma", "normal", "set_seed", "shuffle", "truncated_normal", "uniform"]


def set_seed(seed: int) -> None:
    """Seed all random numbers that follow, Python's and NumPy's too."""
    set_random_seed(int(seed) % 2**32)


def normal(
    shape: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = "float32",
    seed: int | None = None,
    name: str | None = None,
) -> Any:
    """Draw from a normal distribution."""
    return random.normal(_sizes(shape), mean, stddev, on_device(dtype), seed)


def truncated_normal(
    shape: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = "float32",
    seed: int | None = None,
    name: str | None = None,
) -> Any:
    """Draw from a normal distribution whose values beyond two deviations are drawn again."""
    return random.truncated_normal(_sizes(shape), mean, stddev, on_device(dtype), seed)


def uniform(
    shape: Any,
    minval: Any = 0,
    maxval: Any = None,
    dtype: Any = "float32",
    seed: int | None = None,
    name: str | None = None,
) -> Any:
    """Draw evenly from `[minval, maxval)`: numbers with fractions up to 1, or whole ones for an integer type."""
    if as_dtype(dtype).is_integer:
        return random.randint(_sizes(shape), minval, maxval, on_device(dtype), seed)
    return random.uniform(_sizes(shape), minval, 1.0 if maxval is None else maxval, on_device(dtype), seed)


def gamma(shape: Any, alpha: float, dtype: Any = "float32", seed: int | None = None, name: str | None = None) -> Any:
    """Draw from a gamma distribution with rate 1."""
    return random.gamma(_sizes(shape), alpha, on_device(dtype), seed)


def shuffle(value: Any, seed: int | None = None, name: str | None = None) -> Any:
    """Return the rows in random order."""
    return random.shuffle(value, axis=0, seed=seed)


def categorical(
    logits: Any, num_samples: int, dtype: Any = None, seed: int | None = None, name: str | None = None
) -> Any:
    """Draw classes for each row of logits: [row, sample]."""
    return random.categorical(logits, int(num_samples), on_device(dtype) or "int32", seed)


class Generator:
    """Draws of its own, which no other draw disturbs.

    Args:
        seed: where it starts; another every time when None.
    """

    def __init__(self, seed: int | None = None) -> None:
        self._seeds = SeedGenerator(seed)

    @classmethod
    def from_seed(cls, seed: int, alg: Any = None) -> Generator:
        """Return a generator that starts from a seed."""
        return cls(seed)

    @classmethod
    def from_non_deterministic_state(cls, alg: Any = None) -> Generator:
        """Return a generator that starts anywhere."""
        return cls()

    def normal(self, shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = "float32") -> Any:
        """Draw from a normal distribution."""
        return random.normal(_sizes(shape), mean, stddev, on_device(dtype), self._seeds)

    def uniform(self, shape: Any, minval: Any = 0, maxval: Any = None, dtype: Any = "float32") -> Any:
        """Draw evenly from `[minval, maxval)`."""
        if as_dtype(dtype).is_integer:
            return random.randint(_sizes(shape), minval, maxval, on_device(dtype), self._seeds)
        high = 1.0 if maxval is None else maxval
        return random.uniform(_sizes(shape), minval, high, on_device(dtype), self._seeds)


def _sizes(shape: Any) -> Sequence[int]:
    return tuple(int(size) for size in shape) if hasattr(shape, "__iter__") else (int(shape),)
