"""The network of a plan: preprocessing, hidden layers, and a head that answers in classes or in the target's unit."""

from __future__ import annotations

from typing import Any

import numpy as np

from ranvier.layers import Activation, BatchNormalization, Dense, Dropout, Input, Rescaling
from ranvier.models import Sequential
from ranvier.optimizers import Adam
from ranvier.recipes import image, tabular
from ranvier.recipes.plan import Plan
from ranvier.recipes.subject import Subject

__all__ = ["build"]

_PREPROCESSING = {"image": image.preprocessing, "table": tabular.preprocessing}


def build(plan: Plan, subject: Subject, rows: Any) -> Any:
    """Return the compiled model of a plan; raw rows go in.

    Args:
        plan: sizes and learning rate.
        subject: the data; only the training rows at `rows` are looked at.
        rows: positions of the rows to learn from.
    """
    layers: list[Any] = [Input(subject.schema.shape, name="rows"), *_PREPROCESSING[plan.recipe](subject, rows)]
    for number, units in enumerate(plan.hidden, 1):
        layers += _hidden(plan, units, f"hidden_{number}")
    y = subject.y_train[rows]
    if subject.schema.kind == "classification":
        model = Sequential(
            [*layers, Dense(subject.schema.outputs, activation="softmax", name="classes")], name="network"
        )
        model.compile(Adam(plan.learning_rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
        return model
    mean, variance = float(y.mean(dtype=np.float64)), float(y.var(dtype=np.float64)) or 1.0
    model = Sequential([*layers, Dense(1, name="amount"), Rescaling(variance**0.5, mean, name="unit")], name="network")
    # Divided by the variance, a loss of 1 means no better than the mean, whatever the unit.
    model.compile(
        Adam(plan.learning_rate), "mean_squared_error", loss_weights=[1 / variance], metrics=["mean_absolute_error"]
    )
    return model


def _hidden(plan: Plan, units: int, name: str) -> list[Any]:
    """Return one hidden layer with what follows it; all have names, so that equal runs write equal files."""
    layers: list[Any] = [Dense(units, name=name)]
    if plan.batch_normalization:
        layers.append(BatchNormalization(name=f"{name}_normalization"))
    layers.append(Activation("relu", name=f"{name}_relu"))
    if plan.dropout:
        layers.append(Dropout(plan.dropout, name=f"{name}_dropout"))
    return layers
