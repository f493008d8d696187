r"""Threefry-2x32 written out: the bits of `jax.random`, several times faster on a CPU inside a compiled loop.

JAX lowers the hash to a rolled loop there, whose steps cost more than their arithmetic. Written out, all twenty rounds
fuse into one vectorized kernel with what reads them. The bits are those of `jax.random.bits` and `jax.random.fold_in`
(partitionable), which a test holds them to.

Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011, section 3.3.
"""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ranvier._typing import Array

__all__ = ["IMPLEMENTATION", "bits", "encrypt", "fold_in"]

IMPLEMENTATION = "threefry2x32"
_ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
_PARITY = np.uint32(0x1BD11BDA)
_MASK, _ROWS = 257, 1 << 14
"""Words from which a draw of several axes, and one along a single axis, is written out."""


def _rotated(x: Any, by: int) -> Any:
    return (x << np.uint32(by)) | (x >> np.uint32(32 - by))


def encrypt(key: Any, high: Any, low: Any) -> tuple[Any, Any]:
    """Return the two words that the block cipher makes of a counter `(high, low)`; NumPy's or JAX's words."""
    schedule = (key[0], key[1], key[0] ^ key[1] ^ _PARITY)
    high, low = high + schedule[0], low + schedule[1]
    for group in range(5):
        for rotation in _ROTATIONS[group % 2]:
            high = high + low
            low = high ^ _rotated(low, rotation)
        high = high + schedule[(group + 1) % 3]
        low = low + schedule[(group + 2) % 3] + np.uint32(group + 1)
    return high, low


@jax.jit
def _fold(key: Array, number: Array) -> Array:
    return jnp.stack(encrypt(key, jnp.zeros((), jnp.uint32), number))


def fold_in(key: Array, number: Any) -> Array:
    """Return the key that `jax.random.fold_in(key, number)` returns; `number` holds 32 bits."""
    traced = isinstance(number, jax.Array)
    word = jnp.asarray(number).astype(jnp.uint32) if traced else np.uint32(number & 0xFFFFFFFF)
    data = jax.random.key_data(key)
    if traced or isinstance(data, jax.core.Tracer):
        words = _fold(data, word)
    else:
        with np.errstate(over="ignore"):  # on the host, so that drawing first weights compiles nothing
            words = jnp.asarray(np.stack(encrypt(np.asarray(data), np.zeros((), np.uint32), word)))
    folded: Array = jax.random.wrap_key_data(words, impl=IMPLEMENTATION)
    return folded


@functools.partial(jax.jit, static_argnums=1)
def _bits(key: Array, shape: tuple[int, ...]) -> Array:
    size = int(np.prod(shape, dtype=np.int64))
    counters = lax.iota(jnp.uint32, size).reshape(shape)
    high, low = encrypt(key, jnp.zeros(shape, jnp.uint32), counters)
    word: Array = high ^ low
    return word


def bits(key: Array, shape: tuple[int, ...]) -> Array:
    """Return the words that `jax.random.bits(key, shape, "uint32")` returns."""
    # A number per row is broadcast, and written out it would be hashed anew for each element that reads it; a rolled
    # loop does not fuse, and is run once. A mask of all elements is read once: there the loop would only cost.
    written_out_from = _ROWS if sum(size > 1 for size in shape) <= 1 else _MASK
    if not written_out_from <= int(np.prod(shape, dtype=np.int64)) < 2**32:
        return jnp.asarray(jax.random.bits(key, shape, jnp.uint32))
    words: Array = _bits(jax.random.key_data(key), shape)
    return words
