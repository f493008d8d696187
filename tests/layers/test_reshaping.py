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
