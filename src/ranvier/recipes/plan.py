"""Plan: every decision of a run, taken before training from the form and number of the rows, with its reason."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ranvier._errors import InvalidArgument
from ranvier.recipes import augmentation, image, tabular
from ranvier.recipes.schema import Schema
from ranvier.recipes.split import Split
from ranvier.recipes.subject import Subject

__all__ = ["Choice", "Plan", "in_words", "plan_for"]

_RECIPES = {"image": image.recipe, "table": tabular.recipe}
_FEW_ROWS = 10_000


@dataclass(frozen=True)
class Choice:
    """One decision for people.

    Args:
        topic: what was decided.
        text: how.
        why: the reason.
    """

    topic: str
    text: str
    why: str


@dataclass(frozen=True)
class Plan:
    """The numbers that decide a run.

    Args:
        recipe: name of the recipe, the form of the rows.
        hidden: units of each hidden layer.
        batch_normalization: whether hidden layers normalise their batch.
        dropout: share of hidden units that are silenced in each step.
        moved: whether training pictures are also shown moved by a point.
        learning_rate: Adam's step size.
        batch_size: rows per step.
        epochs: most passes over the training rows.
        patience: passes without improvement after which training stops.
        validation_share: share of training rows that decide when to stop.
        seed: decides validation rows, first weights, order of rows and dropout.
    """

    recipe: str
    hidden: tuple[int, ...]
    batch_normalization: bool
    dropout: float
    moved: bool
    learning_rate: float
    batch_size: int
    epochs: int
    patience: int
    validation_share: float
    seed: int

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as JSON-ready data."""
        return {**asdict(self), "hidden": list(self.hidden)}


def plan_for(subject: Subject, epochs: int | None = None, seed: int = 0) -> Plan:
    """Choose a plan by the form and the number of training rows.

    Args:
        subject: the data; only the number of its training rows and its schema are looked at.
        epochs: most passes; chosen by the number of rows when None.
        seed: decides everything that is drawn by chance.

    Raises:
        InvalidArgument: fewer than one epoch, or a negative seed.
    """
    if epochs is not None and epochs < 1:
        raise InvalidArgument("Training takes at least one epoch.", code="train-epochs", received=epochs)
    if not 0 <= seed < 2**31:
        raise InvalidArgument("A seed is a number from 0 to 2147483647.", code="train-seed", received=seed)
    few = len(subject.y_train) < _FEW_ROWS
    return Plan(
        recipe=subject.schema.form,
        batch_size=32 if few else 128,
        epochs=epochs or (100 if few else 30),
        patience=20 if few else 4,
        validation_share=0.15,
        seed=seed,
        moved=few and subject.schema.form == "image",
        **_RECIPES[subject.schema.form](subject.schema),
    )


def in_words(plan: Plan, subject: Subject, split: Split) -> tuple[Choice, ...]:
    """Return the decisions of a plan for people, in the order in which they are carried out."""
    schema = subject.schema
    what = f"one of {schema.outputs} classes" if schema.kind == "classification" else "an amount"
    return (
        Choice("Task", f"predict {schema.target}: {what}", f"{_rows(subject)}; {subject.source}"),
        Choice("Test rows", f"{len(subject.y_test):,}, looked at once, at the end", subject.split),
        Choice("Validation", *_validation(plan, split)),
        Choice("Preprocessing", *(image.in_words() if plan.recipe == "image" else tabular.in_words(schema))),
        *([Choice("Augmentation", augmentation.WORDS, image.WHY_MOVED)] if plan.moved else []),
        Choice("Network", *_network(plan, schema)),
        Choice("Loss", *_loss(schema)),
        Choice(
            "Optimizer",
            f"Adam, learning rate {plan.learning_rate:g}, batches of {plan.batch_size}",
            "it adapts its step to every weight, so that nothing need be tuned for this data",
        ),
        Choice(
            "Stopping",
            f"after {plan.patience} epochs without a lower validation loss, at most {plan.epochs}; best weights kept",
            "more epochs would only learn the training rows by heart",
        ),
    )


def _rows(subject: Subject) -> str:
    shape = " x ".join(map(str, subject.schema.shape))
    thing = f"pictures of {shape} points" if subject.schema.form == "image" else f"rows of {shape} numbers"
    return f"{len(subject.y_train):,} training {thing}"


def _validation(plan: Plan, split: Split) -> tuple[str, str]:
    how = "every class in its share" if split.stratified else "drawn by chance"
    return (
        f"{len(split.validation):,} of the training rows, {how} (seed {plan.seed}); {len(split.train):,} to learn from",
        "when to stop must not be decided by the test rows",
    )


def _network(plan: Plan, schema: Schema) -> tuple[str, str]:
    last = f"{schema.outputs} (softmax)" if schema.kind == "classification" else "1"
    sizes = " → ".join([str(schema.size), *(f"{units} (relu)" for units in plan.hidden), last])
    with_ = ["batch normalization"] if plan.batch_normalization else []
    with_ += [f"dropout {plan.dropout:g}"] if plan.dropout else []
    recipe = image if plan.recipe == "image" else tabular
    return sizes + (f"; {' and '.join(with_)} after each hidden layer" if with_ else ""), recipe.WHY


def _loss(schema: Schema) -> tuple[str, str]:
    if schema.kind == "classification":
        return "cross-entropy of the class numbers", "it rewards honest probabilities, not only right answers"
    return (
        "mean squared error, as a share of the target's variance",
        "1 is what always saying the mean costs, 0 is perfect; the network itself answers in the target's unit",
    )
