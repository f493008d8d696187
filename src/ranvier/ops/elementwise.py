"""Functions of one array, number by number. Integers and booleans become floatx where the result is a fraction."""

from __future__ import annotations

import jax.numpy as jnp
from jax import lax
from jax.scipy import special

from ranvier import _config
from ranvier._typing import Array, ArrayLike, DType
from ranvier.ops.core import floating, operand
from ranvier.state.symbolic import op
from ranvier.state.variable import dtype_name

__all__ = [
    "abs",
    "absolute",
    "angle",
    "cbrt",
    "ceil",
    "conj",
    "conjugate",
    "erf",
    "erfc",
    "erfinv",
    "exp",
    "exp2",
    "expm1",
    "fabs",
    "floor",
    "i0",
    "imag",
    "log",
    "log1p",
    "log2",
    "log10",
    "nan_to_num",
    "negative",
    "real",
    "reciprocal",
    "round",
    "rsqrt",
    "sign",
    "signbit",
    "sinc",
    "sqrt",
    "square",
    "trunc",
    "view",
]


@op
def abs(x: ArrayLike) -> Array:
    """Return `|x|`."""
    return jnp.abs(operand(x))


@op
def absolute(x: ArrayLike) -> Array:
    """Return `|x|`."""
    return jnp.abs(operand(x))


@op
def negative(x: ArrayLike) -> Array:
    """Return `-x`."""
    return jnp.negative(operand(x))


@op
def sign(x: ArrayLike) -> Array:
    """Return -1, 0 or 1."""
    return jnp.sign(operand(x))


@op
def signbit(x: ArrayLike) -> Array:
    """Whether the sign bit is set; true for -0.0."""
    return jnp.signbit(operand(x))


@op
def square(x: ArrayLike) -> Array:
    """Return `x^2`."""
    return jnp.square(operand(x))


@op
def sqrt(x: ArrayLike) -> Array:
    """Return the square root; NaN below zero."""
    return jnp.sqrt(operand(x))


@op
def rsqrt(x: ArrayLike) -> Array:
    """Return `1 / sqrt(x)`."""
    return lax.rsqrt(floating(x))


@op
def cbrt(x: ArrayLike) -> Array:
    """Return the real cube root."""
    return jnp.cbrt(operand(x))


@op
def reciprocal(x: ArrayLike) -> Array:
    """Return `1 / x`."""
    return jnp.reciprocal(operand(x))


@op
def exp(x: ArrayLike) -> Array:
    """Return `e^x`."""
    return jnp.exp(floating(x))


@op
def exp2(x: ArrayLike) -> Array:
    """Return `2^x`."""
    return jnp.exp2(floating(x))


@op
def expm1(x: ArrayLike) -> Array:
    """Return `e^x - 1`, exact near zero."""
    return jnp.expm1(floating(x))


@op
def log(x: ArrayLike) -> Array:
    """Return the natural logarithm; -inf at zero, NaN below."""
    return jnp.log(operand(x))


@op
def log1p(x: ArrayLike) -> Array:
    """Return `log(1 + x)`, exact near zero."""
    return jnp.log1p(operand(x))


@op
def log2(x: ArrayLike) -> Array:
    """Return the logarithm to base 2."""
    return jnp.log2(operand(x))


@op
def log10(x: ArrayLike) -> Array:
    """Return the logarithm to base 10."""
    return jnp.log10(operand(x))


@op
def floor(x: ArrayLike) -> Array:
    """Return the largest whole number that is not above `x`, as a float."""
    return jnp.floor(floating(x))


@op
def ceil(x: ArrayLike) -> Array:
    """Return the smallest whole number that is not below `x`, as a float."""
    return jnp.ceil(floating(x))


@op
def trunc(x: ArrayLike) -> Array:
    """Return `x` without its fraction; integers and booleans come back as they are."""
    x = operand(x)
    return jnp.trunc(x) if jnp.issubdtype(x.dtype, jnp.inexact) else x


@op
def round(x: ArrayLike, decimals: int = 0) -> Array:
    """Return `x` to `decimals` places, halves to even."""
    x = operand(x)
    if jnp.issubdtype(x.dtype, jnp.integer) and decimals < 0:
        factor = 10.0**decimals
        return (jnp.round(x.astype(_config.floatx()) * factor) / factor).astype(x.dtype)
    return jnp.round(x, decimals)


@op
def nan_to_num(x: ArrayLike, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Array:
    """Replace NaN and the infinities; by the largest finite numbers where None."""
    return jnp.nan_to_num(operand(x), nan=nan, posinf=posinf, neginf=neginf)


@op
def erf(x: ArrayLike) -> Array:
    """Return the error function."""
    return special.erf(floating(x))


@op
def erfc(x: ArrayLike) -> Array:
    """Return `1 - erf(x)`, exact for large `x`."""
    return special.erfc(floating(x))


@op
def erfinv(x: ArrayLike) -> Array:
    """Return the inverse of the error function."""
    return special.erfinv(floating(x))


@op
def real(x: ArrayLike) -> Array:
    """Return the real part."""
    return jnp.real(operand(x))


@op
def imag(x: ArrayLike) -> Array:
    """Return the imaginary part."""
    return jnp.imag(operand(x))


@op
def conjugate(x: ArrayLike) -> Array:
    """Return the complex conjugate."""
    return jnp.conjugate(operand(x))


@op
def conj(x: ArrayLike) -> Array:
    """Return the complex conjugate."""
    return jnp.conjugate(operand(x))


@op
def angle(x: ArrayLike) -> Array:
    """Return the angle [rad] of a complex number: 0 or pi for a real one."""
    return jnp.angle(floating(x))


@op
def fabs(x: ArrayLike) -> Array:
    """Return `|x|` as a float."""
    return jnp.fabs(operand(x))


@op
def sinc(x: ArrayLike) -> Array:
    """Return `sin(pi x) / (pi x)`, 1 at zero."""
    return jnp.sinc(floating(x))


@op
def i0(x: ArrayLike) -> Array:
    """Return the modified Bessel function of the first kind, order 0."""
    return jnp.i0(floating(x))


@op
def view(x: ArrayLike, dtype: DType | None = None) -> Array:
    """Return the bits of `x` read as another type; its last axis grows or shrinks with the size of the type."""
    return operand(x).view(None if dtype is None else dtype_name(dtype))
