"""The helpers of `keras.utils`, with answers known by hand."""

import random
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ranvier
from ranvier import utils
from ranvier._errors import InvalidArgument


def draws() -> tuple[Any, ...]:
    utils.set_random_seed(11)
    weights = ranvier.initializers.get("glorot_uniform")((3, 2))
    return random.random(), float(np.random.rand()), weights.tolist(), float(ranvier.random.normal(()))


def test_one_seed_decides_everything() -> None:
    assert draws() == draws()
    first = draws()
    utils.set_random_seed(12)
    assert random.random() != first[0] and float(np.random.rand()) != first[1]


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, "1", True, None])
def test_a_seed_is_a_whole_number(seed: Any) -> None:
    with pytest.raises(InvalidArgument, match="bad-seed"):
        utils.set_random_seed(seed)


def test_to_categorical() -> None:
    assert utils.to_categorical([0, 2]).tolist() == [[1, 0, 0], [0, 0, 1]]
    assert utils.to_categorical([[1], [0]], 2).tolist() == [[0, 1], [1, 0]]
    assert utils.to_categorical(np.array([[0, 1], [1, 1]])).shape == (2, 2, 2)
    assert utils.to_categorical(["1", "0"]).tolist() == [[0, 1], [1, 0]]
    assert utils.to_categorical(np.array([1.0, 0.0])).dtype == np.float64
    assert utils.to_categorical(jnp.array([[1], [0]])).tolist() == [[0, 1], [1, 0]]
    assert utils.to_categorical([], 3).shape == (0, 3)


@pytest.mark.parametrize("classes", [[0, 3], [-1, 0]])
def test_a_class_without_a_place_is_an_error(classes: list[int]) -> None:
    with pytest.raises(InvalidArgument, match="0 to 2"):
        utils.to_categorical(classes, 3)


def test_normalize() -> None:
    x = np.array([[3.0, 4.0], [0.0, 0.0]])
    assert utils.normalize(x).tolist() == [[0.6, 0.8], [0.0, 0.0]]
    assert utils.normalize(x, axis=0).tolist() == [[1.0, 1.0], [0.0, 0.0]]
    assert utils.normalize(x, order=1)[0].tolist() == [3 / 7, 4 / 7]
    np.testing.assert_allclose(utils.normalize(jnp.asarray(x)), [[0.6, 0.8], [0, 0]], rtol=1e-6)


def test_pad_sequences() -> None:
    rows = [[1], [2, 3], [4, 5, 6]]
    assert utils.pad_sequences(rows).tolist() == [[0, 0, 1], [0, 2, 3], [4, 5, 6]]
    assert utils.pad_sequences(rows, maxlen=2).tolist() == [[0, 1], [2, 3], [5, 6]]
    assert utils.pad_sequences(rows, maxlen=2, padding="post", truncating="post", value=9).tolist() == [
        [1, 9],
        [2, 3],
        [4, 5],
    ]
    assert utils.pad_sequences([[], [1.5]], dtype="float32").tolist() == [[0.0], [1.5]]
    assert utils.pad_sequences([["a"], ["b", "c"]], dtype=object, value="").tolist() == [["", "a"], ["b", "c"]]
    assert utils.pad_sequences([[[1, 2]], [[3, 4], [5, 6]]]).shape == (2, 2, 2)
    assert utils.pad_sequences([[1]], maxlen=0).shape == (1, 0) and utils.pad_sequences([]).shape == (0, 0)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.lists(st.integers(1, 9), max_size=6), max_size=5), st.integers(0, 7), st.sampled_from(["pre", "post"])
)
def test_padding_only_adds_and_cuts(rows: list[list[int]], length: int, side: str) -> None:
    for row, padded in zip(rows, utils.pad_sequences(rows, length, padding=side, truncating=side), strict=True):
        kept = row[len(row) - min(length, len(row)) :] if side == "pre" else row[:length]
        assert [n for n in padded.tolist() if n] == kept and len(padded) == length


def test_padding_refuses_what_has_no_length() -> None:
    for wrong in ([1, 2], 5):
        with pytest.raises(InvalidArgument):
            utils.pad_sequences(wrong)  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument, match="pre, post"):
        utils.pad_sequences([[1]], padding="left")


def test_names_of_other_packages_are_found() -> None:
    assert utils.is_keras_tensor(ranvier.KerasTensor((1,)))
    assert set(dir(utils)) >= {"set_random_seed", "clear_session"}
    for name in set(utils.__all__) - {"bounding_boxes"}:
        assert callable(getattr(utils, name))
    assert callable(utils.bounding_boxes.compute_iou)
    with pytest.raises(AttributeError, match="no_such_thing"):
        _ = utils.no_such_thing
