"""Draws inside compiled programs: `jax.random`'s numbers, from bits that fuse with what uses them."""

from __future__ import annotations

import functools
import math

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ranvier._typing import Array, ArrayLike
from ranvier.state import threefry

__all__ = ["draw", "unit_interval"]


def unit_interval(key: Array, shape: tuple[int, ...]) -> Array:
    """Return float32 numbers of `[0, 1)`: the upper 23 bits of each word are the fraction."""
    words = threefry.bits(key, shape) >> np.uint32(9) | np.uint32(0x3F800000)
    return lax.bitcast_convert_type(words, jnp.float32) - np.float32(1)


def draw(
    key: Array, first: ArrayLike, second: ArrayLike, distribution: str, shape: tuple[int, ...], dtype: str
) -> Array:
    """Draw in one program per (distribution, shape, dtype); the two parameters are data.

    Args:
        key: a threefry key.
        first: lower bound of uniform, mean of normal and truncated_normal.
        second: upper bound of uniform, standard deviation of normal and truncated_normal.
        distribution: `"uniform"`, `"normal"` or `"truncated_normal"` (cut at two standard deviations).
        shape: shape of the result.
        dtype: name of a float type.
    """
    result: Array = _draw(key, first, second, distribution, shape, dtype)
    return result


@functools.partial(jax.jit, static_argnames=("distribution", "shape", "dtype"))
def _draw(
    key: Array, first: ArrayLike, second: ArrayLike, distribution: str, shape: tuple[int, ...], dtype: str
) -> Array:
    a, b = jnp.asarray(first, dtype), jnp.asarray(second, dtype)
    if distribution == "uniform":
        return _uniform(key, shape, dtype, a, b)
    return _standard(key, shape, dtype, truncated=distribution == "truncated_normal") * b + a


def _uniform(key: Array, shape: tuple[int, ...], dtype: str, low: Array, high: Array) -> Array:
    if dtype != "float32":
        return jax.random.uniform(key, shape, dtype, low, high)
    return jnp.maximum(unit_interval(key, shape) * (high - low) + low, low)


def _standard(key: Array, shape: tuple[int, ...], dtype: str, truncated: bool) -> Array:
    if dtype != "float32" and truncated:
        return jax.random.truncated_normal(key, -2.0, 2.0, shape, dtype)
    if dtype != "float32":
        return jax.random.normal(key, shape, dtype)
    limit = math.erf(math.sqrt(2)) if truncated else 1.0
    low = -limit if truncated else float(np.nextafter(np.float32(-1), np.float32(0)))
    normal = np.float32(math.sqrt(2)) * lax.erf_inv(_uniform(key, shape, dtype, jnp.float32(low), jnp.float32(limit)))
    inside = np.nextafter(np.float32(2), np.float32(0))
    return jnp.clip(normal, -inside, inside) if truncated else normal
