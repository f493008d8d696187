"""Quantiles of numbers that arrive in batches: a summary of values and how many rows each stands for.

A summary has axes `(value or weight, entry)`, values ascending, at most about `1 / epsilon` entries.
"""

from __future__ import annotations

import numpy as np

__all__ = ["EMPTY", "boundaries", "merged", "summary"]

EMPTY = np.zeros((2, 0), np.float32)


def summary(values: np.ndarray, epsilon: float) -> np.ndarray:
    """Return the summary of one batch: every so many of its sorted values."""
    ordered = np.sort(values.reshape(-1))
    step = max(ordered.size / (1.0 / epsilon), 1)
    kept = ordered[int(step - 1) :: int(step)]
    return np.stack([kept, np.ones_like(kept) * step])


def merged(first: np.ndarray, second: np.ndarray, epsilon: float) -> np.ndarray:
    """Return the summary of two batches together."""
    both = np.concatenate((first, second), axis=1)
    return _compressed(both[:, np.argsort(both[0])], epsilon)


def boundaries(whole: np.ndarray, bins: int) -> np.ndarray:
    """Return what divides the rows into `bins` parts of equal numbers.

    Example:
        >>> boundaries(summary(np.arange(4, dtype="float32"), 0.01), 2).tolist()
        [1.0]
    """
    return _compressed(whole, 1.0 / bins)[0, :-1]


def _compressed(whole: np.ndarray, epsilon: float) -> np.ndarray:
    """Return a summary with an entry per `epsilon` of the rows, interpolated; small ones stay as they are."""
    if whole.shape[1] * epsilon < 1:
        return whole
    shares = epsilon + np.arange(0.0, 1.0, epsilon)
    running = whole[1].cumsum()
    present = running / running[-1]
    values, counts = np.interp(shares, present, whole[0]), np.interp(shares, present, running)
    return np.stack((values, np.diff(counts, prepend=0))).astype("float32")
