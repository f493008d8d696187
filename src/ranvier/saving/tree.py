"""Which path in a weight file belongs to which object: Keras 3's naming rules.

A model's layers stand in `layers/<class name in snake case>[_n]`; other sublayers and optimizers stand under the name
of the attribute that holds them, lists and dicts under the class names of their items. Private attributes come last,
and an object that is reachable on two ways stands where it is found first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ranvier._lookup import numbered, snake_case
from ranvier.layers import Layer
from ranvier.optimizers import Optimizer
from ranvier.state.variable import Variable

__all__ = ["Holder", "holders"]

# What our own Model classes keep beside the layers; Keras has no such attributes.
_INTERNAL = frozenset({"_chain", "_entry", "compile_arguments"})
_LAYERS_FIRST = frozenset({"Functional", "Sequential"})


@dataclass(frozen=True)
class Holder:
    """A layer or optimizer, and the path of its group in the file."""

    path: str
    item: Any

    @property
    def variables(self) -> list[Variable]:
        """Its own variables, in the order of their numbers in the file."""
        if isinstance(self.item, Optimizer):
            return list(self.item.variables)
        # A layer with LoRA writes fewer variables than it has: the thin ones are added to the table.
        chosen = getattr(self.item, "merged_variables", self.item.own_weights)
        variables: list[Variable] = chosen()
        return variables

    @property
    def is_optimizer(self) -> bool:
        """Whether it is an optimizer, whose state is useful but not needed."""
        return isinstance(self.item, Optimizer)


def holders(root: Any) -> list[Holder]:
    """Return every layer and optimizer below `root`, itself first, each once, in Keras's order."""
    found: list[Holder] = []
    _visit(root, "", found, set())
    return found


def _visit(item: Any, path: str, found: list[Holder], seen: set[int]) -> None:
    if id(item) in seen:
        return
    seen.add(id(item))
    found.append(Holder(path, item))
    for name, child in _attributes(item):
        below = f"{path}/{name}" if path else name
        if isinstance(child, (Layer, Optimizer)):
            _visit(child, below, found, seen)
        elif isinstance(child, (list, tuple, Mapping)):
            _visit_container(child, below, found, seen, set())


def _visit_container(container: Any, path: str, found: list[Holder], seen: set[int], containers: set[int]) -> None:
    if id(container) in containers:
        return
    containers.add(id(container))
    counts: dict[str, int] = {}
    for child in container.values() if isinstance(container, Mapping) else container:
        if isinstance(child, (Layer, Optimizer)):
            _visit(child, f"{path}/{numbered(snake_case(type(child).__name__), counts)}", found, seen)
        elif isinstance(child, (list, tuple, Mapping)):
            _visit_container(child, f"{path}/{numbered('container', counts)}", found, seen, containers)


def _attributes(item: Any) -> Iterator[tuple[str, Any]]:
    """Yield what an object holds, public names first, as `dir` sorts them."""
    kinds = {klass.__name__ for klass in type(item).__mro__ if klass.__module__.startswith("ranvier.models")}
    if kinds & _LAYERS_FIRST:
        yield "layers", item.layers
    names = set(vars(item)) - set(getattr(item, "untracked", ()))
    if kinds:
        names = (names - _INTERNAL) | {"layers"}
    for name in sorted(names, key=lambda name: (name.startswith("_"), name)):
        yield name, getattr(item, name, None)
