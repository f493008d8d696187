"""Feeds of what does not lie on the device: memory maps, sequences and iterables of batches.

Batches are joined to chunks of many steps on the host; the next chunk is prepared in a thread while this one trains.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import jax
import numpy as np

from ranvier._errors import DataError
from ranvier.engine.chunks import Chunks, prefetched
from ranvier.engine.feed import Segment, passes, permutation
from ranvier.engine.inputs import host_tree, row_count
from ranvier.engine.train_state import Batch
from ranvier.engine.workers import Fetcher

__all__ = ["IterableFeed", "RowFeed", "SequenceFeed", "as_batch", "is_sequence", "parts_of"]


class RowFeed:
    """Rows of something on disk (a memory map), gathered on the host in the same order as an ArrayFeed's."""

    def __init__(self, data: Batch, size: int, shuffle: bool, seed: int, steps: int | None = None) -> None:
        self.data = data
        self.rows = row_count(*data)
        self.size = min(size, self.rows)
        self.shuffle, self.seed, self.given_steps = shuffle, seed, steps
        self.steps = steps or math.ceil(self.rows / self.size)
        self._chunks = Chunks()

    def example(self) -> Batch:
        return self._take(np.arange(self.size))

    def _take(self, rows: np.ndarray) -> Batch:
        order = np.argsort(rows)  # read the file front to back

        def take(array: Any) -> Any:
            out = np.empty((len(rows), *array.shape[1:]), array.dtype)
            out[order] = array[rows[order]]
            return host_tree(out, "the data")

        batch: Batch = jax.tree_util.tree_map(take, self.data)
        return batch

    def _batches(self, number: int, skip: int) -> Iterator[tuple[Batch, None]]:
        for pass_, first, count, _ in passes(self.rows, self.size, self.given_steps, number, skip):
            order = permutation(self.seed, pass_, self.rows) if self.shuffle else np.arange(self.rows)
            for batch in range(first, first + count):
                yield self._take(order[batch * self.size : (batch + 1) * self.size]), None

    def epoch(self, number: int, skip: int = 0) -> Iterator[Segment]:
        return prefetched(lambda: self._chunks.join(self._batches(number, skip), skip))

    def position(self) -> dict[str, Any]:
        return {"exact": True}

    def seek(self, position: dict[str, Any]) -> None:
        """Epoch and step decide everything."""


def is_sequence(data: Any) -> bool:
    """Whether something has batches that can be asked for by number."""
    return hasattr(data, "__getitem__") and (hasattr(data, "__len__") or hasattr(type(data), "num_batches"))


class SequenceFeed:
    """Batches by number, `[i]`, with `len()` or `num_batches`, as `PyDataset` and `tf.keras.utils.Sequence` have them.

    A PyDataset's `workers` prepare batches ahead. Its `on_epoch_begin` and `on_epoch_end` are called around each epoch;
    a resumed run calls them as often as the interrupted one did.
    """

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
        if self.steps is None:
            raise _endless()
        self._fetcher = Fetcher(data)
        self._chunks = Chunks()
        self._ended, self._sought = 0, False

    def _length(self) -> int | None:
        """Return the number of batches; None where there is no end to them."""
        if hasattr(self.data, "num_batches"):
            length = self.data.num_batches
            value = length() if callable(length) else length
            return None if value is None else int(value)
        return len(self.data)

    def example(self) -> Batch:
        if self._length() == 0:
            raise _no_batches("sequence")
        return as_batch(self.data[0], self.transform)

    def _numbers(self, number: int, skip: int) -> Iterator[int]:
        """Yield the numbers of an epoch's batches."""
        length = self._length()
        if length is None:
            assert self.given_steps is not None
            start = number * self.given_steps
            yield from range(start + skip, start + self.given_steps)
            return
        for pass_, first, count, _ in passes(length, 1, self.given_steps, number, skip):
            order = permutation(self.seed, pass_, length) if self.shuffle else np.arange(length)
            yield from map(int, order[first : first + count])

    def _batches(self, number: int, skip: int) -> Iterator[tuple[Batch, None]]:
        for item in self._fetcher.items(self._numbers(number, skip)):
            yield as_batch(item, self.transform), None

    def _tell(self, hook: str) -> None:
        if hasattr(self.data, hook):
            getattr(self.data, hook)()
            self._fetcher.renew()

    def epoch(self, number: int, skip: int = 0) -> Iterator[Segment]:
        if not skip or self._sought:
            self._tell("on_epoch_begin")
        self._sought = False
        yield from prefetched(lambda: self._chunks.join(self._batches(number, skip), skip))
        self._tell("on_epoch_end")
        self._ended += 1

    def position(self) -> dict[str, Any]:
        return {"exact": True, "ended": self._ended}

    def seek(self, position: dict[str, Any]) -> None:
        """Bring the data to where it was: beside its epochs, epoch and step decide everything."""
        # A position with "first" was taken between an epoch's last batch and its end: that epoch ends again.
        for _ in range(position.get("ended", 0) - ("first" in position)):
            self._tell("on_epoch_begin")
            self._tell("on_epoch_end")
            self._ended += 1
        self._sought = True


