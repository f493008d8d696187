"""Dense: activations that cannot be compiled, and wrong arguments."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ranvier import layers
from ranvier.state.symbolic import KerasTensor


def python_relu(x: Any) -> Any:
    return max(0, x)


@pytest.mark.parametrize("activation", [python_relu, np.exp])
def test_activations_that_cannot_be_compiled_name_the_right_functions(activation: Any) -> None:
    layer = layers.Dense(2, activation=activation, name="mine")
    with pytest.raises(TypeError, match=r"(?s)mine.*ops\.relu.*ops\.exp"):
        layer(KerasTensor((None, 3)))


def test_a_subclass_may_set_the_weights_itself() -> None:
    class Tied(layers.Dense):
        def build(self, input_shape: Any) -> None:
            self.kernel = self.add_weight((input_shape[-1], self.units), "ones", name="kernel")
            self.bias = None

    layer = Tied(2)
    np.testing.assert_array_equal(layer(np.ones((1, 3))), [[3.0, 3.0]])
    assert [v.name for v in layer.weights] == ["kernel"]


def test_dense_names_an_unknown_last_axis_and_bad_units() -> None:
    with pytest.raises(ValueError, match="last axis"):
        layers.Dense(2)(KerasTensor((None, None)))
    for units in (0, -1, 2.5, True):
        with pytest.raises(ValueError, match="positive"):
            layers.Dense(units)
    with pytest.raises(ValueError, match="at least 2 axes"):
        layers.Dense(2)(np.ones(3))
