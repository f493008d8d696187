"""Small made-up data: an amount that follows a formula, and two clouds of points."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ranvier.recipes import training
from ranvier.recipes.examine import examine
from ranvier.recipes.outcome import Outcome
from ranvier.recipes.plan import in_words, plan_for
from ranvier.recipes.schema import Schema
from ranvier.recipes.scoring import score
from ranvier.recipes.split import divide
from ranvier.recipes.subject import Subject

TEXTS: dict[str, Any] = {"split": "the last rows", "source": "made up", "sha256": "0" * 64}


def amounts(rows: int = 400) -> Subject:
    """Return columns in very different units, one of them constant, and a target that is no linear function of them."""
    draw = np.random.default_rng(0)
    x = draw.normal(size=(rows, 3)).astype("float32") * [1000, 0.001, 0] + [0, 0, 7]
    y = 50_000 + 10_000 * np.abs(x[:, 0] / 1000) + 5_000 * x[:, 1] / 0.001
    schema = Schema("regression", "table", (3,), ("metres", "microns", "seven"), "price", "price <of a thing> [euro]")
    cut = rows * 3 // 4
    x, y = x.astype("float32"), y.astype("float32")
    return Subject("amounts", schema, x[:cut], y[:cut], x[cut:], y[cut:], **TEXTS)


def clouds(rows: int = 200, classes: tuple[str, ...] = ("left & low", "right")) -> Subject:
    """Return points around one centre per class."""
    draw = np.random.default_rng(1)
    y = np.arange(rows) % len(classes)
    x = (draw.normal(size=(rows, 2)) + 4 * np.stack([y, -y], axis=1)).astype("float32")
    schema = Schema("classification", "table", (2,), ("east", "north"), "side", "the side", classes)
    cut = rows * 3 // 4
    return Subject("clouds", schema, x[:cut], y[:cut], x[cut:], y[cut:], **TEXTS)


def outcome_of(subject: Subject, epochs: int = 3, seed: int = 0) -> Outcome:
    """Run the main job up to the scores."""
    plan = plan_for(subject, epochs, seed)
    split = divide(subject.y_train, subject.schema.kind, plan.validation_share, seed)
    trained = training.train(plan, subject, split)
    return examine(subject, plan, in_words(plan, subject, split), split, trained)


def without_training(outcome: Outcome, predictions: np.ndarray, subject: Subject) -> Outcome:
    """Return an outcome with other predictions and data, for looks at the report."""
    scores = score(subject.schema.kind, subject.y_test, predictions)
    return replace(outcome, subject=subject, predictions=predictions, scores=scores)
