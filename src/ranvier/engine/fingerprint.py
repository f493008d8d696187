"""A key for everything that traced code depends on, so that equal models share their compiled programs.

Weights, learning rates and display names are left out: they are data. A user's function counts as equal when its code,
defaults, captured values, attributes and every global that it names are; a user's class when its methods and class
attributes are. What cannot be compared makes the key private: equal to itself only.
"""

from __future__ import annotations

import functools
import hashlib
import sys
import types
from collections import OrderedDict
from collections.abc import Hashable, Iterator
from typing import Any

import jax
import numpy as np

from ranvier._config import configuration
from ranvier.layers.base import Layer
from ranvier.metrics import Metric
from ranvier.optimizers import Optimizer
from ranvier.state.symbolic import KerasTensor
from ranvier.state.variable import Variable

__all__ = ["Private", "fingerprint"]

_LAYER_DISPLAY = frozenset({"name", "auto_named", "_eager_losses", "_build_shapes", "_given"})
_SIMPLE = (bool, int, float, complex, str, bytes, type(None), type(Ellipsis), np.dtype, range)
_KNOWN = frozenset({"ranvier", "jax", "jaxlib", "numpy", "optax", "ml_dtypes", *sys.stdlib_module_names} - {"__main__"})
"""Packages whose code is the same all through a process."""


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
        if id(value) in self.seen:
            return "seen", self.seen[id(value)]
        self.seen[id(value)] = len(self.seen)
        self.kept.append(value)
        if isinstance(value, type):
            return self._class(value)
        return self._compound(value)

    def _compound(self, value: Any) -> Hashable:
        if isinstance(value, Variable):
            shape = (value.shape, value.dtype, value.trainable, value.autocast)
            return "variable", shape, self.key(value.regularizer), self.key(value.constraint)
        if isinstance(value, (Optimizer, Metric)) and _is_known(type(value)):
            return type(value), self.key(_config_of(value))
        if isinstance(value, jax.core.Tracer):
            return self._unknown(value)
        if isinstance(value, (np.ndarray, np.generic, jax.Array)):
            array = np.ascontiguousarray(value)
            return "array", array.shape, str(array.dtype), hashlib.sha256(array.tobytes()).hexdigest()
        if type(value) in (dict, OrderedDict, types.MappingProxyType):
            return type(value), tuple((self.key(k), self.key(v)) for k, v in value.items())
        if type(value) in (list, tuple) or (isinstance(value, tuple) and hasattr(value, "_fields")):
            return type(value), tuple(self.key(item) for item in value)
        if type(value) in (set, frozenset) and all(isinstance(item, _SIMPLE) for item in value):
            return type(value), frozenset(value)
        return self._code(value)

    def _code(self, value: Any) -> Hashable:
        if isinstance(value, types.FunctionType):
            return self._function(value)
        if isinstance(value, types.MethodType):
            return "method", self.key(value.__func__), self.key(value.__self__)
        if isinstance(value, functools.partial):
            return "partial", self.key(value.func), self.key(value.args), self.key(value.keywords)
        if isinstance(value, (staticmethod, classmethod, property)):
            parts = (value.fget, value.fset) if isinstance(value, property) else (value.__func__,)
            return type(value), tuple(self.key(part) for part in parts)
        if callable(value) and hasattr(value, "lower") and hasattr(value, "__wrapped__"):
            return "compiled", self.key(value.__wrapped__)
        if isinstance(value, (types.BuiltinFunctionType, types.ModuleType, np.ufunc)):
            return "name", getattr(value, "__module__", ""), getattr(value, "__qualname__", value.__name__)
        return self._object(value)

    def _function(self, value: types.FunctionType) -> Hashable:
        """Return code, captured values and, for a user's function, every global that its code names."""
        cells = tuple(self._cell(cell) for cell in value.__closure__ or ())
        if _is_known(value) and not cells:
            return "name", value.__module__, value.__qualname__
        rest = (self.key(value.__defaults__), self.key(value.__kwdefaults__), self.key(dict(vars(value))))
        if _is_known(value):
            return value.__code__, cells, rest
        scope = value.__globals__
        named = sorted({name for name in _names(value.__code__) if name in scope})
        return value.__code__, cells, rest, tuple((name, self.key(scope[name])) for name in named)

    def _class(self, cls: type) -> Hashable:
        """Return the class; of a user's class also its methods and attributes, its bases' included."""
        if _is_known(cls):
            return "class", cls
        own = [base for base in cls.__mro__ if not _is_known(base)]
        parts = [(name, value) for base in own for name, value in vars(base).items() if not _is_generated(name)]
        return "class", cls, tuple((name, self.key(value)) for name, value in parts)

    def _object(self, value: Any) -> Hashable:
        if not hasattr(value, "__dict__") or _has_slots(type(value)):
            return self._unknown(value)
        hidden = self._hidden(value)
        parts = tuple((k, self.key(v)) for k, v in vars(value).items() if k not in hidden and not _draws(value, k))
        return self.key(type(value)), parts

    def _hidden(self, value: Any) -> frozenset[str]:
        """Return the attributes that are display or data only."""
        if isinstance(value, KerasTensor):
            return frozenset({"name", "history"})
        if isinstance(value, Layer):
            return _LAYER_DISPLAY | getattr(type(value), "not_traced", frozenset())
        return frozenset({"name"}) if _is_known(type(value)) else frozenset()

    def _unknown(self, value: Any) -> Hashable:
        self.private = True
        return "private", type(value)

    def _cell(self, cell: Any) -> Hashable:
        try:
            return self.key(cell.cell_contents)
        except ValueError:
            return "empty"


def _is_known(value: Any) -> bool:
    """Whether code comes from a package that does not change while a process runs."""
    return str(getattr(value, "__module__", "") or "").split(".")[0] in _KNOWN


def _is_generated(name: str) -> bool:
    return name in ("__dict__", "__weakref__", "__doc__", "__module__", "__qualname__", "__annotations__")


def _has_slots(cls: type) -> bool:
    return any(vars(base).get("__slots__") for base in cls.__mro__ if not _is_known(base))


def _draws(value: Any, attribute: str) -> bool:
    """Whether an attribute only draws first weights, which are data."""
    return isinstance(value, Layer) and attribute.endswith("_initializer") and _is_known(type(value))


def _names(code: types.CodeType) -> Iterator[str]:
    """Yield the names that code and the code inside it look up."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)


def _config_of(value: Any) -> Any:
    """Return what an optimizer's or a metric's traced code depends on; a learning rate that is a number is data."""
    if isinstance(value, Optimizer):
        return value.program_key
    config = dict(value.get_config())
    config.pop("name", None)
    functions = [item for item in vars(value).values() if callable(item) and not isinstance(item, type)]
    return config, functions  # a wrapped function's name says nothing about its code


def fingerprint(*values: Any) -> Hashable:
    """Return a key that is equal for objects whose traced code is equal; a fresh Private when that cannot be told."""
    walk = _Walk()
    key = tuple(walk.key(value) for value in values)
    if walk.private:
        return Private()
    settings = (configuration.floatx, configuration.epsilon, configuration.image_data_format)
    return (*settings, bool(jax.config.read("jax_enable_x64"))), key
