"""The worst mistakes on the held-out rows: sure and wrong, or far off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ranvier.recipes.outcome import Outcome
from ranvier.recipes.scoring import amount

__all__ = ["Mistake", "confusion", "worst"]


@dataclass(frozen=True)
class Mistake:
    """One test row.

    Args:
        row: its position among the test rows.
        truth: what it is.
        answer: what the network said.
        how_wrong: the probability it gave to that, or the error, for people.
    """

    row: int
    truth: str
    answer: str
    how_wrong: str


def worst(outcome: Outcome, most: int = 12) -> tuple[Mistake, ...]:
    """Return the worst mistakes, worst first: wrong classes by their probability, amounts by their error."""
    y, named, names = outcome.subject.y_test, outcome.named, outcome.subject.schema.class_names
    if not names:
        error = outcome.predictions.astype(np.float64) - y
        rows = np.argsort(-np.abs(error), kind="stable")[:most]
        return tuple(
            Mistake(int(row), amount(y[row]), amount(outcome.predictions[row]), amount(error[row], sign="+"))
            for row in rows
        )
    sure = outcome.predictions.max(axis=1)
    wrong = np.flatnonzero(named != y)
    rows = wrong[np.argsort(-sure[wrong], kind="stable")][:most]
    return tuple(
        Mistake(int(row), names[int(y[row])], names[int(named[row])], f"{100 * sure[row]:.0f} % sure") for row in rows
    )


def confusion(outcome: Outcome) -> np.ndarray:
    """Return `[true class, named class]` numbers of test rows."""
    classes = outcome.subject.schema.outputs
    pairs = outcome.subject.y_test.astype(np.int64) * classes + outcome.named
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)
