"""Functions of two arrays that broadcast against each other."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ranvier import _config
from ranvier._errors import WrongType
from ranvier._typing import Array, ArrayLike
from ranvier.ops.core import operand
from ranvier.state.symbolic import op

__all__ = [
    "add",
    "arctan2",
    "bitwise_and",
    "bitwise_invert",
    "bitwise_left_shift",
    "bitwise_not",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "clip",
    "divide",
    "divide_no_nan",
    "floor_divide",
    "fmax",
    "fmin",
    "fmod",
    "gcd",
    "heaviside",
    "hypot",
    "lcm",
    "ldexp",
    "left_shift",
    "logaddexp",
    "logaddexp2",
    "maximum",
    "minimum",
    "mod",
    "multiply",
    "nextafter",
    "power",
    "right_shift",
    "subtract",
    "true_divide",
]


@op
def add(x1: ArrayLike, x2: ArrayLike) -> Array:
    """Return `x1 + x2`."""
    return jnp.add(operand(x1), operand(x2))


@op
def subtract(x1: ArrayLike, x2: ArrayLike) -> Array:
    """Return `x1 - x2`."""
    return jnp.subtract(operand(x1), operand(x2))


@op
def multiply(x1: ArrayLike, x2: ArrayLike) -> Array:
    """Return `x1 * x2`."""
    return jnp.multiply(operand(x1), operand(x2))


@op
def divide(x1: ArrayLike, x2: ArrayLike) -> Array:
    """Return `x1 / x2`; integers give floats."""
    return jnp.divide(operand(x1), operand(x2))


@op
def true_divide(x1: ArrayLike, x2: ArrayLike) -> Array:
    """Return `x1 / x2`; integers give floats."""
    return jnp.divide(operand(x1), operand(x2))


@op
def divide_no_nan(x1: ArrayLike, x2: ArrayLike) -> Array:
    """Return `x1 / x2`, and 0 where `x2` is 0; the gradient is finite there too."""
    x1, x2 = operand(x1), operand(x2)
    return jnp.where(x2 == 0, 0, jnp.divide(x1, jnp.where(x2 == 0, 1, x2)))


@op
def floor_divide(x1: ArrayLike, x2: ArrayLike) -> Array:
    """Return `floor(x1 / x2)`."""
    return jnp.floor_divide(operand(x1), operand(x2))


@op
def mod(x1: ArrayLike, x2: ArrayLike) -> Array:
    """Return the remainder with the sign of `x2`."""
    return jnp.mod(operand(x1), operand(x2))


@op
def fmod(x1: ArrayLike, x2: ArrayLike) -> Array:
    """Return the remainder with the sign of `x1`."""
    return jnp.fmod(operand(x1), operand(x2))


@op
def power(x1: ArrayLike, x2: ArrayLike) -> Array:
    """Return `x1^x2`."""
    return jnp.power(operand(x1), operand(x2))


@op
def maximum(x1: ArrayLike, x2: ArrayLike) -> Array:
    """Return the larger of two numbers; NaN wins."""
    return jnp.maximum(operand(x1), operand(x2))


@op
def minimum(x1: ArrayLike, x2: ArrayLike) -> Array:
    """Return the smaller of two numbers; NaN wins."""
    return jnp.minimum(operand(x1), operand(x2))


@op
def fmax(x1: ArrayLike, x2: ArrayLike) -> Array:
    """Return the larger of two numbers; NaN loses."""
    return jnp.fmax(operand(x1), operand(x2))


@op
def fmin(x1: ArrayLike, x2: ArrayLike) -> Array:
    """Return the smaller of two numbers; NaN loses."""
    return jnp.fmin(operand(x1), operand(x2))


@op
def clip(x: ArrayLike, x_min: Any, x_max: Any) -> Array:
    """Return `min(max(x, x_min), x_max)`."""
    x = operand(x)
    low, high = (None if bound is None else operand(bound) for bound in (x_min, x_max))
    return jnp.clip(x.astype("int32") if x.dtype == bool else x, low, high)


@op
def arctan2(x1: ArrayLike, x2: ArrayLike) -> Array:
    """Return the angle [rad] of the point (x2, x1)."""
    return jnp.arctan2(*_floats(x1, x2))


@op
def hypot(x1: ArrayLike, x2: ArrayLike) -> Array:
    """Return `sqrt(x1^2 + x2^2)` without overflow."""
    return jnp.hypot(operand(x1), operand(x2))


@op
def logaddexp(x1: ArrayLike, x2: ArrayLike) -> Array:
    """Return `log(e^x1 + e^x2)` without overflow."""
    return jnp.logaddexp(*_floats(x1, x2))


def _floats(x1: ArrayLike, x2: ArrayLike) -> tuple[Array, Array]:
    """Return two operands in their common float type."""
    a, b = operand(x1), operand(x2)
    kind: Any = jnp.promote_types(a.dtype, b.dtype)
    if not jnp.issubdtype(kind, jnp.inexact):
        kind = _config.floatx()
    return a.astype(kind), b.astype(kind)


@op
def bitwise_and(x: ArrayLike, y: ArrayLike) -> Array:
    """Return the bits set in both."""
    return jnp.bitwise_and(operand(x), operand(y))


@op
def bitwise_or(x: ArrayLike, y: ArrayLike) -> Array:
    """Return the bits set in either."""
    return jnp.bitwise_or(operand(x), operand(y))


@op
def bitwise_xor(x: ArrayLike, y: ArrayLike) -> Array:
    """Return the bits set in exactly one."""
    return jnp.bitwise_xor(operand(x), operand(y))


@op
def bitwise_invert(x: ArrayLike) -> Array:
    """Return all bits flipped."""
    return jnp.invert(operand(x))


@op
def bitwise_not(x: ArrayLike) -> Array:
    """Return all bits flipped."""
    return jnp.invert(operand(x))


@op
def bitwise_left_shift(x: ArrayLike, y: ArrayLike) -> Array:
    """Return `x` shifted left by `y` bits."""
    return jnp.left_shift(operand(x), operand(y))


@op
def bitwise_right_shift(x: ArrayLike, y: ArrayLike) -> Array:
    """Return `x` shifted right by `y` bits."""
    return jnp.right_shift(operand(x), operand(y))


@op
def left_shift(x: ArrayLike, y: ArrayLike) -> Array:
    """Return `x` shifted left by `y` bits."""
    return jnp.left_shift(operand(x), operand(y))


@op
def right_shift(x: ArrayLike, y: ArrayLike) -> Array:
    """Return `x` shifted right by `y` bits."""
    return jnp.right_shift(operand(x), operand(y))


@op
def logaddexp2(x1: ArrayLike, x2: ArrayLike) -> Array:
    """Return `log2(2^x1 + 2^x2)` without overflow."""
    return jnp.logaddexp2(*_floats(x1, x2))


@op
def ldexp(x1: ArrayLike, x2: ArrayLike) -> Array:
    """Return `x1 * 2^x2`.

    Raises:
        WrongType: `x2` is not made of whole numbers.
    """
    exponent = operand(x2)
    if not jnp.issubdtype(exponent.dtype, jnp.integer):
        raise WrongType(
            "An exponent of ldexp is a whole number.",
            code="ldexp-exponent",
            place="x2=",
            expected="an integer type",
            received=exponent.dtype,
            fix="use x1 * ops.exp2(x2)",
        )
    return jnp.ldexp(operand(x1), exponent)


@op
def heaviside(x1: ArrayLike, x2: ArrayLike) -> Array:
    """Return 0 where `x1` is below zero, 1 above, `x2` at zero."""
    return jnp.heaviside(operand(x1), operand(x2))


@op
def nextafter(x1: ArrayLike, x2: ArrayLike) -> Array:
    """Return the float next to `x1` on the way to `x2`."""
    return jnp.nextafter(operand(x1), operand(x2))


@op
def gcd(x1: ArrayLike, x2: ArrayLike) -> Array:
    """Return the greatest common divisor of whole numbers."""
    return jnp.gcd(operand(x1), operand(x2))


@op
def lcm(x1: ArrayLike, x2: ArrayLike) -> Array:
    """Return the least common multiple of whole numbers."""
    return jnp.lcm(operand(x1), operand(x2))
