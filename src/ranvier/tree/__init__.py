"""Nests of lists, tuples and dicts, by Keras's names. None is a leaf, dicts go by sorted key."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jax import tree_util

from ranvier._errors import InvalidArgument, WrongType

__all__ = [
    "MAP_TO_NONE",
    "assert_same_paths",
    "assert_same_structure",
    "flatten",
    "flatten_with_path",
    "is_nested",
    "lists_to_tuples",
    "map_shape_structure",
    "map_structure",
    "map_structure_up_to",
    "pack_sequence_as",
    "traverse",
]


class MAP_TO_NONE:
    """What a function given to `traverse` returns to put None into the result."""


def is_nested(structure: Any) -> bool:
    """Whether it is a container: a list, tuple, dict or deque."""
    return isinstance(structure, (list, tuple, dict, deque))


def _is_none(node: Any) -> bool:
    return node is None


def flatten(structure: Any) -> list[Any]:
    """Return the leaves in order.

    Example:
        >>> flatten({"b": [1, None], "a": 2})
        [2, 1, None]
    """
    return tree_util.tree_leaves(structure, is_leaf=_is_none)


def flatten_with_path(structure: Any) -> list[tuple[tuple[Any, ...], Any]]:
    """Return pairs of a leaf's path (keys and positions) and the leaf.

    Example:
        >>> flatten_with_path([{"foo": 42}])
        [((0, 'foo'), 42)]
    """
    pairs, _ = tree_util.tree_flatten_with_path(structure, is_leaf=_is_none)
    return [(tuple(_step(entry) for entry in path), leaf) for path, leaf in pairs]


def _step(entry: Any) -> Any:
    for attribute in ("key", "idx", "name"):
        if hasattr(entry, attribute):
            return getattr(entry, attribute)
    return str(entry)


def map_structure(func: Callable[..., Any], *structures: Any, none_is_leaf: bool = True) -> Any:
    """Return the first structure with `func(leaf, ...)` in place of each leaf.

    Args:
        func: called with one leaf of each structure.
        structures: one or more of the same nesting.
        none_is_leaf: whether `func` is also called on None; else None stays.

    Raises:
        InvalidArgument: the structures differ.

    Example:
        >>> map_structure(lambda a, b: a * b, [[1], (2, 3)], [[4], (5, 6)])
        [[4], (10, 18)]
    """
    if not callable(func) or not structures:
        raise WrongType(
            "map_structure takes a function and one structure or more.",
            code="tree-arguments",
            received=f"{func!r} and {len(structures)} structures",
        )
    for other in structures[1:]:
        assert_same_structure(structures[0], other)
    columns = [flatten(structure) for structure in structures]
    results = [
        None if not none_is_leaf and all(leaf is None for leaf in row) else func(*row)
        for row in zip(*columns, strict=True)
    ]
    return pack_sequence_as(structures[0], results)


def map_structure_up_to(shallow_structure: Any, func: Callable[..., Any], *structures: Any) -> Any:
    """Return `shallow_structure` with `func(subtree, ...)` in place of each of its leaves.

    Example:
        >>> map_structure_up_to([None, None], len, [[1, 1], [2, 2, 2]])
        [2, 3]
    """
    outline: Any = tree_util.tree_structure(shallow_structure, is_leaf=_is_none)
    try:
        columns = [outline.flatten_up_to(structure) for structure in structures]
    except (ValueError, TypeError) as error:
        raise _different(shallow_structure, structures) from error
    return tree_util.tree_unflatten(outline, [func(*row) for row in zip(*columns, strict=True)])


def map_shape_structure(func: Callable[[Any], Any], structure: Any) -> Any:
    """Return a nest of shapes (tuples or lists of whole numbers and None) with `func(shape)` in place of each."""
    return tree_util.tree_map(func, structure, is_leaf=lambda node: node is None or _is_shape(node))


def _is_shape(node: Any) -> bool:
    return isinstance(node, (tuple, list)) and all(size is None or isinstance(size, int) for size in node)


def pack_sequence_as(structure: Any, flat_sequence: Sequence[Any]) -> Any:
    """Return `structure` with its leaves replaced, in order, by `flat_sequence`.

    Raises:
        InvalidArgument: another number of leaves.
    """
    outline: Any = tree_util.tree_structure(structure, is_leaf=_is_none)
    leaves = list(flat_sequence)
    if outline.num_leaves != len(leaves):
        raise InvalidArgument(
            "The sequence does not fill the structure.",
            code="tree-leaves",
            place="pack_sequence_as",
            expected=f"{outline.num_leaves} leaves",
            received=f"{len(leaves)} items",
        )
    return tree_util.tree_unflatten(outline, leaves)


def traverse(func: Callable[[Any], Any], structure: Any, top_down: bool = True) -> Any:
    """Call `func` on every subtree and return the structure with what it returned.

    Args:
        func: returns None to leave a subtree as it is, MAP_TO_NONE to replace it by None, else its replacement.
        structure: any nest.
        top_down: parents before children; a replaced parent's children are not visited.
    """
    if top_down:
        replaced = func(structure)
        if replaced is not None:
            return None if replaced is MAP_TO_NONE else replaced
    result = structure
    if is_nested(structure):
        result = _like(structure, [traverse(func, child, top_down) for _, child in _children(structure)])
    if top_down:
        return result
    replaced = func(result)
    if replaced is None:
        return result
    return None if replaced is MAP_TO_NONE else replaced


def lists_to_tuples(structure: Any) -> Any:
    """Return the structure with tuples in place of lists."""

    def convert(node: Any) -> Any:
        return tuple(node) if isinstance(node, list) else None

    return traverse(convert, structure, top_down=False)


def assert_same_structure(a: Any, b: Any, check_types: Any = None) -> None:
    """Raise unless both are nested in the same way, by containers of the same types; all dicts are of one type.

    Raises:
        InvalidArgument: they differ.
    """
    if _outline(a) != _outline(b):
        raise _different(a, b)


def assert_same_paths(a: Any, b: Any) -> None:
    """Raise unless both have leaves at the same paths; lists and tuples count as one type.

    Raises:
        InvalidArgument: they differ.
    """
    if [path for path, _ in flatten_with_path(a)] != [path for path, _ in flatten_with_path(b)]:
        raise _different(a, b)


def _children(node: Any) -> list[tuple[Any, Any]]:
    """Return a container's keys and children, a plain dict's by sorted key."""
    if isinstance(node, OrderedDict):
        return list(node.items())
    if isinstance(node, Mapping):
        return [(key, node[key]) for key in sorted(node)]
    return list(enumerate(node))


def _like(node: Any, children: list[Any]) -> Any:
    """Return a container of the type and keys of `node` with other children."""
    if isinstance(node, Mapping):
        filled = dict(zip((key for key, _ in _children(node)), children, strict=True))
        ordered = {key: filled[key] for key in node}
        return OrderedDict(ordered) if isinstance(node, OrderedDict) else ordered
    return type(node)(*children) if hasattr(node, "_fields") else type(node)(children)


def _outline(node: Any) -> Any:
    if not is_nested(node):
        return None
    kind = dict if isinstance(node, Mapping) else type(node)
    children = sorted(_children(node), key=lambda pair: str(pair[0])) if kind is dict else _children(node)
    return kind, [(key, _outline(child)) for key, child in children]


def _different(a: Any, b: Any) -> InvalidArgument:
    return InvalidArgument(
        "The two structures are nested differently.",
        code="tree-structure",
        expected=str(tree_util.tree_structure(a, is_leaf=_is_none)),
        received=str(tree_util.tree_structure(b, is_leaf=_is_none)),
    )
