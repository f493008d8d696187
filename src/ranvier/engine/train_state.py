"""TrainState: everything that training changes, as one immutable tree of arrays keyed by structural paths."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from ranvier._typing import Array

__all__ = ["Batch", "TrainState", "seed_data"]


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class TrainState:
    """What one step reads and what it returns.

    Attributes:
        step: number of steps done, int32; drives randomness and reporting only.
        seed: threefry key data of the run's seed, uint32 (2,).
        params: path to trainable array.
        buffers: path to non-trainable array (moving statistics, counters).
        optimizers: name to `{"iterations", "hyper", "slots"}`.
        totals: metric to its running sums over the epoch so far.
    """

    step: Array
    seed: Array
    params: dict[str, Array]
    buffers: dict[str, Array]
    optimizers: dict[str, Any]
    totals: dict[str, Any]

    def replace(self, **changes: Any) -> TrainState:
        """Return a copy with some fields changed."""
        return replace(self, **changes)


class Batch(NamedTuple):
    """One batch: inputs, targets and sample weights, each an array, a nest of arrays, or None."""

    x: Any
    y: Any = None
    weight: Any = None


def seed_data(seed: int) -> Array:
    """Return an integer seed of up to 64 bits as threefry key data."""
    return jnp.asarray(np.array([(seed >> 32) & 0xFFFFFFFF, seed & 0xFFFFFFFF], np.uint32))
