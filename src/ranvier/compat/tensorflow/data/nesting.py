"""Data sets within data sets: windows, and functions that make a data set of an element."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from typing import Any, Self

from jax import tree_util

from ranvier.compat.tensorflow.data import elements
from ranvier.compat.tensorflow.data.experimental import UNKNOWN_CARDINALITY

__all__ = ["Nesting"]


class Nesting:
    """The transformations that take or give whole data sets."""

    _start: Callable[[], Iterator[Any]]
    _size: int

    def __init__(self, start: Callable[[], Iterator[Any]], size: int) -> None:
        raise NotImplementedError

    def _with(self, start: Callable[[], Iterator[Any]], size: int | None = None) -> Self:
        return type(self)(start, self._size if size is None else size)

    def flat_map(self, map_func: Callable[..., Any], name: str | None = None) -> Self:
        """Return the elements of the data sets that the function makes, one after the other."""
        return self._with(
            lambda: itertools.chain.from_iterable(_made(map_func, element) for element in self._start()),
            UNKNOWN_CARDINALITY,
        )

    def interleave(
        self, map_func: Callable[..., Any], cycle_length: int | None = None, block_length: int | None = None, **_: Any
    ) -> Self:
        """Return elements of the data sets that the function makes, in turns.

        Args:
            map_func: makes a data set of an element.
            cycle_length: how many data sets take turns; as many as there are processors when None or negative.
            block_length: elements in one turn, 1 when None.
            _: accepted.
        """
        places = cycle_length if cycle_length and cycle_length > 0 else os.cpu_count() or 1

        def start() -> Iterator[Any]:
            return _in_turns((_made(map_func, element) for element in self._start()), places, block_length or 1)

        return self._with(start, UNKNOWN_CARDINALITY)

    def window(
        self,
        size: int,
        shift: int | None = None,
        stride: int = 1,
        drop_remainder: bool = False,
        name: str | None = None,
    ) -> Self:
        """Return windows of elements, each a data set; for elements with parts, each part is one.

        Args:
            size: elements in a window.
            shift: elements from the start of one window to the next; `size` when None.
            stride: elements from one of a window to the next.
            drop_remainder: whether windows with fewer elements are left out.
            name: accepted.
        """
        step, reach = int(size if shift is None else shift), (int(size) - 1) * int(stride) + 1

        def start() -> Iterator[Any]:
            source = self._start()
            held = list(itertools.islice(source, reach))
            while held:
                if len(held) == reach or not drop_remainder:
                    yield self._windowed(held[: reach : int(stride)])
                skipped, held = max(step - len(held), 0), held[step:]
                held += itertools.islice(source, skipped, skipped + reach - len(held))

        count = len(range(0, self._size - (reach - 1 if drop_remainder else 0), step))
        return self._with(start, self._size if self._size < 0 else count)

    def _windowed(self, items: list[Any]) -> Any:
        """Return one data set for each part of the elements."""
        structure = tree_util.tree_structure(items[0])
        columns = zip(*(tree_util.tree_leaves(item) for item in items), strict=True)
        made = [type(self)(lambda column=column: iter(column), len(items)) for column in columns]  # type: ignore[misc]
        return tree_util.tree_unflatten(structure, made)


def _made(function: Callable[..., Any], element: Any) -> Iterator[Any]:
    """Return the elements of the data set that a function makes of an element."""
    given = elements.tensors(element)
    made = function(*given) if isinstance(given, tuple) else function(given)
    elements_of_it: Iterator[Any] = made._start()
    return elements_of_it


def _in_turns(sources: Iterator[Iterator[Any]], places: int, block: int) -> Iterator[Any]:
    """Yield `block` elements from each place in turn; the next source takes an ended one's place in the next round."""
    cycle: list[Iterator[Any] | None] = [None] * places
    for place in itertools.cycle(range(places)):
        cycle[place] = source = cycle[place] or next(sources, None)
        if source is None:
            if not any(cycle):
                return
            continue
        taken = 0
        for taken, element in enumerate(itertools.islice(source, block), 1):  # noqa: B007
            yield element
        if taken < block:
            cycle[place] = None
