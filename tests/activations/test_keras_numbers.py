"""Values and gradients of every activation equal Keras's and PyTorch's, at kinks and at extreme inputs too."""

import functools
import pathlib
from typing import Any

import jax
import numpy as np
import pytest

from ranvier import activations
from ranvier._typing import Array
from tests.activations.cases import CASES, INPUTS, WEIGHTS

RECORDED = np.load(pathlib.Path(__file__).parents[1] / "oracle" / "activations.npz")
NAMES = [f"{name}-{'-'.join(map(str, keywords.values()))}-{key}" for name, keywords, key in CASES]

GELU_SLOPE = 5e-6
"""Bound for the slope of gelu by tanh: at -5 the 4 units of 2^-24 of tanh near -1 count 2 * 0.5 * 5 * 3.5 times."""


@functools.cache
def answer(index: int) -> tuple[Array, Array]:
    name, keywords, key = CASES[index]
    function = getattr(activations, name)

    def objective(x: Array) -> tuple[Array, Array]:
        y = function(x, **keywords)
        return (y * WEIGHTS[key][tuple(slice(n) for n in y.shape)]).sum(), y

    gradient, value = jax.jit(jax.grad(objective, has_aux=True))(INPUTS[key])
    return value, gradient


def compare(source: str, index: int, found: tuple[Any, Any], where: Any = True) -> None:
    for kind, array in zip(("value", "gradient"), found, strict=True):
        expected = RECORDED[f"{source}/{index}/{kind}"]
        assert array.dtype == expected.dtype
        by_tanh = NAMES[index].startswith("gelu-True") and kind == "gradient"
        atol = GELU_SLOPE if by_tanh else 2e-6
        np.testing.assert_allclose(
            np.where(where, array, 0), np.where(where, expected, 0), rtol=2e-5, atol=atol, err_msg=kind
        )


@pytest.mark.parametrize("index", range(len(CASES)), ids=NAMES)
def test_as_keras(index: int) -> None:
    compare("keras", index, answer(index))


IN_TORCH = [i for i in range(len(CASES)) if f"torch/{i}/value" in RECORDED]


@pytest.mark.parametrize("index", IN_TORCH, ids=[NAMES[i] for i in IN_TORCH])
def test_as_torch(index: int) -> None:
    name, _, key = CASES[index]
    # At zero PyTorch takes the other one-sided derivative.
    smooth = INPUTS[key] != 0 if name == "leaky_relu" else True
    compare("torch", index, answer(index), smooth)
