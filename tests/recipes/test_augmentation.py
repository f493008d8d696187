"""Moved pictures: five views of each, targets in step."""

from __future__ import annotations

import numpy as np
import pytest

from ranvier.recipes.augmentation import moved


@pytest.mark.parametrize("shape", [(3, 4, 5), (2, 6, 6, 3)])
def test_every_view_is_the_picture_moved_by_one_point(shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(0).integers(1, 9, shape)
    y = np.arange(shape[0])
    views, targets = moved(x, y)
    assert views.shape == (5 * shape[0], *shape[1:])
    np.testing.assert_array_equal(targets, np.tile(y, 5))
    whole, down, up, right, left = np.split(views, 5)
    np.testing.assert_array_equal(whole, x)
    np.testing.assert_array_equal(down[:, 1:], x[:, :-1])
    np.testing.assert_array_equal(up[:, :-1], x[:, 1:])
    np.testing.assert_array_equal(right[:, :, 1:], x[:, :, :-1])
    np.testing.assert_array_equal(left[:, :, :-1], x[:, :, 1:])
    assert not down[:, 0].any() and not up[:, -1].any()
    assert not right[:, :, 0].any() and not left[:, :, -1].any()
