"""Feeds: where batches come from, cut into segments that the compiled loop can run through.

A segment is a run of consecutive steps of one batch shape: a source (a Batch of arrays with a row axis), an index with
axes `(step, row of the batch)` and the number of steps. Arrays stay on the device and are gathered through a
permutation; everything else arrives in chunks of many steps, the next one prepared while this one trains.
"""

from __future__ import annotations

import math
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import jax
import jax.numpy as jnp
import numpy as np

from ranvier._errors import DataError
from ranvier._typing import Array
from ranvier.engine.inputs import host_tree, row_count
from ranvier.engine.train_state import Batch

__all__ = ["ArrayFeed", "Feed", "IterableFeed", "RowFeed", "Segment", "SequenceFeed", "permutation"]

CHUNK_BYTES = 32 * 2**20
CHUNK_STEPS = 256


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

    steps: int | None
    """Steps of an epoch; None until the first epoch has ended."""

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


def _passes(rows: int, size: int, steps: int | None, epoch: int, skip: int) -> Iterator[tuple[int, int, int, int]]:
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
        return jax.tree_util.tree_map(
            lambda a: jax.ShapeDtypeStruct((self.size, *a.shape[1:]), a.dtype), self.data
        )

    def epoch(self, number: int, skip: int = 0) -> Iterator[Segment]:
        for pass_, first, count, done in _passes(self.rows, self.size, self.given_steps, number, skip):
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


class _Chunks:
    """Joins consecutive batches of one shape into chunks of a fixed number of steps."""

    def __init__(self) -> None:
        self.capacity: dict[Any, int] = {}

    def join(self, batches: Iterable[tuple[Batch, dict[str, Any] | None]], skip: int) -> Iterator[Segment]:
        """Yield one Segment per chunk; `skip` is the number of the first batch within the epoch."""
        held: list[Batch] = []
        kind: Any = None
        start: dict[str, Any] | None = None
        first = skip
        for batch, position in batches:
            new_kind = _kind(batch)
            if held and (new_kind != kind or len(held) == self._steps(kind, held[0])):
                yield self._segment(held, kind, first, start)
                first += len(held)
                held = []
            if not held:
                start = position
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


def _kind(batch: Batch) -> Any:
    leaves, structure = jax.tree_util.tree_flatten(batch)
    return structure, tuple((leaf.shape, str(leaf.dtype)) for leaf in leaves)


def _prefetched(make: Callable[[], Iterator[Segment]]) -> Iterator[Segment]:
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


class RowFeed:
    """Rows of something on disk (a memory map), gathered on the host in the same order as an ArrayFeed's."""

    def __init__(self, data: Batch, size: int, shuffle: bool, seed: int, steps: int | None = None) -> None:
        self.data = data
        self.rows = row_count(*data)
        self.size = min(size, self.rows)
        self.shuffle, self.seed, self.given_steps = shuffle, seed, steps
        self.steps = steps or math.ceil(self.rows / self.size)
        self._chunks = _Chunks()

    def example(self) -> Batch:
        return self._take(np.arange(self.size))

    def _take(self, rows: np.ndarray) -> Batch:
        order = np.argsort(rows)  # read the file front to back

        def take(array: Any) -> Any:
            out = np.empty((len(rows), *array.shape[1:]), array.dtype)
            out[order] = array[rows[order]]
            return host_tree(out, "the data")

        return jax.tree_util.tree_map(take, self.data)

    def _batches(self, number: int, skip: int) -> Iterator[tuple[Batch, None]]:
        for pass_, first, count, _ in _passes(self.rows, self.size, self.given_steps, number, skip):
            order = permutation(self.seed, pass_, self.rows) if self.shuffle else np.arange(self.rows)
            for batch in range(first, first + count):
                yield self._take(order[batch * self.size : (batch + 1) * self.size]), None

    def epoch(self, number: int, skip: int = 0) -> Iterator[Segment]:
        return _prefetched(lambda: self._chunks.join(self._batches(number, skip), skip))

    def position(self) -> dict[str, Any]:
        return {"exact": True}

    def seek(self, position: dict[str, Any]) -> None:
        """Epoch and step decide everything."""


class SequenceFeed:
    """An indexable sequence of batches: `len()` and `[i]`, as `PyDataset` and `tf.keras.utils.Sequence` have."""

    def __init__(
        self,
        data: Any,
        shuffle: bool,
        seed: int,
        steps: int | None = None,
        transform: Callable[[Batch], Batch] | None = None,
    ) -> None:
        self.data, self.shuffle, self.seed, self.transform = data, shuffle, seed, transform
        self.given_steps = steps
        self.steps = steps or self._length()
        self._chunks = _Chunks()

    def _length(self) -> int:
        length = getattr(self.data, "num_batches", None)
        value = length() if callable(length) else length
        return int(value) if value is not None else len(self.data)

    def example(self) -> Batch:
        return as_batch(self.data[0], self.transform)

    def _batches(self, number: int, skip: int) -> Iterator[tuple[Batch, None]]:
        for pass_, first, count, _ in _passes(self._length(), 1, self.given_steps, number, skip):
            order = permutation(self.seed, pass_, self._length()) if self.shuffle else np.arange(self._length())
            for position in range(first, first + count):
                yield as_batch(self.data[int(order[position])], self.transform), None

    def epoch(self, number: int, skip: int = 0) -> Iterator[Segment]:
        if number and not skip and hasattr(self.data, "on_epoch_end"):
            self.data.on_epoch_end()
        return _prefetched(lambda: self._chunks.join(self._batches(number, skip), skip))

    def position(self) -> dict[str, Any]:
        return {"exact": True}

    def seek(self, position: dict[str, Any]) -> None:
        """Epoch and step decide everything."""


