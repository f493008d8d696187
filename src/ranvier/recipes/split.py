"""Split: which training rows decide when to stop; the held-out test rows are no part of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import train_test_split

from ranvier._errors import DataError
from ranvier.recipes.schema import Kind

__all__ = ["Split", "divide"]

LARGEST_VALIDATION = 10_000
"""More validation rows would cost time and decide nothing better."""


@dataclass(frozen=True, eq=False)
class Split:
    """Positions among the training rows.

    Args:
        train: rows that the weights are fitted to.
        validation: rows that decide when to stop.
        stratified: whether every class has the same share on both sides.
    """

    train: npt.NDArray[np.intp]
    validation: npt.NDArray[np.intp]
    stratified: bool


def divide(y: npt.NDArray[Any], kind: Kind, share: float, seed: int) -> Split:
    """Divide training rows at random, class by class where the classes are large enough.

    Args:
        y: `[row]` targets.
        kind: whether they are classes.
        share: share of rows for validation.
        seed: decides which.

    Raises:
        DataError: there are too few rows to set any aside.

    Example:
        >>> split = divide(np.array([0] * 50 + [1] * 50), "classification", 0.2, seed=0)
        >>> len(split.train), len(split.validation)
        (80, 20)
    """
    wanted = min(round(len(y) * share), LARGEST_VALIDATION)
    if wanted < 1 or len(y) - wanted < 1:
        raise DataError(
            "There are too few rows to set some aside for validation.",
            code="data-too-few-rows",
            expected=f"at least {int(np.ceil(1 / share))} training rows",
            received=len(y),
        )
    counts = np.unique(y, return_counts=True)[1] if kind == "classification" else np.zeros(0)
    stratified = bool(len(counts)) and counts.min() >= 2 and len(counts) <= min(wanted, len(y) - wanted)
    train, validation = train_test_split(
        np.arange(len(y)), test_size=wanted, random_state=seed, stratify=y if stratified else None
    )
    return Split(np.sort(train), np.sort(validation), stratified)
