"""Merging layers: shapes, masks, functions."""

from __future__ import annotations

import pathlib
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from ranvier import layers
from ranvier.state import masking, scope
from ranvier.state.scope import Scope
from tests.layers.masks_and_draws import MASKED, MERGES, merged

RECORDED = np.load(pathlib.Path(__file__).parents[1] / "oracle" / "layers.npz")


@pytest.mark.parametrize(
    ("layer", "inputs"),
    [
        (layers.Add, np.ones((2, 3))),
        (layers.Subtract, [np.ones((2, 3))]),
        (layers.Add, [np.ones((2, 3)), np.ones((2, 4))]),
        (layers.Concatenate, [np.ones((2, 3)), np.ones((3, 3))]),
        (layers.Concatenate, [np.ones((2, 3)), np.ones((2, 3, 1))]),
    ],
)
def test_merging_names_what_does_not_fit(layer: Any, inputs: Any) -> None:
    with pytest.raises(ValueError, match=r"combin|concatenated"):
        layer()(inputs)


def test_merging_masks() -> None:
    masks = [jnp.array([[True, False]]), jnp.array([[False, False]])]
    with scope.entered(Scope()):
        x = [jnp.ones((1, 2, 3)), jnp.zeros((1, 2, 3))]
        for one, mask in zip(x, masks, strict=True):
            masking.attach(one, mask)
        np.testing.assert_array_equal(masking.of(layers.Add()(x)), [[True, False]])
        np.testing.assert_array_equal(masking.of(layers.Concatenate(axis=1)(x)), [[True, False, False, False]])
        assert masking.of(layers.Add()([x[0], jnp.ones((1, 2, 3)) * 5])) is None


def test_merging_has_functions_too() -> None:
    x = layers.Input((2,))
    for function in (layers.add, layers.subtract, layers.multiply, layers.average, layers.maximum, layers.minimum):
        assert function([x, x]).shape == (None, 2)
    assert layers.concatenate([x, x]).shape == (None, 4)
    assert layers.dot([x, x], 1).shape == (None, 1)


@pytest.mark.parametrize("which", MASKED)
@pytest.mark.parametrize("name", MERGES)
def test_masked_inputs_are_merged_as_in_keras(name: str, which: tuple[bool, bool]) -> None:
    start = f"merged/{name}/{''.join('nm'[one] for one in which)}"
    with scope.entered(Scope()):
        inputs = [jnp.asarray(value) for value, _ in merged()]
        for x, (_, mask), masked in zip(inputs, merged(), which, strict=True):
            masking.attach(x, jnp.asarray(mask) if masked else None)
        y = getattr(layers, name)()(inputs)
        found = masking.of(y)
    np.testing.assert_allclose(y, RECORDED[f"{start}/output"], rtol=1e-6)
    assert (found is not None) == (f"{start}/mask" in RECORDED.files)
    if found is not None:
        np.testing.assert_array_equal(found, RECORDED[f"{start}/mask"])
