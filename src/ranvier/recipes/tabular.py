"""The recipe for tables of numbers: every column to mean 0 and variance 1, then dense layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ranvier.layers import Flatten, Normalization
from ranvier.recipes.schema import Schema
from ranvier.recipes.subject import Subject

__all__ = ["WHY", "in_words", "preprocessing", "recipe"]

WHY = "two hidden layers find products and thresholds of columns, which a linear model cannot"


def recipe(schema: Schema) -> dict[str, Any]:
    """Return the sizes of the network for tables."""
    return {"hidden": (128, 64), "batch_normalization": False, "dropout": 0.1, "learning_rate": 1e-3}


def in_words(schema: Schema) -> tuple[str, str]:
    """Return what is done to the inputs, and why."""
    text = f"each of the {schema.size} columns to mean 0 and variance 1, by the rows to learn from"
    return text, "columns in large units would drown the others; part of the saved model, so raw rows go in"


def preprocessing(subject: Subject, rows: Any) -> list[Any]:
    """Return the layers that standardise raw columns.

    Args:
        subject: the data.
        rows: positions of the rows whose mean and variance count.
    """
    seen = subject.x_train[rows].astype(np.float64)
    variance = seen.var(axis=0)
    # A column that never changed would be divided by zero as soon as it does.
    kept = np.where(variance == 0, 1.0, variance)
    layer = Normalization(axis=tuple(range(1, seen.ndim)), mean=seen.mean(axis=0), variance=kept, name="columns")
    return [layer] if seen.ndim == 2 else [layer, Flatten(name="numbers")]
