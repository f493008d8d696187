"""Randomness that is derived, never stored: bits are JAX's threefry, keyed by seed, step, path and draw number.

    key(step, path, draw) = fold_in(fold_in(fold_in(seed, step), hash(path)), draw)

Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011 (threefry).
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ranvier._config import configuration
from ranvier._errors import WrongType
from ranvier._typing import Array
from ranvier.state import threefry
from ranvier.state.threefry import IMPLEMENTATION

__all__ = [
    "bad_seed",
    "base_key",
    "fresh_seed",
    "global_key",
    "key_from",
    "reset_global",
    "stable_hash",
    "step_key",
    "wrapped",
]


def stable_hash(text: str) -> int:
    """Return 32 bits that depend on `text` alone, in every process and on every machine."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest(), "little")


def base_key(seed: int) -> Array:
    """Return the threefry key of an integer seed of up to 64 bits."""
    return wrapped(_key_data(seed))


def wrapped(data: Any) -> Array:
    """Return the key of two words."""
    key: Array = jax.random.wrap_key_data(data, impl=IMPLEMENTATION)
    return key


def key_from(seed: Any) -> Array:
    """Return the key of an integer (Keras's on JAX), of a generator's next words, or of two words; keys as they are.

    Raises:
        WrongType: anything else.
    """
    if hasattr(seed, "next"):
        return wrapped(seed.next())
    if isinstance(seed, (int, np.integer)) and not isinstance(seed, bool):
        return wrapped(_key_data(int(seed))[::-1])
    if isinstance(seed, jax.Array) and jnp.issubdtype(seed.dtype, jax.dtypes.prng_key):
        return seed
    if isinstance(seed, (jax.Array, np.ndarray)) and seed.shape == (2,):
        return wrapped(jnp.asarray(seed, jnp.uint32))
    raise bad_seed(seed)


def bad_seed(seed: object) -> WrongType:
    """Return the error for what cannot seed a draw."""
    return WrongType(
        "This cannot seed a random draw.",
        code="bad-seed",
        place="seed=",
        expected="an integer, a SeedGenerator, or None",
        received=repr(seed)[:100],
        fix="pass seed=1337, or seed=ranvier.random.SeedGenerator(1337)",
    )


def _key_data(seed: int) -> Any:
    seed = int(seed)
    return np.array([(seed >> 32) & 0xFFFFFFFF, seed & 0xFFFFFFFF], dtype=np.uint32)


def step_key(seed: Array, step: Array) -> Array:
    """Return the key of one training step; `seed` is key data of shape (2,), `step` an integer scalar."""
    return threefry.fold_in(wrapped(seed), step)


def fresh_seed() -> int:
    """Return a new seed: derived from `set_random_seed`'s when there is one, else from the system's entropy."""
    if configuration.seed is None:
        return secrets.randbits(31)
    digest = hashlib.blake2b(f"{configuration.seed}/{_next_number()}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "little") & 0x7FFFFFFF


class _Counter:
    """How many draws were made from the global stream since the seed was set."""

    number = 0
    seed: int | None = None


def _next_number() -> int:
    _Counter.number += 1
    return _Counter.number


def reset_global(seed: int | None) -> None:
    """Start the global stream anew from `seed`."""
    configuration.seed = seed
    _Counter.number, _Counter.seed = 0, None


def global_key() -> Array:
    """Return the next key of the global stream, for draws outside any step."""
    if configuration.seed is not None:
        seed = configuration.seed
    else:
        if _Counter.seed is None:
            _Counter.seed = secrets.randbits(31)
        seed = _Counter.seed
    return threefry.fold_in(base_key(seed), _next_number())
