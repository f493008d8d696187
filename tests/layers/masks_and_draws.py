"""What one row of cases.py cannot say: merges of masked inputs, statistics of draws. Read by the recorder too."""

from __future__ import annotations

from typing import Any

import numpy as np

MERGES = ("Add", "Average", "Concatenate", "Maximum", "Minimum", "Multiply", "Subtract")
MASKED = ((True, True), (True, False), (False, True))
"""Which of the two inputs have a mask."""
NOISES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("AlphaDropout", {"rate": 0.3}),
    ("GaussianDropout", {"rate": 0.4}),
    ("GaussianNoise", {"stddev": 0.5}),
    ("SpatialDropout1D", {"rate": 0.25}),
)


def merged() -> list[tuple[np.ndarray, np.ndarray]]:
    """Return two inputs [row, step, feature] with their masks [row, step]: all four pairs of masked and real occur."""
    random = np.random.default_rng(4)
    masks = np.array([[[1, 1, 0, 0]], [[1, 0, 1, 0]]], bool)
    return [(random.normal(size=(1, 4, 2)).astype("float32"), mask) for mask in masks]


def sample() -> np.ndarray:
    """Return many standard normal numbers [row, step, feature]."""
    return np.random.default_rng(6).normal(size=(400, 20, 10)).astype("float32")


def statistics(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return mean and standard deviation of `y`, and its correlation with `x`."""
    return np.array([y.mean(), y.std(), np.corrcoef(x.ravel(), y.ravel())[0, 1]])
