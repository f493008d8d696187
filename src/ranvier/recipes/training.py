"""Training by a plan: fit, stop early on the validation rows, keep the best weights."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from ranvier._errors import RanvierError
from ranvier.callbacks import Callback, EarlyStopping
from ranvier.doctor import Finding
from ranvier.recipes import augmentation
from ranvier.recipes.network import build
from ranvier.recipes.plan import Plan
from ranvier.recipes.split import Split
from ranvier.recipes.subject import Subject

__all__ = ["Trained", "TrainingFailed", "train"]


class TrainingFailed(RanvierError):
    """Training ended before a single epoch gave finite numbers."""


@dataclass(frozen=True, eq=False)
class Trained:
    """A trained model and how it came about.

    Args:
        model: with its best weights.
        history: name of a loss or metric to its value per epoch.
        best_epoch: epoch whose weights the model has, counted from 1.
        epochs: how many were run.
        stopped_early: whether the run ended before its last epoch.
        seconds: duration of the training, compilation included.
        findings: what the doctor found.
    """

    model: Any
    history: dict[str, list[float]]
    best_epoch: int
    epochs: int
    stopped_early: bool
    seconds: float
    findings: tuple[Finding, ...]

    @property
    def best(self) -> dict[str, float]:
        """Losses and metrics of the best epoch."""
        return {name: values[self.best_epoch - 1] for name, values in self.history.items()}

    def outcome(self) -> str:
        """Return in words when training ended and whose weights were kept."""
        epochs = "1 epoch" if self.epochs == 1 else f"{self.epochs} epochs"
        end = f"stopped early after {epochs}" if self.stopped_early else f"ran for {epochs}, all that it had"
        return f"{end} ({self.seconds:.1f} s); epoch {self.best_epoch} was best, its weights are kept"


def train(plan: Plan, subject: Subject, split: Split, callbacks: tuple[Callback, ...] = ()) -> Trained:
    """Train the network of a plan. The test rows are not touched.

    Args:
        plan: what to do.
        subject: the data.
        split: rows to learn from, and rows that decide when to stop.
        callbacks: told how it goes.

    Raises:
        TrainingFailed: no epoch ended with finite numbers.
    """
    model = build(plan, subject, split.train)
    stopper = EarlyStopping("val_loss", patience=plan.patience, restore_best_weights=True)
    x, y = subject.x_train, subject.y_train
    rows, targets = x[split.train], y[split.train]
    if plan.moved:
        rows, targets = augmentation.moved(rows, targets)
    started = time.perf_counter()
    history = model.fit(
        rows,
        targets,
        batch_size=plan.batch_size,
        epochs=plan.epochs,
        verbose=0,
        callbacks=[*callbacks, stopper],
        validation_data=(x[split.validation], y[split.validation]),
        seed=plan.seed,
    )
    seconds = time.perf_counter() - started
    if stopper.best is None:
        raise TrainingFailed(
            "Training ended before one epoch gave finite numbers.",
            code="train-failed",
            received="; ".join(finding.title for finding in history.findings),
            fix="look at the findings above; check the units of the columns",
        )
    return Trained(
        model=model,
        history={name: [float(value) for value in values] for name, values in history.history.items()},
        best_epoch=stopper.best_epoch + 1,
        epochs=len(history.epoch),
        stopped_early=len(history.epoch) < plan.epochs,
        seconds=seconds,
        findings=tuple(history.findings),
    )
