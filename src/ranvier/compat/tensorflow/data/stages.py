"""What can be done to a `tf.data.Dataset`: each method returns a new one."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any, Self

import numpy as np
from jax import tree_util

from ranvier._errors import DataError
from ranvier.compat.tensorflow.data import elements
from ranvier.compat.tensorflow.data.applying import Applied
from ranvier.compat.tensorflow.data.experimental import INFINITE_CARDINALITY, UNKNOWN_CARDINALITY
from ranvier.compat.tensorflow.data.regrouping import Regrouping
from ranvier.state.rng import fresh_seed

__all__ = ["Stages"]


class Stages(Regrouping):
    """The transformations of a data set."""

    def map(
        self,
        map_func: Callable[..., Any],
        num_parallel_calls: Any = None,
        deterministic: Any = None,
        **options: Any,
    ) -> Self:
        """Return the function's result for every element; a tuple's parts are its arguments."""
        applied = Applied(map_func)
        return self._with(lambda: (result for _, result in applied.pairs(self._start())))

    def filter(self, predicate: Callable[..., Any], name: str | None = None) -> Self:
        """Return the elements for which the function is true."""
        applied = Applied(predicate)
        return self._with(
            lambda: (element for element, kept in applied.pairs(self._start()) if kept), UNKNOWN_CARDINALITY
        )

    def batch(self, batch_size: Any, drop_remainder: bool = False, **options: Any) -> Self:
        """Return batches of consecutive elements; the last one may be smaller, or be dropped."""
        return self._batched(int(batch_size), drop_remainder, elements.stacked)

    def padded_batch(
        self,
        batch_size: Any,
        padded_shapes: Any = None,
        padding_values: Any = None,
        drop_remainder: bool = False,
        name: str | None = None,
    ) -> Self:
        """Return batches of elements, filled up to the largest sizes in their batch.

        Args:
            batch_size: elements in a batch.
            padded_shapes: other sizes, nested like an element; None or -1 for the largest.
            padding_values: what fills up, nested like an element or one for all; 0 and empty texts when None.
            drop_remainder: whether a last, smaller batch is left out.
            name: accepted.
        """
        return self._batched(
            int(batch_size), drop_remainder, lambda items: _padded(items, padded_shapes, padding_values)
        )

    def _batched(self, size: int, whole: bool, join: Callable[[list[Any]], Any]) -> Self:
        def start() -> Iterator[Any]:
            source = self._start()
            while items := list(itertools.islice(source, size)):
                if len(items) == size or not whole:
                    yield join(items)

        count = self._size if self._size < 0 else self._size // size if whole else -(-self._size // size)
        return self._with(start, count)

    def unbatch(self, name: str | None = None) -> Self:
        """Return the rows of every element."""
        return self._with(
            lambda: itertools.chain.from_iterable(map(elements.unstacked, self._start())), UNKNOWN_CARDINALITY
        )

    def shuffle(
        self,
        buffer_size: Any,
        seed: int | None = None,
        reshuffle_each_iteration: bool | None = True,
        name: str | None = None,
    ) -> Self:
        """Return the elements in random order: each is drawn from the next `buffer_size` ones.

        Args:
            buffer_size: how many elements are held; as many as there are make every order equally likely.
            seed: decides the orders; derived from `tf.random.set_seed` when None.
            reshuffle_each_iteration: whether every pass has another order.
            name: accepted.
        """
        base = fresh_seed() if seed is None else int(seed)
        passes = itertools.count()

        def start() -> Iterator[Any]:
            number = next(passes) if reshuffle_each_iteration is not False else 0
            return _shuffled(self._start(), int(buffer_size), np.random.default_rng([base, number]))

        return self._with(start)

    def repeat(self, count: int | None = None, name: str | None = None) -> Self:
        """Return the elements `count` times over; for ever when None or -1."""
        if count is None or count < 0:
            return self._with(
                lambda: itertools.chain.from_iterable(self._start() for _ in itertools.count()), INFINITE_CARDINALITY
            )
        return self._with(
            lambda: itertools.chain.from_iterable(self._start() for _ in range(count)),
            self._size if self._size < 0 else self._size * count,
        )

    def cache(self, filename: str = "", name: str | None = None) -> Self:
        """Return the elements of the first whole pass in all later ones, from memory."""
        kept: list[Any] = []

        def start() -> Iterator[Any]:
            if kept:
                yield from kept
                return
            seen = []
            for element in self._start():
                seen.append(element)
                yield element
            kept[:] = seen

        return self._with(start)

    def prefetch(self, buffer_size: Any = None, name: str | None = None) -> Self:
        """Return the same elements: training reads ahead by itself."""
        return self._with(self._start)

    def with_options(self, options: Any, name: str | None = None) -> Self:
        """Return the same elements."""
        return self._with(self._start)

    def take(self, count: Any, name: str | None = None) -> Self:
        """Return the first `count` elements; all when -1."""
        if count < 0:
            return self._with(self._start)
        size = count if self._size == INFINITE_CARDINALITY else min(self._size, int(count))
        return self._with(lambda: itertools.islice(self._start(), int(count)), size)

    def skip(self, count: Any, name: str | None = None) -> Self:
        """Return the elements after the first `count`."""
        size = self._size if self._size < 0 else max(self._size - int(count), 0)
        return self._with(lambda: itertools.islice(self._start(), int(count), None), size)

    def shard(self, num_shards: int, index: int, name: str | None = None) -> Self:
        """Return every `num_shards`-th element, from `index` on."""
        size = self._size if self._size < 0 else len(range(index, self._size, num_shards))
        return self._with(lambda: itertools.islice(self._start(), index, None, num_shards), size)

    def enumerate(self, start: int = 0, name: str | None = None) -> Self:
        """Return pairs of a number, counted from `start`, and an element."""
        return self._with(lambda: ((np.int64(n), item) for n, item in enumerate(self._start(), start)))

    def concatenate(self, dataset: Any, name: str | None = None) -> Self:
        """Return these elements, then those of another data set."""
        sizes = (self._size, dataset._size)
        size = INFINITE_CARDINALITY if INFINITE_CARDINALITY in sizes else UNKNOWN_CARDINALITY
        return self._with(
            lambda: itertools.chain(self._start(), dataset._start()), sum(sizes) if min(sizes) >= 0 else size
        )

    def reduce(self, initial_state: Any, reduce_func: Callable[[Any, Any], Any], name: str | None = None) -> Any:
        """Return the last state of `state = reduce_func(state, element)`."""
        state = elements.tensors(elements.nest_of_arrays(initial_state))
        for element in self._start():
            state = reduce_func(state, elements.tensors(element))
        return state

    def apply(self, transformation_func: Callable[[Any], Any], name: str | None = None) -> Any:
        """Return what a function of data sets makes of this one."""
        return transformation_func(self)


def _shuffled(source: Iterator[Any], size: int, random: np.random.Generator) -> Iterator[Any]:
    """Yield elements, each drawn from a buffer that the source refills."""
    buffer = list(itertools.islice(source, size))
    for element in source:
        place = int(random.integers(len(buffer)))
        buffer[place], element = element, buffer[place]
        yield element
    random.shuffle(buffer)
    yield from buffer


def _padded(items: list[Any], shapes: Any, values: Any) -> Any:
    """Return elements of different sizes as one batch."""
    structure: Any = tree_util.tree_structure(items[0])
    count = structure.num_leaves
    wanted = [None] * count if shapes is None else structure.flatten_up_to(shapes)
    fills = structure.flatten_up_to(values) if isinstance(values, (tuple, dict)) else [values] * count
    columns = zip(*map(tree_util.tree_leaves, items), strict=True)
    return structure.unflatten(map(_joined, columns, wanted, fills))


def _joined(leaves: Any, wanted: Any, fill: Any) -> np.ndarray:
    """Return arrays of different sizes as one.

    Raises:
        DataError: an array is larger than the wanted sizes.
    """
    arrays = [np.asarray(leaf) for leaf in leaves]
    sizes = tuple(int(size) for size in np.max([array.shape for array in arrays], axis=0))
    if wanted is not None:
        asked = [have if want in (None, -1) else int(want) for want, have in zip(wanted, sizes, strict=True)]
        if any(want < have for want, have in zip(asked, sizes, strict=True)):
            raise DataError(
                "An element is larger than the batch is to be.",
                code="padded-shapes",
                place="tf.data.Dataset.padded_batch",
                expected=f"elements of at most {tuple(asked)}",
                received=sizes,
                fix="use larger padded_shapes, None for the largest element, or cut the elements",
            )
        sizes = tuple(asked)
    kind = np.result_type(*arrays)
    nothing = kind.type() if kind.kind in "SU" else 0
    result = np.full((len(arrays), *sizes), nothing if fill is None else fill, kind)
    for row, array in enumerate(arrays):
        place: tuple[Any, ...] = (row, *(slice(size) for size in array.shape))
        result[place] = array
    return result
