"""Chunks: many batches joined to one source that the compiled loop runs through, prepared one ahead."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ranvier._typing import Array
from ranvier.engine.compiled import signature
from ranvier.engine.feed import Segment
from ranvier.engine.train_state import Batch

__all__ = ["Chunks", "prefetched"]

CHUNK_BYTES = 32 * 2**20
CHUNK_STEPS = 256
CHUNK_SECONDS = 0.3
"""A slow source hands on what it has after this time, so that Ctrl-C and progress stay lively."""


class Chunks:
    """Joins consecutive batches of one shape into chunks of a fixed number of steps."""

    def __init__(self) -> None:
        self.capacity: dict[Any, int] = {}

    def join(self, batches: Iterable[tuple[Batch, dict[str, Any] | None]], skip: int) -> Iterator[Segment]:
        """Yield one Segment per chunk; `skip` is the number of the first batch within the epoch."""
        held: list[Batch] = []
        kind: Any = None
        start: dict[str, Any] | None = None
        first, began = skip, time.monotonic()
        for batch, position in batches:
            new_kind = signature(batch)
            late = time.monotonic() - began > CHUNK_SECONDS
            if held and (new_kind != kind or late or len(held) == self._steps(kind, held[0])):
                yield self._segment(held, kind, first, start)
                first += len(held)
                held = []
            if not held:
                start, began = position, time.monotonic()
            kind = new_kind
            held.append(batch)
        if held:
            yield self._segment(held, kind, first, start)

    def _steps(self, kind: Any, batch: Batch) -> int:
        """Return how many steps a chunk of this shape holds: many for the first shape seen, one for odd ones."""
        if kind not in self.capacity:
            size = sum(leaf.nbytes for leaf in jax.tree_util.tree_leaves(batch)) or 1
            many = max(1, min(CHUNK_STEPS, CHUNK_BYTES // size))
            self.capacity[kind] = many if not self.capacity else 1
        return self.capacity[kind]

    def _segment(self, held: list[Batch], kind: Any, first: int, position: dict[str, Any] | None) -> Segment:
        capacity = self._steps(kind, held[0])
        size = jax.tree_util.tree_leaves(held[0])[0].shape[0]

        def stack(*arrays: Any) -> Array:
            out = np.zeros((capacity * size, *arrays[0].shape[1:]), arrays[0].dtype)
            np.concatenate([np.asarray(a) for a in arrays], out=out[: len(arrays) * size])
            return jnp.asarray(out)

        index = np.arange(capacity * size, dtype=np.int32).reshape(capacity, size)
        source = jax.tree_util.tree_map(stack, *held)
        return Segment(source, jnp.asarray(index), first, len(held), position=position)


def prefetched(make: Callable[[], Iterator[Segment]]) -> Iterator[Segment]:
    """Run a generator of segments one ahead, in a thread that ends with its consumer."""
    ready: queue.Queue[Any] = queue.Queue(maxsize=1)
    closed = threading.Event()

    def offer(item: Any) -> bool:
        while not closed.is_set():
            try:
                ready.put(item, timeout=0.1)
            except queue.Full:
                continue
            return True
        return False

    def produce() -> None:
        try:
            for segment in make():
                if not offer((segment, None)):
                    return
            offer((None, None))
        except BaseException as error:
            offer((None, error))

    worker = threading.Thread(target=produce, name="ranvier-feed", daemon=True)
    worker.start()
    try:
        while True:
            segment, error = ready.get()
            if error is not None:
                raise error
            if segment is None:
                return
            yield segment
    finally:
        closed.set()
        worker.join(timeout=10)
