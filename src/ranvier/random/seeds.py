"""Where random draws get their keys from: a number, a generator, or the running pass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias, final

import jax
import jax.numpy as jnp
import numpy as np

from ranvier._errors import WrongType
from ranvier._lookup import Configurable
from ranvier._typing import Array
from ranvier.state import rng, scope, threefry

__all__ = ["Seed", "SeedGenerator", "key_of"]


@final
class SeedGenerator(Configurable):
    """A numbered stream of keys: `key(n) = (seed, n)`, as in Keras on JAX.

    While a compiled step or another pass runs, the step decides: the key comes from the pass (seed of the run, step,
    layer, draw number) with `seed` folded in, so that nothing has to be stored and a resumed run draws the same.

    Args:
        seed: an integer; None means the global stream.
        name: display name.

    Example:
        >>> from ranvier import random
        >>> stream = random.SeedGenerator(1)
        >>> first, second = random.normal((), seed=stream), random.normal((), seed=stream)
        >>> bool(first == second)
        False
    """

    keras_module = "keras.random"

    def __init__(self, seed: int | None = None, name: str | None = None, **kwargs: Any) -> None:
        if seed is not None and not isinstance(seed, (int, np.integer)):
            raise rng.bad_seed(seed)
        if kwargs:
            unknown = next(iter(kwargs))
            raise WrongType(f"SeedGenerator does not know the argument {unknown!r}.", code="unknown-argument")
        self.seed = None if seed is None else int(seed)
        self.name = name or "seed_generator"
        self._number = 0
        self._drawn_seed: int | None = self.seed

    @property
    def state(self) -> np.ndarray:
        """The key of the next draw outside of a pass: `[seed, number]` as uint32."""
        if self._drawn_seed is None:
            self._drawn_seed = rng.fresh_seed()
        return np.array([self._drawn_seed & 0xFFFFFFFF, self._number], np.uint32)

    def next(self, ordered: bool = True) -> Array:
        """Return the next key's data, uint32 of shape (2,); `ordered` is accepted for Keras."""
        running = scope.active()
        if running is not None and running.key is not None:
            key = running.next_key()
            return jax.random.key_data(key if self.seed is None else threefry.fold_in(key, self.seed & 0xFFFFFFFF))
        data = self.state
        self._number += 1
        return jnp.asarray(data)

    def get_config(self) -> dict[str, Any]:
        """Return the seed."""
        return {"seed": self.seed}


Seed: TypeAlias = int | SeedGenerator | Mapping[str, Any] | Array | None
"""What a `seed=` argument takes."""


def key_of(seed: Seed) -> Array:
    """Return the key to draw with.

    Args:
        seed: an integer (equal draws every time, and Keras's on JAX), a SeedGenerator, a key, or None for the next key
            of the running pass or of the global stream.

    Raises:
        WrongType: anything else.
    """
    return scope.next_key() if seed is None else rng.key_from(seed)


def generator_or_number(seed: Any) -> Any:
    """Return a `seed=` argument with a generator's configuration turned back into the generator."""
    if isinstance(seed, Mapping):
        return SeedGenerator(**seed.get("config", {}))
    return seed
