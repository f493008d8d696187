"""Losses of numbers: squared, absolute, relative and logarithmic errors, and two that outliers cannot pull far."""

from __future__ import annotations

from typing import Any, final

import jax
import jax.numpy as jnp

from ranvier import _config
from ranvier._typing import Array, ArrayLike
from ranvier.losses.base import FixedLoss, Loss
from ranvier.losses.shapes import align
from ranvier.state.symbolic import op

__all__ = [
    "Huber",
    "LogCosh",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "huber",
    "log_cosh",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
]


@op
def mean_squared_error(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """Mean over the last axis of `(y_true - y_pred)²`.

    Args:
        y_true: `(batch, ..., units)`; `(batch,)` beside `(batch, 1)` is one column.
        y_pred: `(batch, ..., units)`.

    Returns:
        `(batch, ...)`.

    Raises:
        InvalidArgument: the shapes do not fit.

    Example:
        >>> mean_squared_error([[0.0, 1.0]], [[1.0, 3.0]]).tolist()
        [2.5]
    """
    y_true, y_pred = align(y_true, y_pred)
    return jnp.mean(jnp.square(y_true - y_pred), axis=-1)


@op
def mean_absolute_error(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """Mean over the last axis of `|y_true - y_pred|`.

    Args:
        y_true: `(batch, ..., units)`.
        y_pred: `(batch, ..., units)`.

    Example:
        >>> mean_absolute_error([[0.0, 1.0]], [[1.0, 3.0]]).tolist()
        [1.5]
    """
    y_true, y_pred = align(y_true, y_pred)
    return jnp.mean(jnp.abs(y_true - y_pred), axis=-1)


@op
def mean_absolute_percentage_error(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """Mean over the last axis of `100 · |y_true - y_pred| / max(|y_true|, epsilon)`, in percent.

    Args:
        y_true: `(batch, ..., units)`.
        y_pred: `(batch, ..., units)`.

    Example:
        >>> mean_absolute_percentage_error([[2.0, 4.0]], [[1.0, 4.0]]).tolist()
        [25.0]
    """
    y_true, y_pred = align(y_true, y_pred)
    error = jnp.abs((y_true - y_pred) / jnp.maximum(jnp.abs(y_true), _epsilon(y_pred)))
    return 100.0 * jnp.mean(error, axis=-1)


@op
def mean_squared_logarithmic_error(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """Mean over the last axis of `(log(1 + y_true) - log(1 + y_pred))²`, negative numbers taken as epsilon.

    Args:
        y_true: `(batch, ..., units)`.
        y_pred: `(batch, ..., units)`.

    Example:
        >>> round(float(mean_squared_logarithmic_error([[1.0]], [[3.0]])[0]), 4)  # log(2)²
        0.4805
    """
    y_true, y_pred = align(y_true, y_pred)
    low = _epsilon(y_pred)
    difference = jnp.log(jnp.maximum(y_pred, low) + 1) - jnp.log(jnp.maximum(y_true, low) + 1)
    return jnp.mean(jnp.square(difference), axis=-1)


@op
def huber(y_true: ArrayLike, y_pred: ArrayLike, delta: float = 1.0) -> Array:
    """Mean over the last axis of `error²/2` where `|error| <= delta`, else `delta · |error| - delta²/2`.

    Args:
        y_true: `(batch, ..., units)`.
        y_pred: `(batch, ..., units)`.
        delta: where the square turns into a line.

    Example:
        >>> huber([[0.0, 0.0]], [[1.0, 3.0]]).tolist()  # (0.5 + 2.5) / 2
        [1.5]

    Source: Huber, "Robust estimation of a location parameter", 1964.
    """
    y_true, y_pred = align(y_true, y_pred)
    bound = jnp.asarray(delta, y_pred.dtype)
    error = jnp.abs(y_pred - y_true)
    return jnp.mean(jnp.where(error <= bound, 0.5 * jnp.square(error), bound * error - 0.5 * bound**2), axis=-1)


@op
def log_cosh(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """Mean over the last axis of `log(cosh(y_pred - y_true))`: a square near 0, an absolute value far out.

    Args:
        y_true: `(batch, ..., units)`.
        y_pred: `(batch, ..., units)`.

    Numerics:
        Computed as `x + softplus(-2x) - log(2)`, which does not overflow.

    Example:
        >>> round(float(log_cosh([[0.0]], [[1.0]])[0]), 4)
        0.4338
    """
    y_true, y_pred = align(y_true, y_pred)
    x = y_pred - y_true
    return jnp.mean(x + jax.nn.softplus(-2.0 * x) - jnp.log(jnp.asarray(2.0, x.dtype)), axis=-1)


def _epsilon(like: Array) -> Array:
    return jnp.asarray(_config.epsilon(), like.dtype)


@final
class MeanSquaredError(FixedLoss):
    """`(y_true - y_pred)²`, see `mean_squared_error`.

    Example:
        >>> float(MeanSquaredError()([[0.0], [1.0]], [[1.0], [3.0]]))
        2.5
    """

    function = staticmethod(mean_squared_error)


@final
class MeanAbsoluteError(FixedLoss):
    """`|y_true - y_pred|`, see `mean_absolute_error`.

    Example:
        >>> float(MeanAbsoluteError()([[0.0], [1.0]], [[1.0], [3.0]]))
        1.5
    """

    function = staticmethod(mean_absolute_error)


@final
class MeanAbsolutePercentageError(FixedLoss):
    """`100 · |y_true - y_pred| / |y_true|` in percent, see `mean_absolute_percentage_error`.

    Example:
        >>> float(MeanAbsolutePercentageError()([[2.0], [4.0]], [[1.0], [4.0]]))
        25.0
    """

    function = staticmethod(mean_absolute_percentage_error)


@final
class MeanSquaredLogarithmicError(FixedLoss):
    """`(log(1 + y_true) - log(1 + y_pred))²`, see `mean_squared_logarithmic_error`.

    Example:
        >>> round(float(MeanSquaredLogarithmicError()([[1.0]], [[3.0]])), 4)  # log(2)²
        0.4805
    """

    function = staticmethod(mean_squared_logarithmic_error)


@final
class LogCosh(FixedLoss):
    """`log(cosh(y_pred - y_true))`, see `log_cosh`.

    Example:
        >>> round(float(LogCosh()([[0.0]], [[1.0]])), 4)
        0.4338
    """

    function = staticmethod(log_cosh)


@final
class Huber(Loss):
    """A square up to `delta`, a line beyond, see `huber`.

    Args:
        delta: where the square turns into a line.
        reduction: see `Loss`.
        name: display name.
        dtype: type in which the loss computes.

    Example:
        >>> float(Huber(delta=2.0)([[0.0]], [[3.0]]))  # 2 · 3 - 2
        4.0
    """

    keras_module = "keras.losses"

    def __init__(
        self,
        delta: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "huber_loss",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.delta = delta

    def call(self, y_true: Array, y_pred: Array) -> Array:
        """Return the Huber loss of each row."""
        return huber(y_true, y_pred, self.delta)
