"""Functions that take axes away, or run along one.

Sums of booleans and small integers are int32; means of integers are floatx; means and variances of float16 and bfloat16
are accumulated in float32.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import jax.numpy as jnp
from jax.scipy import special

from ranvier import _config
from ranvier._typing import Array, ArrayLike, DType
from ranvier.ops.core import floating, operand
from ranvier.state.symbolic import op
from ranvier.state.variable import dtype_name

__all__ = [
    "all",
    "amax",
    "amin",
    "any",
    "argmax",
    "argmin",
    "average",
    "count_nonzero",
    "cumprod",
    "cumsum",
    "diff",
    "logsumexp",
    "max",
    "mean",
    "median",
    "min",
    "percentile",
    "prod",
    "ptp",
    "quantile",
    "std",
    "sum",
    "trace",
    "var",
]

Axis: TypeAlias = int | Sequence[int] | None


def axes_of(axis: Any) -> Any:
    return tuple(axis) if isinstance(axis, list) else axis


def _accumulator(x: Array) -> Any:
    return jnp.promote_types(x.dtype, jnp.float32)


@op
def sum(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Array:
    """Return the sum over `axis`; all axes when None."""
    return jnp.sum(operand(x), axis=axes_of(axis), keepdims=keepdims)


@op
def prod(x: ArrayLike, axis: Axis = None, keepdims: bool = False, dtype: DType | None = None) -> Array:
    """Return the product over `axis`."""
    kind = None if dtype is None else dtype_name(dtype)
    return jnp.prod(operand(x), axis=axes_of(axis), keepdims=keepdims, dtype=kind)


@op
def mean(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Array:
    """Return the mean over `axis`."""
    x = operand(x)
    result = jnp.mean(x, axis=axes_of(axis), keepdims=keepdims, dtype=_accumulator(x))
    return result.astype(x.dtype) if jnp.issubdtype(x.dtype, jnp.inexact) else result.astype(_config.floatx())


@op
def var(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Array:
    """Return the variance over `axis`, divided by n."""
    x = operand(x)
    kind = x.dtype if jnp.issubdtype(x.dtype, jnp.inexact) else _config.floatx()
    return jnp.var(x, axis=axes_of(axis), keepdims=keepdims, dtype=_accumulator(x)).astype(kind)


@op
def std(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Array:
    """Return the standard deviation over `axis`, divided by n."""
    return jnp.std(floating(x), axis=axes_of(axis), keepdims=keepdims)


@op
def average(x: ArrayLike, axis: Axis = None, weights: ArrayLike | None = None) -> Array:
    """Return the mean over `axis`, weighted."""
    values = floating(x)
    if weights is None:
        return jnp.average(values, axis=axes_of(axis))
    w = floating(weights)
    kind = jnp.promote_types(values.dtype, w.dtype)
    return jnp.average(values.astype(kind), axis=axes_of(axis), weights=w.astype(kind))


@op
def max(x: ArrayLike, axis: Axis = None, keepdims: bool = False, initial: Any = None) -> Array:
    """Return the largest number over `axis`, at least `initial`."""
    return jnp.max(operand(x), axis=axes_of(axis), keepdims=keepdims, initial=initial)


@op
def min(x: ArrayLike, axis: Axis = None, keepdims: bool = False, initial: Any = None) -> Array:
    """Return the smallest number over `axis`, at most `initial`."""
    return jnp.min(operand(x), axis=axes_of(axis), keepdims=keepdims, initial=initial)


@op
def amax(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Array:
    """Return the largest number over `axis`."""
    return jnp.max(operand(x), axis=axes_of(axis), keepdims=keepdims)


@op
def amin(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Array:
    """Return the smallest number over `axis`."""
    return jnp.min(operand(x), axis=axes_of(axis), keepdims=keepdims)


@op
def ptp(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Array:
    """Return the largest minus the smallest number over `axis`."""
    return jnp.ptp(operand(x), axis=axes_of(axis), keepdims=keepdims)


@op
def any(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Array:
    """Whether one number over `axis` is true."""
    return jnp.any(operand(x), axis=axes_of(axis), keepdims=keepdims)


@op
def all(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Array:
    """Whether every number over `axis` is true."""
    return jnp.all(operand(x), axis=axes_of(axis), keepdims=keepdims)


@op
def argmax(x: ArrayLike, axis: int | None = None, keepdims: bool = False) -> Array:
    """Return the first position of the largest number along `axis`, int32."""
    return jnp.argmax(operand(x), axis=axis, keepdims=keepdims)


@op
def argmin(x: ArrayLike, axis: int | None = None, keepdims: bool = False) -> Array:
    """Return the first position of the smallest number along `axis`, int32."""
    return jnp.argmin(operand(x), axis=axis, keepdims=keepdims)


@op
def count_nonzero(x: ArrayLike, axis: Axis = None) -> Array:
    """Return how many numbers over `axis` are not zero, int32."""
    return jnp.count_nonzero(operand(x), axis=axes_of(axis)).astype("int32")


@op
def cumsum(x: ArrayLike, axis: int | None = None, dtype: DType | None = None) -> Array:
    """Return the running sum along `axis`; of the flat array when None."""
    return jnp.cumsum(operand(x), axis=axis, dtype=None if dtype is None else dtype_name(dtype))


@op
def cumprod(x: ArrayLike, axis: int | None = None, dtype: DType | None = None) -> Array:
    """Return the running product along `axis`; of the flat array when None."""
    return jnp.cumprod(operand(x), axis=axis, dtype=None if dtype is None else dtype_name(dtype))


@op
def diff(a: ArrayLike, n: int = 1, axis: int = -1) -> Array:
    """Return the n-th differences of neighbours along `axis`."""
    return jnp.diff(operand(a), n=n, axis=axis)


@op
def logsumexp(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Array:
    """Return `log(sum(e^x))` over `axis` without overflow."""
    return special.logsumexp(floating(x), axis=axes_of(axis), keepdims=keepdims)


@op
def median(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Array:
    """Return the median over `axis`."""
    return jnp.median(floating(x), axis=axes_of(axis), keepdims=keepdims)


@op
def quantile(x: ArrayLike, q: ArrayLike, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> Array:
    """Return the quantiles `q` (0 to 1) over `axis`, on a new first axis when `q` has one."""
    return jnp.quantile(floating(x), floating(q), axis=axes_of(axis), method=method, keepdims=keepdims)


@op
def percentile(x: ArrayLike, q: ArrayLike, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> Array:
    """Return the percentiles `q` (0 to 100) over `axis`."""
    return jnp.percentile(floating(x), floating(q), axis=axes_of(axis), method=method, keepdims=keepdims)


@op
def trace(x: ArrayLike, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Array:
    """Return the sum of the diagonal."""
    return jnp.trace(operand(x), offset=offset, axis1=axis1, axis2=axis2)
