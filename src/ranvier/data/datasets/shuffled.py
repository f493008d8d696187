"""Keras's own way to divide rows: one shuffle by a seed, then a cut."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ranvier.data.datasets.info import Pair, Split

__all__ = ["shuffled_order", "shuffled_split"]


def shuffled_order(rows: int, generator: np.random.RandomState) -> npt.NDArray[np.int64]:
    """Return the numbers 0 to `rows - 1` in the order that Keras's loaders draw from the same generator."""
    order = np.arange(rows)
    generator.shuffle(order)
    return order


def shuffled_split(pair: Pair, test_split: float, seed: int) -> Split:
    """Shuffle rows and targets together and cut at `int(rows * (1 - test_split))`.

    Args:
        pair: inputs `[row, ...]` and targets `[row]`.
        test_split: share of rows that are held out.
        seed: of NumPy's `RandomState`, so that the order equals Keras's.

    Example:
        >>> (a, _), (b, _) = shuffled_split((np.arange(5), np.arange(5)), 0.4, 113)
        >>> a.tolist(), b.tolist()
        ([1, 0, 3], [2, 4])
    """
    x, y = pair
    order = shuffled_order(len(x), np.random.RandomState(seed))
    cut = int(len(x) * (1 - test_split))
    first, second = order[:cut], order[cut:]
    return (x[first], y[first]), (x[second], y[second])
