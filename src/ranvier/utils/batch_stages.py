"""What can be done to batches by number: the few transformations of `tf.data` that tutorials use."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, Self

import numpy as np
from jax import tree_util

from ranvier._errors import InvalidArgument, Unsupported
from ranvier.engine.workers import Fetcher
from ranvier.state import rng, scope, threefry
from ranvier.state.scope import Scope
from ranvier.utils.py_dataset import PyDataset

__all__ = ["Batches"]


class Batches(PyDataset):
    """Batches by number; each method returns batches made of these, when they are asked for.

    A loop over them has a new order in every pass, as `fit` has in every epoch, where they are shuffled.
    """

    def __iter__(self) -> Iterator[Any]:
        yield from Fetcher(self).items(iter(range(self.num_batches or 0)))
        self.on_epoch_end()

    def map(
        self, map_func: Callable[..., Any], num_parallel_calls: Any = None, deterministic: Any = None, **_: Any
    ) -> Batches:
        """Return the function's result for every batch; the parts of a tuple are its arguments.

        What it draws at random follows from the seed, the pass and the batch, in however many threads it runs.
        """
        return _Mapped(self, map_func)

    def cache(self, filename: str = "", name: str | None = None) -> Batches:
        """Return the same batches, each of which is made once and kept in memory, order included."""
        return _Cached(self)

    def prefetch(self, buffer_size: Any = None, name: str | None = None) -> Self:
        """Return the same batches: they are prepared ahead anyway."""
        return self

    def take(self, count: int, name: str | None = None) -> Batches:
        """Return the first `count` batches; all when -1."""
        return _Part(self, 0, len(self) if count < 0 else min(int(count), len(self)))

    def skip(self, count: int, name: str | None = None) -> Batches:
        """Return the batches after the first `count`."""
        return _Part(self, min(int(count), len(self)), len(self))

    def shuffle(
        self,
        buffer_size: Any = None,
        seed: int | None = None,
        reshuffle_each_iteration: bool = True,
        name: str | None = None,
    ) -> Batches:
        """Return the batches in random order, whole as they are.

        Args:
            buffer_size: accepted; every order is equally likely.
            seed: decides the orders; drawn when None.
            reshuffle_each_iteration: whether every pass has another order.
            name: accepted.
        """
        return _Shuffled(self, seed, reshuffle_each_iteration)

    def batch(self, batch_size: int, drop_remainder: bool = False, **_: Any) -> Batches:
        """Return batches of consecutive rows, for a data set that gives one row at a time."""
        return _Joined(self, int(batch_size), drop_remainder)

    def as_numpy_iterator(self) -> Iterator[Any]:
        """Return an iterator over the batches as NumPy arrays."""
        return (tree_util.tree_map(np.asarray, batch) for batch in self)

    def cardinality(self, name: str | None = None) -> int:
        """Return the number of batches."""
        return len(self)

    def __len__(self) -> int:
        raise NotImplementedError

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise _AbsentStage(
            f"There is no {name} here.",
            code="batches-method",
            place=type(self).__name__,
            expected="batch, cache, map, prefetch, shuffle, skip, take, as_numpy_iterator or cardinality",
            received=name,
            fix="go through the batches in a loop, or start the script with `ranvier run`, which has all of tf.data",
        )


class _AbsentStage(Unsupported, AttributeError):
    """A method of `tf.data` that is not here."""


class _Stage(Batches):
    """Batches made of others."""

    def __init__(self, source: Batches) -> None:
        super().__init__(source.workers, source.use_multiprocessing, source.max_queue_size)
        self.source = source

    def __len__(self) -> int:
        return len(self.source)

    def __getitem__(self, index: int) -> Any:
        if not 0 <= index < len(self):
            raise IndexError(index)
        return self.made(index)

    def made(self, index: int) -> Any:
        """Return a batch whose number is in range."""
        return self.source[index]

    def on_epoch_begin(self) -> None:
        self.source.on_epoch_begin()

    def on_epoch_end(self) -> None:
        self.source.on_epoch_end()


class _Mapped(_Stage):
    def __init__(self, source: Batches, function: Callable[..., Any]) -> None:
        super().__init__(source)
        self.function, self.key, self.passes = function, rng.global_key(), 0

    def made(self, index: int) -> Any:
        batch = self.source[index]
        key = threefry.fold_in(threefry.fold_in(self.key, self.passes), index)
        with scope.entered(Scope(key=key)):
            return self.function(*batch) if isinstance(batch, tuple) else self.function(batch)

    def on_epoch_end(self) -> None:
        self.passes += 1
        super().on_epoch_end()


class _Cached(_Stage):
    def __init__(self, source: Batches) -> None:
        super().__init__(source)
        self.kept: dict[int, Any] = {}

    def made(self, index: int) -> Any:
        if index not in self.kept:
            self.kept[index] = self.source[index]
        return self.kept[index]

    def on_epoch_end(self) -> None:
        """The kept batches keep their order."""


class _Part(_Stage):
    def __init__(self, source: Batches, start: int, stop: int) -> None:
        super().__init__(source)
        self.start, self.stop = start, stop

    def __len__(self) -> int:
        return self.stop - self.start

    def made(self, index: int) -> Any:
        return self.source[self.start + index]


class _Shuffled(_Stage):
    def __init__(self, source: Batches, seed: int | None, again: bool) -> None:
        super().__init__(source)
        self.again, self.order = again, np.arange(len(source))
        self.generator = np.random.RandomState(np.random.randint(10**6) if seed is None else seed)
        self.generator.shuffle(self.order)

    def made(self, index: int) -> Any:
        return self.source[int(self.order[index])]

    def on_epoch_end(self) -> None:
        super().on_epoch_end()
        if self.again:
            self.generator.shuffle(self.order)


class _Joined(_Stage):
    def __init__(self, source: Batches, size: int, whole: bool) -> None:
        super().__init__(source)
        if size < 1:
            raise InvalidArgument(
                "A batch has at least one row.", code="batch-size", place="batch(batch_size)", received=size
            )
        self.size, self.whole = size, whole

    def __len__(self) -> int:
        count = len(self.source)
        return count // self.size if self.whole else math.ceil(count / self.size)

    def made(self, index: int) -> Any:
        rows = range(index * self.size, min((index + 1) * self.size, len(self.source)))
        return tree_util.tree_map(lambda *leaves: np.stack(leaves), *(self.source[row] for row in rows))
