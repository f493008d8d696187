"""One compiled program for any number of steps: gather a batch, take the step, keep the loss.

The trip `[start, stop)` is data, not shape, so the same executable serves every cadence and every epoch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from ranvier._typing import Array
from ranvier.engine.step import Step
from ranvier.engine.train_state import TrainState

__all__ = ["Run", "gather", "make_run"]

Run = Callable[[TrainState, Any, Array, Array, Array], tuple[TrainState, Array, Array]]


def gather(source: Any, rows: Array) -> Any:
    """Return the rows of every array in `source`; indices are known to be in range."""
    return jax.tree_util.tree_map(lambda array: array.at[rows].get(mode="promise_in_bounds"), source)


def make_run(step: Step) -> Run:
    """Return `run(state, source, index, start, stop) -> (state, losses, healthy)`.

    `source` is a Batch of arrays with a leading axis `row`; `index` has axes `(step, row of the batch)`; `losses` has
    the axis `step`; `healthy` says whether every loss of the trip and every number of the state that was finite at
    its start still is.
    """

    def run(state: TrainState, source: Any, index: Array, start: Array, stop: Array) -> tuple[TrainState, Array, Array]:
        def body(i: Array, carry: tuple[TrainState, Array]) -> tuple[TrainState, Array]:
            inner, losses = carry
            inner, loss = step(inner, gather(source, index[i]))
            return inner, losses.at[i].set(loss.astype(losses.dtype))

        losses = jnp.zeros(index.shape[0], jnp.float32)
        end, losses = lax.fori_loop(start, stop, body, (state, losses))
        return end, losses, jnp.isfinite(losses).all() & still_finite(state, end)

    return run


def still_finite(before: TrainState, after: TrainState) -> Array:
    """Whether no number of the weights, buffers and slots went non-finite (one that was so at the start may stay)."""
    healthy = jnp.asarray(True)
    for name in ("params", "buffers", "optimizers"):
        olds = jax.tree_util.tree_leaves(getattr(before, name))
        news = jax.tree_util.tree_leaves(getattr(after, name))
        for old, new in zip(olds, news, strict=True):
            if jnp.issubdtype(new.dtype, jnp.floating):
                healthy &= (jnp.isfinite(new) | ~jnp.isfinite(old)).all()
    return healthy