class IterableFeed:
    """Any iterable of batches, in its own order: a DataLoader, a list of batches, a generator.

    An iterable that starts anew each time (a DataLoader) is run through once per epoch; a generator continues where
    the last epoch stopped. To resume, a generator with `state_dict()` is asked for its position, any other is drawn
    and thrown away up to it: exact when it yields the same batches again.
    """

    def __init__(self, data: Any, steps: int | None = None, transform: Callable[[Batch], Batch] | None = None) -> None:
        self.data, self.given_steps, self.transform = data, steps, transform
        self.once = iter(data) is data
        self._repeats = steps is not None and not self.once
        self.steps = steps if steps is not None else _known_length(data)
        self._chunks = Chunks()
        self._drawn = 0
        self._iterator: Iterator[Any] | None = None
        self._ahead: list[Any] = []
        self._start: dict[str, Any] | None = None

    def example(self) -> Batch:
        if not self._ahead:
            first = next(self._source(), None)
            if first is None:
                raise _no_batches("iterable")
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
            if item is None and self._repeats and done:
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
        return prefetched(lambda: self._chunks.join(self._batches(skip), skip))

    def position(self) -> dict[str, Any]:
        stateful = hasattr(self.data, "state_dict") and hasattr(self.data, "load_state_dict")
        source = self.data.state_dict() if stateful and not self._ahead else None
        exact = stateful or not self.once
        return {"exact": exact, "source": source, "drawn": self._drawn, "first": 0}

    def seek(self, position: dict[str, Any]) -> None:
        self._start = position


def _no_batches(kind: str) -> DataError:
    return DataError(
        f"The {kind} of batches is empty.",
        code="no-batches",
        place="x",
        expected="at least one batch (x, y)",
        received="none",
    )


def _endless() -> DataError:
    return DataError(
        "The sequence of batches has no end, so its epochs need a length.",
        code="endless-sequence",
        place="x",
        expected="steps_per_epoch (or steps, or validation_steps), or a num_batches that is a number",
        received="num_batches is None",
    )


def _known_length(data: Any) -> int | None:
    try:
        return len(data)
    except TypeError:
        return None


def as_batch(item: Any, transform: Callable[[Batch], Batch] | None = None) -> Batch:
    """Return one item of an iterable as a Batch of arrays."""
    parts = parts_of(item)
    batch = Batch(*(host_tree(part, name) for part, name in zip(parts, Batch._fields, strict=False)))
    row_count(*batch)
    return batch if transform is None else transform(batch)


def parts_of(item: Any) -> tuple[Any, ...]:
    """Return the parts of one item of an iterable: x, (x,), (x, y) or (x, y, sample_weight)."""
    if isinstance(item, tuple) or (isinstance(item, list) and len(item) in (2, 3) and hasattr(item[0], "shape")):
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
    return parts
