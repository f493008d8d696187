"""Draws made by NumPy on the host, from the same bits as `jax.random`: nothing is compiled for a weight's first value.

The bits are JAX's; the numbers differ from compiled ones by rounding only.

Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011 (threefry2x32, 20 rounds); Giles,
"Approximating the erfinv function", 2012 (the polynomial in single precision).
"""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np

from ranvier.state import threefry

__all__ = ["bits", "normal", "truncated_normal", "uniform"]

Floats: TypeAlias = np.ndarray[Any, np.dtype[np.float32]]
Words: TypeAlias = np.ndarray[Any, np.dtype[np.uint32]]

# A block and its work arrays stay in the processor's second-level cache.
_BLOCK = 1 << 14
# Giles's coefficients, highest power first: for w < 5 in w - 2.5, else in sqrt(w) - 3.
_CENTRAL = """
    2.81022636e-08 3.43273939e-07 -3.5233877e-06 -4.39150654e-06 0.00021858087 -0.00125372503 -0.00417768164
    0.246640727 1.50140941
"""
_TAIL = """
    -0.000200214257 0.000100950558 0.00134934322 -0.00367342844 0.00573950773 -0.0076224613 0.00943887047
    1.00167406 2.83297682
"""


def bits(key: Words, size: int) -> Words:
    """Return `size` random 32-bit words for a key of two words: JAX's partitionable threefry."""
    out = np.empty(size, np.uint32)
    for start in range(0, size, _BLOCK):
        count = np.arange(start, min(start + _BLOCK, size), dtype=np.uint64)
        high, low = threefry.encrypt(key, (count >> np.uint64(32)).astype(np.uint32), count.astype(np.uint32))
        out[start : start + count.size] = high ^ low
    return out


def uniform(key: Words, shape: tuple[int, ...], low: float, high: float) -> Floats:
    """Return float32 numbers of `[low, high)`."""
    words = bits(key, math.prod(shape))
    words >>= np.uint32(9)
    words |= np.uint32(0x3F800000)
    values = words.view(np.float32)
    values -= np.float32(1)
    values *= np.float32(high) - np.float32(low)
    values += np.float32(low)
    return np.maximum(values, np.float32(low), out=values).reshape(shape)


def normal(key: Words, shape: tuple[int, ...], mean: float, stddev: float) -> Floats:
    """Return float32 numbers of a normal distribution."""
    draws = uniform(key, shape, float(np.nextafter(np.float32(-1), np.float32(0))), 1.0)
    return _scaled(np.float32(math.sqrt(2)) * _erfinv(draws), mean, stddev)


def truncated_normal(key: Words, shape: tuple[int, ...], mean: float, stddev: float) -> Floats:
    """Return float32 numbers of a normal distribution cut at two standard deviations."""
    limit = math.erf(2 / math.sqrt(2))
    draws = np.float32(math.sqrt(2)) * _erfinv(uniform(key, shape, -limit, limit))
    inside = np.nextafter(np.float32(2), np.float32(0))
    return _scaled(np.clip(draws, -inside, inside), mean, stddev)


def _scaled(draws: Floats, mean: float, stddev: float) -> Floats:
    draws *= np.float32(stddev)
    draws += np.float32(mean)
    return draws


def _erfinv(x: Floats) -> Floats:
    """Return the inverse error function of numbers in (-1, 1)."""
    w = -np.log1p(-x * x)
    result = _horner(_CENTRAL, w - np.float32(2.5))
    tail = w >= 5
    result[tail] = _horner(_TAIL, np.sqrt(w[tail]) - np.float32(3))
    result *= x
    return result


def _horner(coefficients: str, x: Floats) -> Floats:
    highest, *others = (np.float32(number) for number in coefficients.split())
    result = np.full_like(x, highest)
    for coefficient in others:
        result *= x
        result += coefficient
    return result
