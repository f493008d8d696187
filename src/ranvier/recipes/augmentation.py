"""Augmentation: training pictures that are also shown moved by a point, because a moved digit is the same digit."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["WORDS", "moved"]

WORDS = "each training picture also moved by one point up, down, left and right"


def moved(x: Any, y: Any) -> tuple[Any, Any]:
    """Return pictures and their targets five times: as they are, and moved by one point in each direction.

    Args:
        x: pictures with axes `(row, height, width)` and, where there are colours, `channel`.
        y: targets, `(row, ...)`.

    Returns:
        Arrays with five times the rows; the edge that a move opens is 0.
    """
    edges = [(0, 0), (1, 1), (1, 1), *[(0, 0)] * (x.ndim - 3)]
    padded = np.pad(x, edges)
    height, width = x.shape[1:3]
    starts = ((1, 1), (0, 1), (2, 1), (1, 0), (1, 2))
    views = [padded[:, top : top + height, left : left + width] for top, left in starts]
    return np.concatenate(views), np.concatenate([y] * len(starts))
