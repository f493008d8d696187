"""The recipe for pictures: brightness brought to 0 to 1, then dense layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ranvier.layers import Flatten, Rescaling
from ranvier.recipes.schema import Schema
from ranvier.recipes.subject import Subject

__all__ = ["WHY", "WHY_MOVED", "in_words", "preprocessing", "recipe"]

WHY_MOVED = "a picture moved by a point shows the same thing, and more rows to learn from are better than few"
WHY = "the plain network for small pictures: wide layers, kept steady by batch normalization and honest by dropout"


def recipe(schema: Schema) -> dict[str, Any]:
    """Return the sizes of the network for pictures."""
    return {"hidden": (256, 128), "batch_normalization": True, "dropout": 0.3, "learning_rate": 1e-3}


def in_words() -> tuple[str, str]:
    """Return what is done to the inputs, and why."""
    return "brightness rescaled to 0 to 1, points in one row", "part of the saved model: raw pictures go in"


def preprocessing(subject: Subject, rows: Any) -> list[Any]:
    """Return the layers that bring raw pictures to numbers between 0 and 1.

    Args:
        subject: the data; its value range, or that of the training rows where it is not known.
        rows: positions of the rows that may be looked at.
    """
    seen = subject.x_train[rows]
    low, high = subject.value_range or (float(np.min(seen)), float(np.max(seen)))
    scale = 1 / ((high - low) or 1)
    return [Rescaling(scale, -low * scale, name="brightness"), Flatten(name="points")]
