"""Random rectangles of pictures: what is erased, or taken from another picture."""

from __future__ import annotations

import jax.numpy as jnp

from ranvier import random
from ranvier._typing import Array
from ranvier.random.seeds import Seed

__all__ = ["random_rectangles"]


def random_rectangles(height: int, width: int, rows: Array, columns: Array, seed: Seed) -> Array:
    """Return one random rectangle per picture as a mask `[picture, row, column]`, true within.

    Args:
        height: rows of a picture.
        width: columns of a picture.
        rows: share of the height that each rectangle has, `[picture]`.
        columns: share of the width that each rectangle has, `[picture]`.
        seed: an integer, a SeedGenerator, or None.
    """
    inside_columns = _inside(width, columns, seed)
    return _inside(height, rows, seed)[:, :, None] & inside_columns[:, None, :]


def _inside(size: int, share: Array, seed: Seed) -> Array:
    length = share * size
    start = random.uniform(share.shape, 0.0, 1.0, dtype="float32", seed=seed) * (size - length)
    place = jnp.arange(size, dtype="float32")
    return (place >= start[:, None]) & (place < (start + length)[:, None])
