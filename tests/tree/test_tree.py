"""Nests: Keras's order of leaves, None as a leaf, containers kept."""

from collections import OrderedDict, defaultdict, namedtuple
from typing import Any

import pytest

from ranvier import tree
from ranvier._errors import InvalidArgument, WrongType

Pair = namedtuple("Pair", "a b")
NEST: dict[str, Any] = {"b": [1, None], "a": Pair(2, (3, 4))}


def test_flatten_and_pack() -> None:
    assert tree.flatten(NEST) == [2, 3, 4, 1, None]
    assert tree.flatten(None) == [None] and tree.flatten(7) == [7]
    assert tree.flatten(OrderedDict([("b", 1), ("a", 2)])) == [1, 2]
    assert tree.pack_sequence_as(NEST, tree.flatten(NEST)) == NEST
    assert tree.pack_sequence_as("x", [5]) == 5
    with pytest.raises(InvalidArgument, match="2 leaves"):
        tree.pack_sequence_as([1, 2], [1])


def test_paths() -> None:
    assert tree.flatten_with_path({"a": [1, {"c": 2}]}) == [(("a", 0), 1), (("a", 1, "c"), 2)]


def test_map_structure() -> None:
    assert tree.map_structure(lambda x, y: x + y, [1, (2,)], [10, (20,)]) == [11, (22,)]
    assert tree.map_structure(lambda x: 0 if x is None else x, [None, 1]) == [0, 1]
    assert tree.map_structure(lambda x: x + 1, [None, 1], none_is_leaf=False) == [None, 2]
    assert tree.map_structure(lambda x: x, NEST) == NEST
    with pytest.raises(InvalidArgument):
        tree.map_structure(lambda x, y: x, [1], [1, 2])
    with pytest.raises(WrongType):
        tree.map_structure(3, [1])  # type: ignore[arg-type]


def test_map_structure_up_to() -> None:
    assert tree.map_structure_up_to([None, [None]], str, [[1, 1], [(2, 2)]]) == ["[1, 1]", ["(2, 2)"]]
    with pytest.raises(InvalidArgument):
        tree.map_structure_up_to([None, None], str, [1])


def test_map_shape_structure() -> None:
    assert tree.map_shape_structure(lambda s: len(s), [(1, None), {"x": (2, 3, 4)}]) == [2, {"x": 3}]


@pytest.mark.parametrize(
    ("top_down", "expected"),
    [
        (True, [[(1, 2), [3], {"a": 4}], (1, 2), 1, 2, [3], 3, {"a": 4}, 4]),
        (False, [1, 2, (1, 2), 3, [3], 4, {"a": 4}, [(1, 2), [3], {"a": 4}]]),
    ],
)
def test_traverse_visits_in_order(top_down: bool, expected: list[Any]) -> None:
    visited: list[Any] = []
    assert tree.traverse(visited.append, [(1, 2), [3], {"a": 4}], top_down) == [(1, 2), [3], {"a": 4}]
    assert visited == expected


def test_traverse_replaces() -> None:
    assert tree.traverse(lambda s: "t" if isinstance(s, tuple) else None, [(1, 2), 3]) == ["t", 3]
    assert tree.traverse(lambda s: tree.MAP_TO_NONE if s == 3 else None, [1, 3], top_down=False) == [1, None]


def test_lists_to_tuples() -> None:
    assert tree.lists_to_tuples([1, {"a": [2, [3]]}, Pair([4], 5)]) == (1, {"a": (2, (3,))}, Pair((4,), 5))


def test_comparisons() -> None:
    tree.assert_same_structure(NEST, {"a": Pair(0, (0, 0)), "b": [0, 0]})
    tree.assert_same_structure({"a": 1}, defaultdict(int, a=2))
    tree.assert_same_paths([1, (2,)], (1, [2]))
    for other in ([1, 2], (1,), {"a": 1}, 1):
        with pytest.raises(InvalidArgument):
            tree.assert_same_structure([1], other)
    with pytest.raises(InvalidArgument):
        tree.assert_same_paths([1], {"a": 1})


def test_what_is_nested() -> None:
    assert all(map(tree.is_nested, ([], (), {}, Pair(1, 2)))) and not any(map(tree.is_nested, (1, None, "ab")))
