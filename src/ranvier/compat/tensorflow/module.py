"""`tf.Module`: an object that knows the Variables among its attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

from ranvier.compat.tensorflow.functions import name_scope
from ranvier.layers import Layer
from ranvier.state.variable import Variable

__all__ = ["Module"]


class Module:
    """Finds its Variables, in attributes, in lists, tuples and dicts of them, and in modules and layers therein.

    Args:
        name: for people; the class's name in small letters when None.

    Example:
        >>> class Line(Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.slope, self.counts = Variable(2.0), Variable(0, trainable=False)
        >>> len(Line().variables), len(Line().trainable_variables), Line().name
        (2, 1, 'line')
    """

    def __init__(self, name: str | None = None) -> None:
        self._name = name or type(self).__name__.lower()

    @property
    def name(self) -> str:
        """The name."""
        return getattr(self, "_name", type(self).__name__.lower())

    @property
    def name_scope(self) -> AbstractContextManager[None]:
        """Accepted: names come from layers."""
        return name_scope(self.name)

    @property
    def variables(self) -> tuple[Variable, ...]:
        """All Variables, each once: by the names of the attributes, those of modules within after its own."""
        found = {id(variable): variable for variable in _own(self)}
        for module in self.submodules:
            found |= {id(variable): variable for variable in _own(module)}
        return tuple(found.values())

    @property
    def trainable_variables(self) -> tuple[Variable, ...]:
        """The Variables that gradients change."""
        return tuple(variable for variable in self.variables if variable.trainable)

    @property
    def submodules(self) -> tuple[Any, ...]:
        """Modules and layers among the attributes, and those among theirs."""
        found: dict[int, Any] = {id(self): self}
        waiting = [self]
        for owner in waiting:
            inner = [part for part in _parts(owner) if isinstance(part, (Module, Layer)) and id(part) not in found]
            found |= {id(part): part for part in inner}
            waiting += [part for part in inner if isinstance(part, Module)]
        return tuple(found.values())[1:]

    @classmethod
    def with_name_scope(cls, method: Callable[..., Any]) -> Callable[..., Any]:
        """Return the method: names come from layers."""
        return method


def _own(owner: Any) -> list[Variable]:
    """Return an object's Variables without those of modules within; a layer has all of its own."""
    if isinstance(owner, Layer):
        return list(owner.variables)
    return [part for part in _parts(owner) if isinstance(part, Variable)]


def _parts(owner: Any) -> Iterator[Any]:
    """Yield what attributes hold, in the order of their names."""
    for _, value in sorted(vars(owner).items()):
        yield from _leaves(value)


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _leaves(item)
    else:
        yield value
