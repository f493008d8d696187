"""A key for everything that traced code depends on, so that equal models share their compiled programs.

Weights, learning rates and display names are left out: they are data. Functions count as equal when their code,
defaults and captured values are. What cannot be compared makes the key private to the object that holds it.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Hashable, Mapping
from typing import Any

import jax
import numpy as np

from ranvier.metrics import Metric
from ranvier.optimizers import Optimizer
from ranvier.state.variable import Variable

__all__ = ["Private", "fingerprint"]

_DISPLAY = frozenset(
    {"name", "auto_named", "_number", "owner_path", "history", "_eager_losses", "_build_shapes", "_given"}
)
_SIMPLE = (bool, int, float, complex, str, bytes, type(None), type(Ellipsis), np.dtype, range)


class Private:
    """Stands in a key for what cannot be compared: equal to itself only."""


class _Walk:
    """One pass over a graph of objects; each is numbered in the order in which it is met."""

    def __init__(self) -> None:
        self.seen: dict[int, int] = {}
        self.kept: list[Any] = []
        self.private = False

    def key(self, value: Any) -> Hashable:
        if isinstance(value, _SIMPLE):
            return type(value).__name__, value
        if isinstance(value, type):
            return "class", value
        if id(value) in self.seen:
            return "seen", self.seen[id(value)]
        self.seen[id(value)] = len(self.seen)
        self.kept.append(value)
        return self._compound(value)

    def _compound(self, value: Any) -> Hashable:
        if isinstance(value, Variable):
            shape = (value.shape, value.dtype, value.trainable, value.autocast)
            return "variable", shape, self.key(value.regularizer), self.key(value.constraint)
        if isinstance(value, (Optimizer, Metric)) and type(value).__module__.startswith("ranvier."):
            return type(value), self.key(_config_of(value))
        if isinstance(value, (np.ndarray, np.generic, jax.Array)):
            array = np.asarray(value)
            return "array", array.shape, str(array.dtype), array.tobytes()
        if isinstance(value, Mapping):
            return type(value), tuple((self.key(k), self.key(v)) for k, v in value.items())
        if isinstance(value, (list, tuple)):
            return type(value), tuple(self.key(item) for item in value)
        if isinstance(value, (set, frozenset)):
            return type(value), frozenset(self.key(item) for item in value)
        return self._code_or_object(value)

    def _code_or_object(self, value: Any) -> Hashable:
        if isinstance(value, types.FunctionType):
            cells = tuple(self._cell(cell) for cell in value.__closure__ or ())
            return value.__code__, cells, self.key(value.__defaults__), self.key(value.__kwdefaults__)
        if isinstance(value, types.MethodType):
            return "method", value.__func__.__code__, self.key(value.__self__)
        if isinstance(value, functools.partial):
            return "partial", self.key(value.func), self.key(value.args), self.key(value.keywords)
        if isinstance(value, (types.BuiltinFunctionType, types.ModuleType, np.ufunc)) or _is_compiled(value):
            return "name", getattr(value, "__module__", ""), getattr(value, "__qualname__", value.__name__)
        if hasattr(value, "__dict__"):
            hidden = _DISPLAY | getattr(type(value), "not_traced", frozenset())
            return type(value), tuple((k, self.key(v)) for k, v in vars(value).items() if k not in hidden)
        self.private = True
        return "private", type(value)

    def _cell(self, cell: Any) -> Hashable:
        try:
            return self.key(cell.cell_contents)
        except ValueError:
            return "empty"


def _config_of(value: Any) -> Any:
    """Return what an optimizer's or a metric's traced code depends on; a learning rate that is a number is data."""
    if isinstance(value, Optimizer):
        return value.program_key
    config = dict(value.get_config())
    config.pop("name", None)
    return config, getattr(value, "fn", None)  # a wrapped function's name says nothing about its code


def _is_compiled(value: Any) -> bool:
    return callable(value) and hasattr(value, "lower") and hasattr(value, "__wrapped__")


def fingerprint(*values: Any) -> Hashable:
    """Return a key that is equal for objects whose traced code is equal; a fresh Private when that cannot be told."""
    walk = _Walk()
    key = tuple(walk.key(value) for value in values)
    return Private() if walk.private else key
