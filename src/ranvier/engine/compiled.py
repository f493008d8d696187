"""Compiled programs, found again by structure: a rebuilt equal model does not compile a second time.

An entry is an executable alone: it holds no model, no weights and no data.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

import jax

from ranvier.engine import persistent_cache

__all__ = ["CompiledCache", "shared", "signature"]


class CompiledCache:
    """The most recently used executables, by key.

    Attributes:
        compilations: how many programs were compiled through this cache so far.
    """

    def __init__(self, most: int = 128) -> None:
        self.most = most
        self.compilations = 0
        self._entries: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()
        self._building: dict[Hashable, threading.Lock] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, key: Hashable, function: Callable[..., Any], *arguments: Any) -> Any:
        """Return the executable of `function` for arguments of these shapes, compiling it at the first call.

        Args:
            key: everything that the traced code depends on beside the arguments' shapes.
            function: a pure function of arrays; traced only when there is no entry.
            arguments: arrays, or their `ShapeDtypeStruct`s.
        """
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None:
                self._entries.move_to_end(key)
                return entry
            building = self._building.setdefault(key, threading.Lock())
        with building:
            with self._lock:
                if key in self._entries:
                    return self._entries[key]
            persistent_cache.enable()
            entry = jax.jit(function).lower(*arguments).compile()
            with self._lock:
                self.compilations += 1
                self._entries[key] = entry
                self._building.pop(key, None)
                while len(self._entries) > self.most:
                    self._entries.popitem(last=False)
        return entry

    def clear(self) -> None:
        """Forget every executable."""
        with self._lock:
            self._entries.clear()


shared = CompiledCache()


def signature(tree: Any) -> Hashable:
    """Return structure, shapes and dtypes of a nest of arrays, as a key."""
    leaves, structure = jax.tree_util.tree_flatten(tree)
    return structure, tuple((leaf.shape, str(leaf.dtype)) for leaf in leaves)
