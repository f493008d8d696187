"""Trigonometric and hyperbolic functions; integers and booleans become floatx."""

from __future__ import annotations

import jax.numpy as jnp

from ranvier._typing import Array, ArrayLike
from ranvier.ops.core import floating, operand
from ranvier.state.symbolic import op

__all__ = [
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctanh",
    "cos",
    "cosh",
    "deg2rad",
    "rad2deg",
    "sin",
    "sinh",
    "tan",
    "tanh",
]


@op
def sin(x: ArrayLike) -> Array:
    """Return the sine of `x` [rad]."""
    return jnp.sin(floating(x))


@op
def cos(x: ArrayLike) -> Array:
    """Return the cosine of `x` [rad]."""
    return jnp.cos(floating(x))


@op
def tan(x: ArrayLike) -> Array:
    """Return the tangent of `x` [rad]."""
    return jnp.tan(floating(x))


@op
def arcsin(x: ArrayLike) -> Array:
    """Return the angle [rad] whose sine is `x`."""
    return jnp.arcsin(floating(x))


@op
def arccos(x: ArrayLike) -> Array:
    """Return the angle [rad] whose cosine is `x`."""
    return jnp.arccos(floating(x))


@op
def arctan(x: ArrayLike) -> Array:
    """Return the angle [rad] whose tangent is `x`."""
    return jnp.arctan(floating(x))


@op
def sinh(x: ArrayLike) -> Array:
    """Return the hyperbolic sine."""
    return jnp.sinh(floating(x))


@op
def cosh(x: ArrayLike) -> Array:
    """Return the hyperbolic cosine."""
    return jnp.cosh(floating(x))


@op
def tanh(x: ArrayLike) -> Array:
    """Return the hyperbolic tangent."""
    return jnp.tanh(floating(x))


@op
def arcsinh(x: ArrayLike) -> Array:
    """Return the inverse hyperbolic sine."""
    return jnp.arcsinh(floating(x))


@op
def arccosh(x: ArrayLike) -> Array:
    """Return the inverse hyperbolic cosine."""
    return jnp.arccosh(floating(x))


@op
def arctanh(x: ArrayLike) -> Array:
    """Return the inverse hyperbolic tangent."""
    return jnp.arctanh(floating(x))


@op
def deg2rad(x: ArrayLike) -> Array:
    """Return degrees as radians."""
    return jnp.deg2rad(operand(x))


@op
def rad2deg(x: ArrayLike) -> Array:
    """Return radians as degrees."""
    return jnp.rad2deg(operand(x))
