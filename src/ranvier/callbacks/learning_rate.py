"""Reading and setting the learning rate of a model's optimizer between steps."""

from __future__ import annotations

from typing import Any

import numpy as np

from ranvier._errors import InvalidArgument

__all__ = ["learning_rate", "set_learning_rate"]


def _optimizer(model: Any, who: str) -> Any:
    optimizer = getattr(model, "optimizer", None)
    if optimizer is None or not hasattr(optimizer, "learning_rate"):
        raise InvalidArgument(
            f"{who} needs an optimizer with a learning rate.",
            code="no-learning-rate",
            place=who,
            expected="an optimizer with a `learning_rate`",
            received=type(optimizer).__name__,
        )
    return optimizer


def learning_rate(model: Any, who: str) -> float:
    """Return the learning rate of now."""
    return float(np.asarray(_optimizer(model, who).learning_rate))


def set_learning_rate(model: Any, value: float, who: str) -> None:
    """Set the learning rate for the steps to come."""
    _optimizer(model, who).learning_rate = value
