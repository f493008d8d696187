"""Lambda: in process only."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ranvier import layers


def test_lambda_takes_arguments_and_says_that_it_cannot_be_saved() -> None:
    def powered(x: Any, exponent: int, training: bool = False) -> Any:
        return x**exponent + training

    layer = layers.Lambda(powered, arguments={"exponent": 3})
    assert [float(layer([2.0], training=t)[0]) for t in (False, True)] == [8.0, 9.0]
    assert layer.unsavable
    assert layers.Lambda(powered, output_shape=(5,))(layers.Input((2,))).shape == (None, 5)
    config = layer.get_config()
    assert config["function"]["config"] == "powered"
    again = layers.deserialize({"class_name": "Lambda", "config": config}, {"powered": powered})
    assert float(again([2.0])[0]) == 8.0
    keras_file = {
        "class_name": "Lambda",
        "config": {"name": "l", "function": {"class_name": "__lambda__", "config": {}}},
    }
    with pytest.raises(ValueError, match="never read"):
        layers.deserialize(keras_file)
    with pytest.raises(TypeError, match=r"ops\.exp"):
        layers.Lambda(lambda x: np.exp(x))(layers.Input((2,)))
