"""What belongs to a layer: found by looking at its attributes, in the order in which they were set.

Nothing is registered when an attribute is set, so lists that grow later, dicts and tuples of layers work as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ranvier._lookup import snake_case
from ranvier.state.variable import Variable

if TYPE_CHECKING:
    from ranvier.layers.base import Layer
    from ranvier.layers.weights import WeightHolder

__all__ = ["layers_by_path", "numbered", "owned", "sublayers", "variables_by_path"]


def owned(holder: Any, kind: type) -> Iterator[tuple[str, Any]]:
    """Yield `(attribute path, object)` for objects of `kind` held directly or in lists, tuples and dicts."""
    hidden: frozenset[str] = getattr(holder, "untracked", frozenset())
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


def sublayers(layer: WeightHolder) -> list[tuple[str, Layer]]:
    """Return the direct sublayers with their structural names, each layer once."""
    seen: set[int] = set()
    found: list[tuple[str, Layer]] = []
    for name, child in layer.child_layers():
        if id(child) not in seen and child is not layer:
            seen.add(id(child))
            found.append((name, child))
    return found


def numbered(layers: list[Layer]) -> list[tuple[str, Layer]]:
    """Return layers with names that depend on their order alone: a name that a person gave, else `dense`, `dense_1`.

    A name of the automatic form counts as automatic, so that a model read from a file has the paths of its original.
    """
    chosen = {layer.name for layer in layers if not _is_automatic(layer)}
    counts: dict[str, int] = {}
    named: list[tuple[str, Layer]] = []
    for layer in layers:
        name = layer.name
        if _is_automatic(layer):
            base = snake_case(type(layer).__name__)
            number = counts.get(base, 0)
            while (name := f"{base}_{number}" if number else base) in chosen:
                number += 1
            counts[base] = number + 1
        named.append((name, layer))
    return named


def _is_automatic(layer: Layer) -> bool:
    base = re.escape(snake_case(type(layer).__name__))
    return layer.auto_named or re.fullmatch(rf"{base}(_\d+)?", layer.name) is not None


def layers_by_path(root: WeightHolder) -> dict[str, Layer]:
    """Return every layer below `root` (itself at `""`) by its structural path, each once, parents first."""
    found: dict[str, Layer] = {}
    seen: set[int] = set()

    def visit(layer: Any, path: str) -> None:
        if id(layer) in seen:
            return
        seen.add(id(layer))
        found[path] = layer
        for name, child in sublayers(layer):
            visit(child, f"{path}/{name}" if path else name)

    visit(root, "")
    return found


def variables_by_path(root: WeightHolder) -> dict[str, Variable]:
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
