"""Input: shapes and what is wrong with them."""

from __future__ import annotations

import pytest

from ranvier import layers


def test_input_layers_say_what_is_wrong_with_a_shape() -> None:
    assert layers.Input(4).shape == (None, 4)
    assert layers.Input((4,), batch_size=3, dtype="int32").dtype == "int32"
    assert layers.InputLayer(input_shape=(4,)).batch_shape == (None, 4)
    assert layers.Input(batch_shape=(2, None)).shape == (2, None)
    for wrong in ({}, {"shape": (1,), "batch_shape": (1, 1)}, {"shape": (-1,)}):
        with pytest.raises(ValueError, match="shape"):
            layers.Input(**wrong)
    with pytest.raises(NotImplementedError, match="parse"):
        layers.Input((3,), sparse=True)
    with pytest.raises(RuntimeError, match="called"):
        layers.InputLayer((3,))()
