"""Reshape: unknown and wrong sizes."""

from __future__ import annotations

import numpy as np
import pytest

from ranvier import layers
from ranvier.state.symbolic import KerasTensor


def test_reshape_with_unknown_sizes_and_wrong_ones() -> None:
    assert layers.Reshape((4, 4))(KerasTensor((None, None))).shape == (None, 4, 4)
    assert layers.Reshape((-1, 2))(KerasTensor((None, None, 4))).shape == (None, None, 2)
    assert layers.Reshape(6)(np.ones((2, 3, 2))).shape == (2, 6)
    with pytest.raises(ValueError, match="number of values"):
        layers.Reshape((5,))(np.ones((2, 6)))
    with pytest.raises(ValueError, match="one -1"):
        layers.Reshape((-1, -1))


def test_permute_names_what_is_no_order() -> None:
    for dims in ((0, 1), (1, 3), (1, 1), (2,), (-1, 1)):
        with pytest.raises(ValueError, match="each axis of a row once"):
            layers.Permute(dims)
    with pytest.raises(ValueError, match="3 axes"):
        layers.Permute((2, 1))(np.ones((2, 3)))
    assert layers.Permute([2, 1])(KerasTensor((None, None, 4))).shape == (None, 4, None)


def test_repeat_vector_takes_vectors_and_a_count() -> None:
    for wrong in (0, -1, 1.5, "a", True, None):
        with pytest.raises(ValueError, match="positive whole number"):
            layers.RepeatVector(wrong)
    with pytest.raises(ValueError, match="2 axes"):
        layers.RepeatVector(2)(np.ones((2, 3, 4)))
    assert layers.RepeatVector(2)(np.ones((2, 3), "int32")).dtype == "int32"


def test_data_format_is_one_of_two() -> None:
    assert layers.Flatten("CHANNELS_FIRST").data_format == "channels_first"
    for kind in (layers.Flatten, lambda data_format: layers.SpatialDropout2D(0.5, data_format)):
        with pytest.raises(ValueError, match="channels_last' or 'channels_first"):
            kind("first")
