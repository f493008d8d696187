"""Which kind of targets a loss expects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from ranvier import losses
from ranvier._errors import RanvierError
from ranvier._lookup import snake_case
from ranvier.losses.choose import TABLE, FunctionLoss

__all__ = ["Family", "family", "from_logits", "loss_name"]

Family = Literal["sparse", "categorical", "binary", "elementwise", "unknown"]

_NAMED: dict[str, Family] = {
    "sparse_categorical_crossentropy": "sparse",
    "categorical_generalized_cross_entropy": "sparse",
    "categorical_crossentropy": "categorical",
    "categorical_focal_crossentropy": "categorical",
    "binary_crossentropy": "binary",
    "binary_focal_crossentropy": "binary",
    "circle": "unknown",
    "ctc": "unknown",
}


def from_logits(loss: Any) -> bool:
    """Return whether a Loss takes its outputs for logits.

    Example:
        >>> from_logits(losses.BinaryCrossentropy(from_logits=True)), from_logits(losses.MeanSquaredError())
        (True, False)
    """
    return bool(getattr(loss, "from_logits", None) or getattr(loss, "arguments", {}).get("from_logits", False))


def family(loss: Any) -> Family:
    """Return the kind of targets that a loss, or what `compile(loss=...)` was given, expects.

    `"sparse"`: class numbers; `"categorical"`: one-hot rows; `"binary"`: numbers from 0 to 1; `"elementwise"`: any
    numbers in the shape of the outputs; `"unknown"`: a loss of the user's own, or none.

    Example:
        >>> family("mse"), family(losses.SparseCategoricalCrossentropy()), family(lambda y_true, y_pred: 0.0)
        ('elementwise', 'sparse', 'unknown')
    """
    name = loss_name(loss)
    return _NAMED.get(name, "elementwise") if name else "unknown"


def loss_name(loss: Any) -> str:
    """Return the name of a loss of ours, whatever it was given as; empty for any other.

    Example:
        >>> loss_name("mse"), loss_name(losses.MeanSquaredError()), loss_name(max)
        ('mean_squared_error', 'mean_squared_error', '')
    """
    if isinstance(loss, (list, tuple)) and len(loss) == 1:
        loss = loss[0]
    if isinstance(loss, (list, tuple)) or (isinstance(loss, Mapping) and "class_name" not in loss):
        return ""
    try:
        known = losses.get(loss)
    except RanvierError:  # compile's own message is the better one
        return ""
    function = known.fn if isinstance(known, FunctionLoss) else known
    name = function.__name__ if callable(function) and hasattr(function, "__name__") else type(function).__name__
    ours = TABLE.get(name)
    return snake_case(name) if ours is not None and (function is ours or type(function) is ours) else ""
