"""From what a person wrote (`"accuracy"`, a function, a class, an object) to a Metric."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from ranvier import _lookup
from ranvier._errors import InvalidArgument
from ranvier._typing import DType, Shape
from ranvier.losses.choose import label_kind, object_name
from ranvier.metrics import (
    accuracy,
    auc,
    confusion,
    correlation,
    f_score,
    of_losses,
    operating_point,
    overlap,
    reduction,
    regression,
)
from ranvier.metrics.base import Metric
from ranvier.metrics.reduction import MeanMetricWrapper
from ranvier.state.variable import dtype_name

__all__ = ["ALIASES", "TABLE", "deserialize", "get", "resolve"]

_FAMILIES = (
    accuracy,
    auc,
    confusion,
    correlation,
    f_score,
    of_losses,
    operating_point,
    overlap,
    reduction,
    regression,
)
_BASES = ("CountingMetric", "FixedMetric")
TABLE: dict[str, Any] = {
    name: getattr(family, name) for family in _FAMILIES for name in family.__all__ if name not in _BASES
}
ALIASES = {
    "bce": "BinaryCrossentropy",
    "BCE": "BinaryCrossentropy",
    "kld": "KLDivergence",
    "KLD": "KLDivergence",
    "logcosh": "LogCoshError",
    "mae": "MeanAbsoluteError",
    "MAE": "MeanAbsoluteError",
    "mape": "MeanAbsolutePercentageError",
    "MAPE": "MeanAbsolutePercentageError",
    "mse": "MeanSquaredError",
    "MSE": "MeanSquaredError",
    "msle": "MeanSquaredLogarithmicError",
    "MSLE": "MeanSquaredLogarithmicError",
    "rmse": "RootMeanSquaredError",
}
_BY_KIND = {
    "accuracy": {
        "binary": accuracy.BinaryAccuracy,
        "sparse": accuracy.SparseCategoricalAccuracy,
        "categorical": accuracy.CategoricalAccuracy,
    },
    "crossentropy": {
        "binary": of_losses.BinaryCrossentropy,
        "sparse": of_losses.SparseCategoricalCrossentropy,
        "categorical": of_losses.CategoricalCrossentropy,
    },
}
_SHORT = {"accuracy": "accuracy", "acc": "accuracy", "crossentropy": "crossentropy", "ce": "crossentropy"}


def get(identifier: Any) -> Any:
    """Return a metric for a name, a configuration, a class, or the thing itself; None stays None."""
    return deserialize(identifier)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return a metric for a configuration or a name."""
    return _lookup.get(config, "metric", TABLE, ALIASES, custom_objects)


def resolve(identifier: Any, y_true_shape: Shape, y_pred_shape: Shape, y_true_dtype: DType = "float32") -> Metric:
    """Return a Metric as `compile(metrics=...)` means it, ready for data of these shapes.

    `"accuracy"`, `"acc"`, `"crossentropy"` and `"ce"` mean the binary, sparse or one-hot kind by the shapes; a string
    is the metric's name, a plain function becomes the mean of its values.

    Raises:
        InvalidArgument: nothing has that name, or the thing cannot be called.

    Example:
        >>> resolve("acc", (None,), (None, 10))
        <SparseCategoricalAccuracy name=acc>
    """
    kind = _SHORT.get(identifier.lower()) if isinstance(identifier, str) else None
    if kind is not None:
        metric: Metric = _BY_KIND[kind][label_kind(y_true_shape, y_pred_shape)](name=identifier)
    else:
        found = get(identifier)
        if not callable(found):
            raise InvalidArgument(
                "This is not a metric.",
                code="not-a-metric",
                expected="a name, a function (y_true, y_pred) -> values, or a Metric",
                received=repr(identifier)[:200],
                fix=f"pass one of {', '.join(sorted(TABLE))}",
            )
        metric = found if isinstance(found, Metric) else MeanMetricWrapper(found, name=object_name(found))
        if isinstance(identifier, str):
            metric.name = identifier
    metric.prepare(_spec(y_true_shape, y_true_dtype), _spec(y_pred_shape, "float32"))
    return metric


def _spec(shape: Shape, dtype: DType) -> jax.ShapeDtypeStruct:
    """Return a batch of this shape, two rows where the number is not known."""
    return jax.ShapeDtypeStruct(tuple(2 if size is None else size for size in shape), jnp.dtype(dtype_name(dtype)))
