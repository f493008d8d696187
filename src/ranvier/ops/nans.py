"""Reductions and running totals that leave out what is not a number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

from ranvier._typing import Array, ArrayLike, DType
from ranvier.ops.core import operand
from ranvier.ops.reductions import Axis, axes_of
from ranvier.state.symbolic import op
from ranvier.state.variable import dtype_name

__all__ = [
    "nanargmax",
    "nanargmin",
    "nancumprod",
    "nancumsum",
    "nanmax",
    "nanmean",
    "nanmedian",
    "nanmin",
    "nanpercentile",
    "nanprod",
    "nanquantile",
    "nanstd",
    "nansum",
    "nanvar",
]


def _reduced(function: Callable[..., Array], x: ArrayLike, *q: ArrayLike, axis: Axis, **options: Any) -> Array:
    return function(operand(x), *(operand(one) for one in q), axis=axes_of(axis), **options)


def _running(function: Callable[..., Array], x: ArrayLike, axis: int | None, dtype: DType | None) -> Array:
    return function(operand(x), axis=axis, dtype=None if dtype is None else dtype_name(dtype))


@op
def nansum(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Array:
    """Return the sum over `axis` of what is not NaN.

    Example:
        >>> nansum([1.0, float("nan"), 2.0]).item()
        3.0
    """
    return _reduced(jnp.nansum, x, axis=axis, keepdims=keepdims)


@op
def nanprod(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Array:
    """Return the product over `axis` of what is not NaN."""
    return _reduced(jnp.nanprod, x, axis=axis, keepdims=keepdims)


@op
def nanmean(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Array:
    """Return the mean over `axis` of what is not NaN."""
    return _reduced(jnp.nanmean, x, axis=axis, keepdims=keepdims)


@op
def nanvar(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Array:
    """Return the variance over `axis` of what is not NaN, divided by n."""
    return _reduced(jnp.nanvar, x, axis=axis, keepdims=keepdims)


@op
def nanstd(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Array:
    """Return the standard deviation over `axis` of what is not NaN, divided by n."""
    return _reduced(jnp.nanstd, x, axis=axis, keepdims=keepdims)


@op
def nanmax(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Array:
    """Return the largest number over `axis` that is not NaN."""
    return _reduced(jnp.nanmax, x, axis=axis, keepdims=keepdims)


@op
def nanmin(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Array:
    """Return the smallest number over `axis` that is not NaN."""
    return _reduced(jnp.nanmin, x, axis=axis, keepdims=keepdims)


@op
def nanargmax(x: ArrayLike, axis: int | None = None, keepdims: bool = False) -> Array:
    """Return the first position along `axis` of the largest number, int32; -1 where all are NaN."""
    return _reduced(jnp.nanargmax, x, axis=axis, keepdims=keepdims)


@op
def nanargmin(x: ArrayLike, axis: int | None = None, keepdims: bool = False) -> Array:
    """Return the first position along `axis` of the smallest number, int32; -1 where all are NaN."""
    return _reduced(jnp.nanargmin, x, axis=axis, keepdims=keepdims)


@op
def nanmedian(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Array:
    """Return the median over `axis` of what is not NaN."""
    return _reduced(jnp.nanmedian, x, axis=axis, keepdims=keepdims)


@op
def nanquantile(x: ArrayLike, q: ArrayLike, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> Array:
    """Return the quantiles `q` (0 to 1) over `axis` of what is not NaN, on a new first axis when `q` has one."""
    return _reduced(jnp.nanquantile, x, q, axis=axis, method=method, keepdims=keepdims)


@op
def nanpercentile(
    x: ArrayLike, q: ArrayLike, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Array:
    """Return the percentiles `q` (0 to 100) over `axis` of what is not NaN."""
    return _reduced(jnp.nanpercentile, x, q, axis=axis, method=method, keepdims=keepdims)


@op
def nancumsum(x: ArrayLike, axis: int | None = None, dtype: DType | None = None) -> Array:
    """Return the running sum along `axis`, NaN counted as 0; of the flat array when None."""
    return _running(jnp.nancumsum, x, axis, dtype)


@op
def nancumprod(x: ArrayLike, axis: int | None = None, dtype: DType | None = None) -> Array:
    """Return the running product along `axis`, NaN counted as 1; of the flat array when None."""
    return _running(jnp.nancumprod, x, axis, dtype)
