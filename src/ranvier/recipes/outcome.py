"""Outcome: everything that a finished run knows; report, card and record are written from it alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ranvier.recipes.baselines import Baseline
from ranvier.recipes.plan import Choice, Plan
from ranvier.recipes.scoring import HEADLINE, SMALLER_IS_BETTER, interval, rmse_interval, shown
from ranvier.recipes.split import Split
from ranvier.recipes.subject import Subject
from ranvier.recipes.training import Trained

__all__ = ["Outcome", "predict"]


@dataclass(frozen=True, eq=False)
class Outcome:
    """A finished run.

    Args:
        subject: the data.
        plan: what was decided before training.
        choices: the same in words.
        split: training and validation rows.
        trained: the model and its history.
        predictions: `[row, class]` probabilities or `[row]` amounts for the test rows.
        scores: the model's scores on the test rows.
        baselines: simple models on the same rows.
        environment: versions and device.
        created: date and time of the end, ISO 8601 in UTC.
        proof: that the saved file predicts the same, in words.
    """

    subject: Subject
    plan: Plan
    choices: tuple[Choice, ...]
    split: Split
    trained: Trained
    predictions: npt.NDArray[Any]
    scores: dict[str, float]
    baselines: tuple[Baseline, ...]
    environment: dict[str, str]
    created: str
    proof: str = ""

    @property
    def headline(self) -> str:
        """Name of the score by which models are compared."""
        return HEADLINE[self.subject.schema.kind]

    @property
    def beaten(self) -> bool:
        """Whether the network's score is better than every baseline's, by however little."""
        own = self.scores[self.headline]
        return own < self._best if self.headline in SMALLER_IS_BETTER else own > self._best

    @property
    def _best(self) -> float:
        """The best baseline's score."""
        others = [baseline.scores[self.headline] for baseline in self.baselines]
        return min(others) if self.headline in SMALLER_IS_BETTER else max(others)

    @property
    def certain(self) -> bool:
        """Whether every baseline lies outside of the 95 % interval of the network's score, on its worse side."""
        low, high = self.bounds or rmse_interval(self.subject.y_test, self.predictions)
        return high < self._best if self.headline in SMALLER_IS_BETTER else low > self._best

    @property
    def judgement(self) -> str:
        """What the comparison with the baselines comes to, in one sentence."""
        if not self.beaten:
            return "The network is NOT better than every baseline: use the simpler model."
        if self.certain:
            return "The network is better than both baselines, by more than chance explains."
        low, high = self.bounds or rmse_interval(self.subject.y_test, self.predictions)
        return (
            f"The network is ahead of both baselines, but the 95 % interval of its score, "
            f"{shown(self.headline, low)} to {shown(self.headline, high)}, holds the best of them: "
            "the difference may be chance."
        )

    @property
    def bounds(self) -> tuple[float, float] | None:
        """95 % interval of the accuracy; None for amounts."""
        if self.headline != "accuracy":
            return None
        return interval(self.scores["accuracy"], len(self.subject.y_test))

    @property
    def named(self) -> npt.NDArray[Any]:
        """`[row]` most probable classes, or the amounts."""
        return self.predictions.argmax(axis=1) if self.predictions.ndim == 2 else self.predictions


def predict(model: Any, x: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return `[row, class]` probabilities, or `[row]` amounts where the model has one output."""
    predictions = np.asarray(model.predict(x, verbose=0))
    return predictions[:, 0] if predictions.shape[1:] == (1,) else predictions
