"""The first and only look at the test rows: the network's predictions, its scores, and the baselines beside it."""

from __future__ import annotations

from datetime import UTC, datetime

from ranvier.recipes import baselines
from ranvier.recipes.environment import environment
from ranvier.recipes.outcome import Outcome, predict
from ranvier.recipes.plan import Choice, Plan
from ranvier.recipes.scoring import score
from ranvier.recipes.split import Split
from ranvier.recipes.subject import Subject
from ranvier.recipes.training import Trained

__all__ = ["examine"]


def examine(subject: Subject, plan: Plan, choices: tuple[Choice, ...], split: Split, trained: Trained) -> Outcome:
    """Measure a trained model and both baselines on the test rows.

    Args:
        subject: the data.
        plan: what was decided before training.
        choices: the same in words.
        split: training and validation rows.
        trained: the model and its history.
    """
    predictions = predict(trained.model, subject.x_test)
    return Outcome(
        subject=subject,
        plan=plan,
        choices=choices,
        split=split,
        trained=trained,
        predictions=predictions,
        scores=score(subject.schema.kind, subject.y_test, predictions),
        baselines=baselines.measure(subject, split, plan.seed),
        environment=environment(),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )
