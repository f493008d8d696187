"""What belongs to a layer: found by looking at its attributes, in the order in which they were set.

Nothing is registered when an attribute is set, so lists that grow later, dicts and tuples of layers work as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ranvier._lookup import snake_case
from ranvier.state.variable import Variable

if TYPE_CHECKING:
    from ranvier.layers.base import Layer

__all__ = ["layers_by_path", "owned", "sublayers", "variables_by_path"]


def owned(holder: Any, kind: type) -> Iterator[tuple[str, Any]]:
    """Yield `(attribute path, object)` for objects of `kind` held directly or in lists, tuples and dicts."""
    hidden = getattr(holder, "untracked", frozenset())
    for attribute, value in vars(holder).items():
        if attribute not in hidden:
            yield from _inside(attribute, value, kind)


def _inside(path: str, value: Any, kind: type) -> Iterator[tuple[str, Any]]:
    if isinstance(value, kind):
        yield path, value
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _inside(f"{path}/{index}", item, kind)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _inside(f"{path}/{key}", item, kind)


def sublayers(layer: Layer) -> list[tuple[str, Layer]]:
    """Return the direct sublayers with their structural names, each layer once."""
    seen: set[int] = set()
    found: list[tuple[str, Layer]] = []
    for name, child in layer.children():
        if id(child) not in seen and child is not layer:
            seen.add(id(child))
            found.append((name, child))
    return found


def numbered(layers: list[Layer]) -> list[tuple[str, Layer]]:
    """Return layers with names that depend on their order alone: a name that a person gave, else `dense`, `dense_1`."""
    counts: dict[str, int] = {}
    named: list[tuple[str, Layer]] = []
    for layer in layers:
        base = snake_case(type(layer).__name__) if layer.auto_named else layer.name
        number = counts.get(base, 0)
        counts[base] = number + 1
        named.append((f"{base}_{number}" if number else base, layer))
    return named


def layers_by_path(root: Layer) -> dict[str, Layer]:
    """Return every layer below `root` (itself at `""`) by its structural path, each once, parents first."""
    found: dict[str, Layer] = {}
    seen: set[int] = set()

    def visit(layer: Layer, path: str) -> None:
        if id(layer) in seen:
            return
        seen.add(id(layer))
        found[path] = layer
        for name, child in sublayers(layer):
            visit(child, f"{path}/{name}" if path else name)

    visit(root, "")
    return found


def variables_by_path(root: Layer) -> dict[str, Variable]:
    """Return every variable below `root` by its structural path, each once, in Keras's order of weights."""
    found: dict[str, Variable] = {}
    seen: set[int] = set()
    for path, layer in layers_by_path(root).items():
        for variable in layer.own_variables():
            if id(variable) in seen:
                continue
            seen.add(id(variable))
            stem = f"{path}/{variable.name}" if path else variable.name
            name, number = stem, 0
            while name in found:
                number += 1
                name = f"{stem}_{number}"
            found[name] = variable
    return found