class IterableFeed:
    """Any iterable of batches, in its own order: a DataLoader, a list of batches, a generator.

    An iterable that starts anew each time (a DataLoader) is run through once per epoch; a generator continues where
    the last epoch stopped. To resume, a generator with `state_dict()` is asked for its position, any other is drawn
    and thrown away up to it: exact when it yields the same batches again.
    """

    def __init__(
        self, data: Any, steps: int | None = None, transform: Callable[[Batch], Batch] | None = None
    ) -> None:
        self.data, self.given_steps, self.transform = data, steps, transform
        self.once = iter(data) is data
        self.steps = steps if steps is not None else _known_length(data)
        self._chunks = _Chunks()
        self._drawn = 0
        self._iterator: Iterator[Any] | None = None
        self._ahead: list[Any] = []
        self._start: dict[str, Any] | None = None

    def example(self) -> Batch:
        if not self._ahead:
            first = next(self._source(), None)
            if first is None:
                raise DataError(
                    "The iterable of batches is empty.",
                    code="no-batches",
                    place="x",
                    expected="at least one batch (x, y)",
                    received="none",
                )
            self._ahead.append(first)
        return as_batch(self._ahead[0], self.transform)

    def _source(self) -> Iterator[Any]:
        if self._iterator is None:
            self._iterator = iter(self.data)
        return self._iterator

    def _next(self) -> Any:
        item = self._ahead.pop() if self._ahead else next(self._source(), None)
        self._drawn += item is not None
        return item

    def _sought(self) -> int:
        """Move the source to where a resumed run stood; return the step within the epoch that this is."""
        start, self._start = self._start, None
        if start is None:
            if not self.once and not self._ahead:
                self._iterator = None
            return 0
        if start.get("source") is not None:
            self.data.load_state_dict(start["source"])
            self._ahead, self._iterator, self._drawn = [], None, int(start["drawn"])
            return int(start["first"])
        if not self.once:
            self._iterator, self._ahead = None, []
            return 0
        while self._drawn < start["drawn"] and self._next() is not None:
            pass
        return int(start["first"])

    def _batches(self, skip: int) -> Iterator[tuple[Batch, dict[str, Any]]]:
        done = self._sought()
        while self.given_steps is None or done < self.given_steps:
            position = {**self.position(), "first": done}
            item = self._next()
            if item is None and self.given_steps and not self.once and done:
                self._iterator = None  # an epoch longer than one pass starts the iterable again
                item = self._next()
            if item is None:
                break
            done += 1
            if done > skip:
                yield as_batch(item, self.transform), position
        if self.steps is None and done:
            self.steps = done

    def epoch(self, number: int, skip: int = 0) -> Iterator[Segment]:
        return _prefetched(lambda: self._chunks.join(self._batches(skip), skip))

    def position(self) -> dict[str, Any]:
        stateful = hasattr(self.data, "state_dict") and hasattr(self.data, "load_state_dict")
        source = self.data.state_dict() if stateful and not self._ahead else None
        exact = stateful or not self.once
        return {"exact": exact, "source": source, "drawn": self._drawn, "first": 0}

    def seek(self, position: dict[str, Any]) -> None:
        self._start = position


def _known_length(data: Any) -> int | None:
    try:
        return len(data)
    except TypeError:
        return None


def as_batch(item: Any, transform: Callable[[Batch], Batch] | None = None) -> Batch:
    """Return one item of an iterable as a Batch: x, (x,), (x, y) or (x, y, sample_weight)."""
    if isinstance(item, Batch):
        parts: tuple[Any, ...] = item
    elif isinstance(item, tuple) or (isinstance(item, list) and len(item) in (2, 3) and hasattr(item[0], "shape")):
        parts = tuple(item)
    else:
        parts = (item,)
    if not 1 <= len(parts) <= 3:
        raise DataError(
            f"A batch has {len(parts)} parts.",
            code="batch-parts",
            place="an item of the iterable",
            expected="x, (x, y) or (x, y, sample_weight)",
            received=f"a {type(item).__name__} of {len(parts)}",
        )
    batch = Batch(*(host_tree(part, name) for part, name in zip(parts, Batch._fields, strict=False)))
    row_count(*batch)
    return batch if transform is None else transform(batch)
