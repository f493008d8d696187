"""LayerNormalization, GroupNormalization, RMSNormalization and UnitNormalization beside the contracts."""

from __future__ import annotations

import numpy as np
import pytest

from ranvier import layers

X = np.random.default_rng(0).normal(size=(2, 3, 4)).astype("float32")


def test_one_group_is_the_row_and_groups_of_one_are_channels() -> None:
    y = np.asarray(layers.GroupNormalization(1, epsilon=0.0)(X))
    np.testing.assert_allclose(y.mean((1, 2)), 0, atol=1e-6)
    np.testing.assert_allclose(y.std((1, 2)), 1, rtol=1e-5)
    y = np.asarray(layers.GroupNormalization(-1, epsilon=0.0)(X))
    np.testing.assert_allclose(y.mean(1), 0, atol=1e-6)
    np.testing.assert_allclose(y.std(1), 1, rtol=1e-5)


def test_groups_that_are_no_equal_parts_are_refused() -> None:
    for groups in (0, -2, 2.0, True):
        with pytest.raises(ValueError, match="groups"):
            layers.GroupNormalization(groups)
    with pytest.raises(ValueError, match="divisor of the 4"):
        layers.GroupNormalization(3)(X)
    with pytest.raises(ValueError, match="divisor"):
        layers.GroupNormalization(2, axis=0).build((4, 3))
    with pytest.raises(ValueError, match="known size"):
        layers.GroupNormalization(2).build((None, 3, None))


def test_statistics_of_halves_are_not_rounded_first() -> None:
    x = np.array([[1000.25, 1000.75]], "float32")
    y = layers.GroupNormalization(1, epsilon=0.0, dtype="mixed_float16")(x)
    assert y.dtype == "float16"
    np.testing.assert_array_equal(y, [[-1.0, 1.0]])


def test_the_scale_of_rms_lies_along_its_axis() -> None:
    layer = layers.RMSNormalization(axis=1, epsilon=0.0)
    layer.build(X.shape)
    layer.set_weights([[1.0, 2.0, 3.0]])
    expected = X / np.sqrt(np.mean(X**2, 1, keepdims=True)) * np.array([1.0, 2.0, 3.0])[:, None]
    np.testing.assert_allclose(layer(X), expected, rtol=1e-5)


def test_a_row_of_zeros_has_no_length_and_stays() -> None:
    np.testing.assert_array_equal(layers.UnitNormalization()(np.zeros((1, 3))), np.zeros((1, 3)))


def test_rms_scaling_of_old_files_has_no_beta() -> None:
    layer = layers.LayerNormalization(rms_scaling=True, scale=False, epsilon=0.0)
    np.testing.assert_allclose(layer([[3.0, 5.0]]), [[3.0, 5.0]], rtol=1e-6)
    assert [v.name for v in layer.weights] == ["gamma"]
    assert layer.get_config()["rms_scaling"] and not layers.LayerNormalization().get_config()["rms_scaling"]
