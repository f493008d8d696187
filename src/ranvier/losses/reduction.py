"""From the values of a loss to one number: weights, masks, and the divisor of the mean.

    loss = Σᵢ wᵢ · valueᵢ / divisor

`divisor` is the number of values (`"sum_over_batch_size"`, `"mean"`), the sum of the weights
(`"mean_with_sample_weight"`), or 1 (`"sum"`). Under a mask the two means run over the valid values only.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ranvier import _config
from ranvier._errors import InvalidArgument
from ranvier._typing import Array, ArrayLike
from ranvier.losses.shapes import same_rank
from ranvier.state.variable import as_array

__all__ = ["REDUCTIONS", "apply_mask", "broadcast_weights", "divide_no_nan", "per_row", "reduce_weighted"]

REDUCTIONS = ("sum_over_batch_size", "mean", "sum", "mean_with_sample_weight", "none", None)
_MEANS = ("sum_over_batch_size", "mean")


def per_row(weights: Array, shape: tuple[int, ...]) -> Array:
    """Return weights that cover the leading axes of `shape` with axes of one element behind them."""
    if weights.ndim < len(shape) and weights.shape == shape[: weights.ndim]:
        return weights.reshape(*weights.shape, *(1,) * (len(shape) - weights.ndim))
    return weights


def broadcast_weights(weights: Array, shape: tuple[int, ...]) -> Array:
    """Return weights of the shape of what they weigh.

    Raises:
        InvalidArgument: they fit neither its leading axes nor by broadcasting.
    """
    try:
        return jnp.broadcast_to(per_row(weights, shape), shape)
    except ValueError as error:
        raise _misfit(shape, weights.shape) from error


def _misfit(shape: tuple[int, ...], received: tuple[int, ...]) -> InvalidArgument:
    return InvalidArgument(
        "The sample weights (or the mask) do not fit the values that they weigh.",
        code="weight-shape",
        expected=f"shape {shape}, or its first axes",
        received=f"shape {received}",
        fix="give one weight per row, or one per row and step",
    )


def divide_no_nan(numerator: Array, denominator: Array) -> Array:
    """Return the quotient, 0 where the denominator is 0; gradients stay finite there."""
    zero = denominator == 0
    return jnp.where(zero, 0, numerator / jnp.where(zero, 1, denominator))


def apply_mask(sample_weight: Array | None, mask: Any, dtype: Any, reduction: str | None) -> Array | None:
    """Return sample weights that are 0 where `mask` is False.

    For the means over all values the valid ones weigh `size / valid`, so that the mean runs over them alone.
    """
    if mask is None:
        return sample_weight
    kept = as_array(mask).astype(dtype)
    if reduction in _MEANS:
        kept = kept * divide_no_nan(jnp.asarray(kept.size, dtype), kept.sum())
    if sample_weight is None:
        return kept
    return _product(*same_rank(kept, sample_weight.astype(dtype)))


def _product(values: Array, weights: Array) -> Array:
    weights = per_row(weights, values.shape)
    try:
        return values * weights
    except (TypeError, ValueError) as error:
        raise _misfit(values.shape, weights.shape) from error


def reduce_weighted(
    values: ArrayLike,
    sample_weight: ArrayLike | None = None,
    mask: ArrayLike | None = None,
    reduction: str | None = "sum_over_batch_size",
    dtype: Any = None,
) -> Array:
    """Return the weighted, masked and reduced values of a loss.

    Args:
        values: `(batch, ...)`, or a scalar.
        sample_weight: `(batch,)`, `(batch, 1)`, or as many axes of `values` as wanted.
        mask: the same; False leaves a value out.
        reduction: see `Loss`.
        dtype: type of the result; floatx when None.
    """
    array: Array = as_array(values).astype(dtype or _config.floatx())
    weights = None if sample_weight is None else as_array(sample_weight).astype(array.dtype)
    weights = apply_mask(weights, mask, array.dtype, reduction)
    if weights is not None:
        array, weights = same_rank(array, weights)
        array = _product(array, weights)
    if reduction in (None, "none") or array.ndim == 0:
        return array
    total = array.sum()
    if reduction == "sum":
        return total
    if reduction == "mean_with_sample_weight" and weights is not None:
        return divide_no_nan(total, weights.sum())
    return divide_no_nan(total, jnp.asarray(array.size, array.dtype))
