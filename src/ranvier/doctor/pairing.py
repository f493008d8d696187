"""Which kind of targets a loss expects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from ranvier import losses
from ranvier._errors import RanvierError
from ranvier.losses.choose import TABLE, FunctionLoss

__all__ = ["Family", "family"]

Family = Literal["sparse", "categorical", "binary", "elementwise", "unknown"]

_NAMED: dict[str, Family] = {
    "SparseCategoricalCrossentropy": "sparse",
    "sparse_categorical_crossentropy": "sparse",
    "CategoricalCrossentropy": "categorical",
    "categorical_crossentropy": "categorical",
    "BinaryCrossentropy": "binary",
    "binary_crossentropy": "binary",
}


def family(loss: Any) -> Family:
    """Return the kind of targets that a loss, or what `compile(loss=...)` was given, expects.

    `"sparse"`: class numbers; `"categorical"`: one-hot rows; `"binary"`: numbers from 0 to 1; `"elementwise"`: any
    numbers in the shape of the outputs; `"unknown"`: a loss of the user's own, or none.

    Example:
        >>> family("mse"), family(losses.SparseCategoricalCrossentropy()), family(lambda y_true, y_pred: 0.0)
        ('elementwise', 'sparse', 'unknown')
    """
    if isinstance(loss, (list, tuple)) and len(loss) == 1:
        loss = loss[0]
    if isinstance(loss, (list, tuple)) or (isinstance(loss, Mapping) and "class_name" not in loss):
        return "unknown"
    try:
        known = losses.get(loss)
    except RanvierError:  # compile's own message is the better one
        return "unknown"
    function = known.fn if isinstance(known, FunctionLoss) else known
    name = function.__name__ if callable(function) and hasattr(function, "__name__") else type(function).__name__
    ours = TABLE.get(name)
    if ours is None or not (function is ours or type(function) is ours):
        return "unknown"
    return _NAMED.get(name, "elementwise")
