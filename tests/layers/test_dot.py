"""Dot: axes, shapes, masks, and its function."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ranvier import layers


def test_vectors_pairs_and_negative_axes() -> None:
    a, b = np.arange(6.0).reshape(2, 3), np.arange(6.0).reshape(2, 3) - 1
    np.testing.assert_allclose(layers.Dot(axes=1)([a, b])[:, 0], (a * b).sum(1))
    cosine = (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
    np.testing.assert_allclose(layers.dot([a, b], normalize=True)[:, 0], cosine, rtol=1e-6)
    x, y = np.random.default_rng(0).normal(size=(2, 2, 3, 4)), np.random.default_rng(1).normal(size=(2, 3, 5))
    np.testing.assert_allclose(layers.Dot((-2, 1))([x, y]), np.einsum("bikj,bkl->bijl", x, y), rtol=1e-5)
    assert layers.dot([layers.Input((3, 4)), layers.Input((7, 4))]).shape == (None, 3, 7)
    assert layers.Dot(2).compute_output_shape([(None, 3, 4), (None, None, 4)]) == (None, 3, None)


@pytest.mark.parametrize(
    ("axes", "shapes"),
    [
        (1, [(2, 3), (2, 4)]),
        (0, [(2, 3), (2, 3)]),
        ((1, 0), [(2, 2), (2, 2)]),
        (-2, [(2, 3), (2, 3)]),
        (3, [(2, 3), (2, 3)]),
        (1, [(2, 3), (4, 3)]),
        (0, [(2,), (2,)]),
    ],
)
def test_axes_that_do_not_fit_are_named(axes: Any, shapes: Any) -> None:
    with pytest.raises(ValueError, match="dot-shapes"):
        layers.Dot(axes)([np.ones(shape) for shape in shapes])


def test_what_is_no_pair() -> None:
    for axes in ((1,), (1, 2, 3), (1, "a"), [[1], [2]]):
        with pytest.raises(ValueError, match="dot-axes"):
            layers.Dot(axes)
    for axes in (1.0, None, "1"):
        with pytest.raises(TypeError, match="dot-axes"):
            layers.Dot(axes)
    with pytest.raises(ValueError, match="list of 2"):
        layers.Dot(1)([np.ones((2, 3))] * 3)
    with pytest.raises(ValueError, match="list of 2"):
        layers.Dot(1)(np.ones((2, 3)))
