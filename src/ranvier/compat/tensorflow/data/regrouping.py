"""What a `tf.data.Dataset` keeps and how it groups it: up to a condition, each once, in batches of other sizes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any, Self

import numpy as np
from jax import tree_util

from ranvier.compat.tensorflow.data import elements
from ranvier.compat.tensorflow.data.applying import Applied
from ranvier.compat.tensorflow.data.experimental import UNKNOWN_CARDINALITY
from ranvier.compat.tensorflow.data.nesting import Nesting

__all__ = ["Regrouping"]


class Regrouping(Nesting):
    """The transformations that look at what has flowed so far."""

    def take_while(self, predicate: Callable[..., Any], name: str | None = None) -> Self:
        """Return the elements before the first for which the function is false."""
        applied = Applied(predicate)

        def start() -> Iterator[Any]:
            pairs = itertools.takewhile(lambda pair: bool(pair[1]), applied.pairs(self._start()))
            return (element for element, _ in pairs)

        return self._with(start, UNKNOWN_CARDINALITY)

    def unique(self, name: str | None = None) -> Self:
        """Return each different element once, where it comes first."""

        def start() -> Iterator[Any]:
            seen: set[Any] = set()
            for element in self._start():
                key = _key(element)
                if key not in seen:
                    seen.add(key)
                    yield element

        return self._with(start, UNKNOWN_CARDINALITY)

    def rebatch(self, batch_size: Any, drop_remainder: bool = False, name: str | None = None) -> Self:
        """Return the rows of the batches in batches of another size, or of several sizes in turns."""
        sizes = [int(size) for size in np.atleast_1d(batch_size)]

        def start() -> Iterator[Any]:
            rows = itertools.chain.from_iterable(map(elements.unstacked, self._start()))
            for size in itertools.cycle(sizes):
                items = list(itertools.islice(rows, size))
                if items and (len(items) == size or not drop_remainder):
                    yield elements.stacked(items)
                if len(items) < size:
                    return

        return self._with(start, UNKNOWN_CARDINALITY)


def _key(element: Any) -> Any:
    leaves, structure = tree_util.tree_flatten(element)
    arrays = [np.asarray(leaf) for leaf in leaves]
    return structure, tuple((array.shape, array.dtype.str, str(array.tolist())) for array in arrays)
