"""Batches as tuples, and data divided in two, with answers known by hand."""

import random
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from ranvier import utils
from ranvier._errors import DataError, InvalidArgument, WrongType


def test_pack_and_unpack() -> None:
    for parts in ((1,), (1, 2), (1, 2, 3)):
        x, y, weight = utils.unpack_x_y_sample_weight(parts)
        assert (x, y, weight) == (*parts, None, None)[:3]
        assert utils.unpack_x_y_sample_weight(utils.pack_x_y_sample_weight(x, y, weight)) == (x, y, weight)
    assert utils.unpack_x_y_sample_weight({"a": 1}) == ({"a": 1}, None, None)
    assert utils.unpack_x_y_sample_weight([1, 2]) == (1, 2, None)
    assert utils.pack_x_y_sample_weight([1, 2]) == ([1, 2],)
    with pytest.raises(InvalidArgument, match="4 parts"):
        utils.unpack_x_y_sample_weight((1, 2, 3, 4))


@pytest.mark.parametrize(
    ("sizes", "left", "right"),
    [
        ({"left_size": 0.6}, [0, 1, 2], [3, 4]),
        ({"right_size": 1}, [0, 1, 2, 3], [4]),
        ({"left_size": 1, "right_size": 0.4}, [0], [3, 4]),
        ({"left_size": 0.5}, [0, 1], [2, 3, 4]),
    ],
)
def test_sizes(sizes: dict[str, Any], left: list[int], right: list[int]) -> None:
    parts = utils.split_dataset(np.arange(5), **sizes)
    assert [part.tolist() for part in parts] == [left, right]


def test_parts_are_nested_as_the_data_is() -> None:
    x, y = np.arange(8).reshape(4, 2), jnp.arange(4)
    (left_x, left_y), (right_x, right_y) = utils.split_dataset((x, y), left_size=3)
    assert left_x.shape == (3, 2) and left_y.tolist() == [0, 1, 2] and right_x.tolist() == [[6, 7]]
    assert isinstance(left_y, jnp.ndarray) and right_y.tolist() == [3]
    left, right = utils.split_dataset({"a": x, "b": [y]}, right_size=0.25)
    assert left["b"][0].tolist() == [0, 1, 2] and right["a"].tolist() == [[6, 7]]


def test_a_data_set_by_rows() -> None:
    class Rows:
        def __len__(self) -> int:
            return 4

        def __getitem__(self, index: int) -> tuple[int, int]:
            if index >= 4:
                raise IndexError(index)
            return index, index**2

    left, right = utils.split_dataset(Rows(), left_size=0.5)
    assert list(left) == [(0, 0), (1, 1)] and right[-1] == (3, 9) and list(right[1:]) == [(3, 9)]


def test_shuffled_parts_have_kerass_order() -> None:
    order = list(range(6))
    random.Random(3).shuffle(order)
    left, right = utils.split_dataset(np.arange(6), left_size=4, shuffle=True, seed=3)
    assert [*left, *right] == order


@pytest.mark.parametrize("sizes", [{}, {"left_size": 5}, {"left_size": 0.0}, {"left_size": 0.7, "right_size": 0.7}])
def test_sizes_that_do_not_fit(sizes: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument, match="split-size"):
        utils.split_dataset(np.arange(5), **sizes)


def test_what_cannot_be_split() -> None:
    for wrong in (5, [1, 2], "text", []):
        with pytest.raises(WrongType):
            utils.split_dataset(wrong, left_size=0.5)
    with pytest.raises(WrongType):
        utils.split_dataset(np.arange(5), left_size="half")  # type: ignore[arg-type]
    with pytest.raises(DataError):
        utils.split_dataset((np.arange(5), np.arange(4)), left_size=0.5)
