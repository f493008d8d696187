"""New arrays: filled, counted, spaced. Floats are floatx unless `dtype` says otherwise."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ranvier import _config
from ranvier._typing import Array, ArrayLike, DType
from ranvier.ops.core import convert_to_tensor, operand
from ranvier.state import decoding
from ranvier.state.symbolic import op
from ranvier.state.variable import dtype_name

__all__ = [
    "arange",
    "array",
    "empty",
    "empty_like",
    "eye",
    "full",
    "full_like",
    "geomspace",
    "identity",
    "linspace",
    "logspace",
    "ones",
    "ones_like",
    "tri",
    "vander",
    "zeros",
    "zeros_like",
]


def _named(dtype: DType | None) -> str | None:
    return None if dtype is None else dtype_name(dtype)


@op
def array(x: ArrayLike, dtype: DType | None = None) -> Array:
    """Return `x` as an array."""
    return convert_to_tensor(x, dtype)


def zeros(shape: Any, dtype: DType | None = None) -> Array:
    """Return zeros of `shape`."""
    return jnp.zeros(shape, dtype_name(dtype))


def ones(shape: Any, dtype: DType | None = None) -> Array:
    """Return ones of `shape`."""
    return jnp.ones(shape, dtype_name(dtype))


def empty(shape: Any, dtype: DType | None = None) -> Array:
    """Return an array of `shape`; its numbers are zeros."""
    return jnp.zeros(shape, dtype_name(dtype))


@op
def full(shape: Any, fill_value: ArrayLike, dtype: DType | None = None) -> Array:
    """Return `shape` filled with a value."""
    return jnp.full(shape, operand(fill_value), dtype_name(dtype))


@op
def zeros_like(x: ArrayLike, dtype: DType | None = None) -> Array:
    """Return zeros of the shape and type of `x`."""
    return jnp.zeros_like(operand(x), dtype=_named(dtype))


@op
def ones_like(x: ArrayLike, dtype: DType | None = None) -> Array:
    """Return ones of the shape and type of `x`."""
    return jnp.ones_like(operand(x), dtype=_named(dtype))


@op
def empty_like(x: ArrayLike, dtype: DType | None = None) -> Array:
    """Return an array of the shape and type of `x`; its numbers are zeros."""
    return jnp.zeros_like(operand(x), dtype=_named(dtype))


@op
def full_like(x: ArrayLike, fill_value: ArrayLike, dtype: DType | None = None) -> Array:
    """Return the shape and type of `x`, filled with a value."""
    return jnp.full_like(operand(x), operand(fill_value), dtype=_named(dtype))


def eye(N: int, M: int | None = None, k: int = 0, dtype: DType | None = None) -> Array:
    """Return an N by M matrix with ones on diagonal `k`."""
    return jnp.eye(N, M, k, dtype_name(dtype))


def identity(n: int, dtype: DType | None = None) -> Array:
    """Return the n by n identity matrix."""
    return jnp.eye(n, dtype=dtype_name(dtype))


def tri(N: int, M: int | None = None, k: int = 0, dtype: DType | None = None) -> Array:
    """Return an N by M matrix with ones on and below diagonal `k`."""
    return jnp.tri(N, M, k, dtype_name(dtype))


def arange(start: Any, stop: Any = None, step: Any = None, dtype: DType | None = None) -> Array:
    """Return `start`, `start + step`, ... below `stop`; integers give int32, a float anywhere gives floatx."""
    if dtype is None:
        given = [value for value in (start, stop, step) if value is not None]
        if all(isinstance(value, int) for value in given):
            dtype = "int32"
        elif any(isinstance(value, float) for value in given):
            dtype = _config.floatx()
    numbers = jnp.arange(start, stop, step, _named(dtype))
    from_zero = stop is None or (isinstance(start, int) and start == 0)
    return decoding.counted(numbers) if from_zero else numbers


@op
def linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: DType | None = None,
    axis: int = 0,
) -> Any:
    """Return `num` numbers at equal steps from `start` to `stop`; with `retstep` also the step."""
    return jnp.linspace(
        operand(start), operand(stop), num, endpoint=endpoint, retstep=retstep, dtype=_named(dtype), axis=axis
    )


@op
def logspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    base: Any = 10,
    dtype: DType | None = None,
    axis: int = 0,
) -> Array:
    """Return `num` powers of `base` whose exponents lie at equal steps."""
    return jnp.logspace(operand(start), operand(stop), num, endpoint, base, dtype=_named(dtype), axis=axis)


@op
def geomspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    dtype: DType | None = None,
    axis: int = 0,
) -> Array:
    """Return `num` numbers from `start` to `stop`, each the same multiple of the one before."""
    return jnp.geomspace(operand(start), operand(stop), num, endpoint, _named(dtype), axis)


@op
def vander(x: ArrayLike, N: int | None = None, increasing: bool = False) -> Array:
    """Return the powers of a vector as columns: `x^(N-1), ..., x, 1`, or the other way round when `increasing`."""
    return jnp.vander(operand(x), N, increasing)
