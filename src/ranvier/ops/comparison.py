"""Questions about numbers: comparisons, logic, and what is finite."""

from __future__ import annotations

import jax.numpy as jnp

from ranvier._typing import Array, ArrayLike
from ranvier.ops.core import operand
from ranvier.state.symbolic import op

__all__ = [
    "allclose",
    "equal",
    "greater",
    "greater_equal",
    "isclose",
    "isfinite",
    "isin",
    "isinf",
    "isnan",
    "isneginf",
    "isposinf",
    "isreal",
    "less",
    "less_equal",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "not_equal",
]


@op
def equal(x1: ArrayLike, x2: ArrayLike) -> Array:
    """Return `x1 == x2`."""
    return jnp.equal(operand(x1), operand(x2))


@op
def not_equal(x1: ArrayLike, x2: ArrayLike) -> Array:
    """Return `x1 != x2`."""
    return jnp.not_equal(operand(x1), operand(x2))


@op
def greater(x1: ArrayLike, x2: ArrayLike) -> Array:
    """Return `x1 > x2`."""
    return jnp.greater(operand(x1), operand(x2))


@op
def greater_equal(x1: ArrayLike, x2: ArrayLike) -> Array:
    """Return `x1 >= x2`."""
    return jnp.greater_equal(operand(x1), operand(x2))


@op
def less(x1: ArrayLike, x2: ArrayLike) -> Array:
    """Return `x1 < x2`."""
    return jnp.less(operand(x1), operand(x2))


@op
def less_equal(x1: ArrayLike, x2: ArrayLike) -> Array:
    """Return `x1 <= x2`."""
    return jnp.less_equal(operand(x1), operand(x2))


@op
def logical_and(x1: ArrayLike, x2: ArrayLike) -> Array:
    """Whether both are true; every number but 0 is true."""
    return jnp.logical_and(operand(x1), operand(x2))


@op
def logical_or(x1: ArrayLike, x2: ArrayLike) -> Array:
    """Whether one or both are true."""
    return jnp.logical_or(operand(x1), operand(x2))


@op
def logical_xor(x1: ArrayLike, x2: ArrayLike) -> Array:
    """Whether exactly one is true."""
    return jnp.logical_xor(operand(x1), operand(x2))


@op
def logical_not(x: ArrayLike) -> Array:
    """Whether it is false."""
    return jnp.logical_not(operand(x))


@op
def isnan(x: ArrayLike) -> Array:
    """Whether it is NaN."""
    return jnp.isnan(operand(x))


@op
def isfinite(x: ArrayLike) -> Array:
    """Whether it is neither NaN nor infinite."""
    return jnp.isfinite(operand(x))


@op
def isinf(x: ArrayLike) -> Array:
    """Whether it is infinite."""
    return jnp.isinf(operand(x))


@op
def isposinf(x: ArrayLike) -> Array:
    """Whether it is +inf."""
    return jnp.isposinf(operand(x))


@op
def isneginf(x: ArrayLike) -> Array:
    """Whether it is -inf."""
    return jnp.isneginf(operand(x))


@op
def isreal(x: ArrayLike) -> Array:
    """Whether its imaginary part is zero."""
    return jnp.isreal(operand(x))


@op
def isclose(x1: ArrayLike, x2: ArrayLike, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Array:
    """Whether `|x1 - x2| <= atol + rtol * |x2|`, number by number."""
    return jnp.isclose(operand(x1), operand(x2), rtol, atol, equal_nan)


@op
def allclose(x1: ArrayLike, x2: ArrayLike, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Array:
    """Whether all numbers are close, a scalar."""
    return jnp.allclose(operand(x1), operand(x2), rtol, atol, equal_nan)


@op
def isin(x1: ArrayLike, x2: ArrayLike, assume_unique: bool = False, invert: bool = False) -> Array:
    """Whether each number of `x1` occurs in `x2`."""
    return jnp.isin(operand(x1), operand(x2), assume_unique=assume_unique, invert=invert)
