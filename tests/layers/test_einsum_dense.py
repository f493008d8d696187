"""EinsumDense: shapes of the weights, fans of the initializer, equations that do not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ranvier import layers
from ranvier._errors import InvalidArgument
from ranvier.state.symbolic import KerasTensor


@pytest.mark.parametrize(
    ("equation", "output_shape", "bias_axes", "inputs", "kernel", "bias", "outputs"),
    [
        ("ab,bc->ac", 64, "c", (None, 32), (32, 64), (64,), (None, 64)),
        ("abc,cd->abd", (None, 64), "d", (None, None, 128), (128, 64), (64,), (None, None, 64)),
        ("abc,cde->abde", (5, 2, 3), "be", (None, 5, 4), (4, 2, 3), (5, 1, 3), (None, 5, 2, 3)),
        ("abc,bcd->abd", (None, 3), None, (None, 5, 4), (5, 4, 3), None, (None, 5, 3)),
        ("...x,xy->...y", 64, "y", (None, 7, None, 32), (32, 64), (64,), (None, 7, None, 64)),
        ("...x,xy->...y", (64,), None, (None, 32), (32, 64), None, (None, 64)),
        ("...ab,bc->...ac", 3, None, (None, 4), (4, 3), None, (None, 3)),
        ("ab...,bc->ac...", 8, "c", (None, 4, 5, 6), (4, 8), (8, 1, 1), (None, 8, 5, 6)),
    ],
)
def test_shapes_follow_from_the_equation(
    equation: str, output_shape: Any, bias_axes: Any, inputs: Any, kernel: Any, bias: Any, outputs: Any
) -> None:
    layer = layers.EinsumDense(equation, output_shape, bias_axes=bias_axes)
    assert layer(KerasTensor(inputs)).shape == outputs
    assert layer.kernel.shape == kernel
    assert bias == (None if layer.bias is None else layer.bias.shape)


def test_fans_are_read_off_the_equation() -> None:
    layer = layers.EinsumDense("abc,dec->abde", (None, 3, 4))
    layer.build((None, 2, 5))
    drawn = layer._kernel.initializer
    assert (drawn.input_axes, drawn.output_axes) == ([2], [0, 1])
    assert layer.get_config()["kernel_initializer"]["config"]["input_axes"] is None


@pytest.mark.parametrize(
    ("equation", "output_shape", "bias_axes", "inputs", "said"),
    [
        ("ab->a", 3, None, (None, 4), "ab,bc->ac"),
        ("...a,ab->b", 3, None, (None, 4), "ab,bc->ac"),
        ("...a...,ab->...b...", 3, None, (None, 4), "ab,bc->ac"),
        ("ab,cd->ad", 3, None, (None, 4), "stand elsewhere"),
        ("ab,bc->acz", (3, 2), None, (None, 4), "stand elsewhere"),
        ("ab,bc->ac", (2, 3), None, (None, 4), "output_shape"),
        ("ab,bc->ac", 3, None, (None, 2, 4), "2 axes"),
        ("abc,cd->abd", (7, 3), None, (None, 2, 4), "size 2"),
        ("ab,bc->ac", 3, None, (None, None), "known size"),
        ("ab,bc->ac", 3, "b", (None, 4), "bias_axes"),
    ],
)
def test_what_cannot_be_computed_says_why(
    equation: str, output_shape: Any, bias_axes: Any, inputs: Any, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        layers.EinsumDense(equation, output_shape, bias_axes=bias_axes).build(inputs)


@pytest.mark.parametrize("equation", ["a,ab->b", "ab,bc->ac"])
def test_a_row_without_a_batch_is_refused(equation: str) -> None:
    with pytest.raises(InvalidArgument, match=r"inputs \(3,\)"):
        layers.EinsumDense(equation, output_shape=2)(np.ones(3, "float32"))
