"""Softmax: axes and masks."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from ranvier import layers
from ranvier.state import masking, scope
from ranvier.state.scope import Scope


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_masked_places_get_nothing(dtype: str) -> None:
    x = np.array([[1.0, 1.0, 50.0], [2.0, 3.0, 4.0]])
    for mask in (np.array([[1, 1, 0], [0, 0, 0]], bool), np.array([[0.9, 0.6, 0.4], [0.0, 0.2, 0.5]])):
        y = layers.Softmax(dtype=dtype)(x, mask=mask)
        assert y.dtype == dtype
        np.testing.assert_array_equal(np.asarray(y, float), [[0.5, 0.5, 0.0], [0.0, 0.0, 0.0]])


def test_a_mask_may_broadcast_and_the_inputs_own_is_used() -> None:
    x = np.zeros((2, 3, 4))
    y = np.asarray(layers.Softmax(axis=1)(x, mask=np.array([[True], [False], [True]])))
    np.testing.assert_array_equal(y[0, :, 0], [0.5, 0.0, 0.5])
    with scope.entered(Scope()):
        given = jnp.zeros((1, 4))
        masking.attach(given, jnp.array([[True, False, True, False]]))
        y = layers.Softmax()(given)
        np.testing.assert_array_equal(y, [[0.5, 0.0, 0.5, 0.0]])
        assert masking.of(y) is not None


@pytest.mark.parametrize("shape", [(3,), (2, 3, 1, 1), (4, 3, 4), (2, 2, 4)])
def test_a_mask_that_does_not_fit_is_named(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="mask of shape"):
        layers.Softmax()(np.zeros((2, 3, 4)), mask=np.ones(shape, bool))


@pytest.mark.parametrize("axis", [2, -3, [0, 2], []])
def test_axes_must_exist(axis: Any) -> None:
    with pytest.raises(ValueError, match="axes that the inputs have"):
        layers.Softmax(axis=axis)(np.zeros((2, 3)))
