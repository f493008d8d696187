"""Facades: modules under TensorFlow's and Keras's names that hand out what Ranvier has."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterable
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from ranvier.compat.missing import missing_name

__all__ = ["Facade"]


class Facade(ModuleType):
    """A module that looks its names up in other modules, the first that has one wins.

    A module among the values becomes the facade of its own name, so that `keras.layers` is one object however it is
    reached.

    Args:
        name: its full name, `keras.layers`.
        sources: the modules that hold the names.
        children: names of its submodules.
        child: gives a submodule by its full name.
        values: names with values of its own, which come first.
        old: submodules of an older Keras, which `import *` leaves out.
    """

    def __init__(
        self,
        name: str,
        sources: Iterable[ModuleType] = (),
        children: Iterable[str] = (),
        child: Callable[[str], ModuleType] = importlib.import_module,
        values: dict[str, Any] | None = None,
        old: Iterable[str] = (),
    ) -> None:
        super().__init__(name, f"{name}, as Ranvier has it.")
        self.__path__: list[str] = []
        self.__spec__ = ModuleSpec(name, None, is_package=True)
        self.__package__ = name
        self._sources, self._children, self._child = tuple(sources), frozenset(children), child
        self._old = frozenset(old)
        self.__dict__.update(values or {})

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":
            return [entry for entry in dir(self) if entry not in self._old and hasattr(self, entry)]
        if name in self._children:
            return self._child(f"{self.__name__}.{name}")
        for source in self._sources:
            if _is_public(source, name):
                return getattr(source, name)
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        raise missing_name(self.__name__, name, dir(self))

    def __dir__(self) -> list[str]:
        names = {name for name in self.__dict__ if not name.startswith("_")} | self._children
        return sorted(names.union(*(getattr(source, "__all__", ()) for source in self._sources)))


def _is_public(source: ModuleType, name: str) -> bool:
    """Whether a module hands a name out: it lists it, or the value is one of Ranvier's own functions and classes."""
    if name in getattr(source, "__all__", ()):
        return True
    if name.startswith("_"):
        return False
    value = getattr(source, name, None)
    own = (getattr(value, "__module__", None) or "").startswith("ranvier.")
    return own and (inspect.isclass(value) or inspect.isfunction(value))
