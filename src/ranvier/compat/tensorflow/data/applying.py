"""Functions of single elements, applied to many at once.

A function of tensors is compiled for blocks of equal elements; one that needs values in Python, or whose elements hold
text, is called once for each.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import tree_util

from ranvier.compat.tensorflow.data.elements import hosted, tensors
from ranvier.state import rng, scope, threefry
from ranvier.state.scope import Scope

__all__ = ["Applied"]

# Few at first: whoever takes one element waits for one.
_BLOCKS = (1, 16, 256)
_BLOCK_BYTES = 1 << 24


class Applied:
    """A function of an element, ready for streams of them.

    Args:
        function: takes the parts of a tuple as its arguments, any other element as one.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self._compiled = jax.jit(jax.vmap(self._pure, in_axes=(0, None, 0)))
        self._traceable = True

    def pairs(self, elements: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        """Yield each element with the function's result for it."""
        base, count = rng.global_key(), 0
        for block in self._blocks(iter(elements)):
            yield from zip(block, self._results(block, base, count), strict=True)
            count += len(block)

    def _call(self, element: Any) -> Any:
        return self.function(*element) if isinstance(element, tuple) else self.function(element)

    def _pure(self, element: Any, base: Any, number: Any) -> Any:
        with scope.entered(Scope(key=threefry.fold_in(base, number))):
            return tree_util.tree_map(jnp.asarray, self._call(element))

    def _blocks(self, elements: Iterator[Any]) -> Iterator[list[Any]]:
        """Yield lists of consecutive elements of one kind, longer ones as the stream goes on."""
        waiting: list[Any] = []
        for turn in itertools.count():
            first = waiting or list(itertools.islice(elements, 1))
            if not first:
                return
            size = self._size(first[0], turn)
            block = first + list(itertools.islice(elements, size - len(first)))
            same = list(next(itertools.groupby(block, _kind))[1])
            yield same
            waiting = block[len(same) :]

    def _size(self, element: Any, turn: int) -> int:
        if not self._traceable:
            return 1
        size = sum(np.asarray(leaf).nbytes for leaf in tree_util.tree_leaves(element)) or 1
        return max(1, min(_BLOCKS[min(turn, len(_BLOCKS) - 1)], _BLOCK_BYTES // size))

    def _results(self, block: list[Any], base: Any, first: int) -> list[Any]:
        if self._traceable and not _has_text(block[0]):
            # The last block of a stream is filled up: another size would be another program.
            size = next((size for size in _BLOCKS if size >= len(block)), len(block))
            filled = block + block[-1:] * (size - len(block))
            batch = tree_util.tree_map(lambda *leaves: np.stack(leaves), *filled)
            try:
                results = self._compiled(batch, base, np.arange(first, first + size))
            except Exception:
                # Called with values, it works, or it fails with an error of its own.
                self._traceable = False
            else:
                arrays = tree_util.tree_map(np.asarray, results)
                return [tree_util.tree_map(lambda leaf, i=i: leaf[i], arrays) for i in range(len(block))]
        return [hosted(self._call(tensors(element))) for element in block]


def _kind(element: Any) -> Any:
    leaves, structure = tree_util.tree_flatten(element)
    return structure, tuple((np.shape(leaf), str(np.asarray(leaf).dtype)) for leaf in leaves)


def _has_text(element: Any) -> bool:
    return any(np.asarray(leaf).dtype.kind in "OSU" for leaf in tree_util.tree_leaves(element))
