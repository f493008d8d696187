"""Feeds: where batches come from, cut into segments that the compiled loop can run through.

A segment is a run of consecutive steps of one batch shape: a source (a Batch of arrays with a row axis), an index with
axes `(step, row of the batch)` and the number of steps. Arrays stay on the device and are gathered through a
permutation (`ArrayFeed`, here); everything else arrives in chunks of many steps (`streams.py`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import jax
import jax.numpy as jnp
import numpy as np

from ranvier._typing import Array
from ranvier.engine.inputs import row_count
from ranvier.engine.train_state import Batch

__all__ = ["ArrayFeed", "Feed", "Segment", "passes", "permutation"]


@dataclass
class Segment:
    """Consecutive steps of one batch shape.

    Attributes:
        source: a Batch of arrays whose first axis counts rows.
        index: int32 `(step, row of the batch)`.
        first: number of the segment's first step within the epoch.
        begin: first step of the segment that is to be run.
        steps: number of steps; rows of `index` beyond are padding.
        position: where the source stood before the first step, for a source that has a position of its own.
    """

    source: Batch
    index: Array
    first: int
    steps: int
    begin: int = 0
    position: dict[str, Any] | None = None


class Feed(Protocol):
    """A source of epochs."""

    @property
    def steps(self) -> int | None:
        """Steps of an epoch; None until the first epoch has ended."""
        ...

    def epoch(self, number: int, skip: int = 0) -> Iterator[Segment]:
        """Yield the segments of one epoch, leaving out its first `skip` steps."""
        ...

    def example(self) -> Batch:
        """Return one batch as the loop will see it, for shapes and dtypes."""
        ...

    def position(self) -> dict[str, Any]:
        """Return where the source stands between two epochs; `exact` says whether a resume is bit-exact."""
        ...

    def seek(self, position: dict[str, Any]) -> None:
        """Make the next epoch continue from a position, its own or a Segment's."""
        ...


def permutation(seed: int, epoch: int, rows: int) -> np.ndarray:
    """Return the order of rows in an epoch: a function of seed and epoch alone."""
    generator = np.random.Generator(np.random.Philox(key=[seed & 0xFFFFFFFFFFFFFFFF, epoch]))
    return generator.permutation(rows).astype(np.int32)


def _index_of(order: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Split an order of rows into full batches `(step, row)` and the short last one."""
    full = len(order) // size
    return order[: full * size].reshape(full, size), order[full * size :]


def passes(rows: int, size: int, steps: int | None, epoch: int, skip: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield `(pass, first batch, batches, step within the epoch)`; `steps` cuts epochs across passes over the data."""
    per_pass = math.ceil(rows / size)
    wanted = per_pass if steps is None else steps
    position = epoch * wanted + skip
    done = skip
    while done < wanted:
        number, first = divmod(position, per_pass)
        count = min(per_pass - first, wanted - done)
        yield number, first, count, done
        done += count
        position += count


class ArrayFeed:
    """Arrays that live on the device; an epoch is one permutation of their rows.

    Args:
        data: a Batch of arrays with equal numbers of rows.
        size: rows per batch.
        shuffle: whether the order changes with every epoch.
        seed: decides the orders.
        steps: steps per epoch; None for one pass over the rows.
    """

    def __init__(self, data: Batch, size: int, shuffle: bool, seed: int, steps: int | None = None) -> None:
        self.rows = row_count(*data)
        self.size = min(size, self.rows)
        self.shuffle, self.seed, self.given_steps = shuffle, seed, steps
        self.steps = steps or math.ceil(self.rows / self.size)
        self.data = jax.tree_util.tree_map(jnp.asarray, data)
        self._plain: tuple[Array, Array] | None = None

    def example(self) -> Batch:
        specs: Batch = jax.tree_util.tree_map(
            lambda a: jax.ShapeDtypeStruct((self.size, *a.shape[1:]), a.dtype), self.data
        )
        return specs

    def epoch(self, number: int, skip: int = 0) -> Iterator[Segment]:
        for pass_, first, count, done in passes(self.rows, self.size, self.given_steps, number, skip):
            full, tail = self._order(pass_)
            in_full = max(0, min(first + count, full.shape[0]) - first)
            if in_full:
                yield Segment(self.data, full, done - first, first + in_full, begin=first)
            if in_full < count:
                yield Segment(self.data, tail, done + in_full, 1)

    def _order(self, pass_: int) -> tuple[Array, Array]:
        if self.shuffle:
            full, tail = _index_of(permutation(self.seed, pass_, self.rows), self.size)
            return jnp.asarray(full), jnp.asarray(tail[None])
        if self._plain is None:
            full, tail = _index_of(np.arange(self.rows, dtype=np.int32), self.size)
            self._plain = jnp.asarray(full), jnp.asarray(tail[None])
        return self._plain

    def tail_spec(self) -> tuple[int, ...] | None:
        """Return the index shape of the short last batch, or None where there is none."""
        short = self.rows % self.size
        return (1, short) if short and self.steps * self.size >= self.rows else None

    def position(self) -> dict[str, Any]:
        return {"exact": True}

    def seek(self, position: dict[str, Any]) -> None:
        """Epoch and step decide everything."""
