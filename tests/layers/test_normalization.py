"""BatchNormalization and LayerNormalization beside the contracts."""

from __future__ import annotations

import numpy as np
import pytest

from ranvier import layers


def test_batch_normalization_moves_and_freezes_its_averages() -> None:
    layer = layers.BatchNormalization(momentum=0.75, epsilon=0.0)
    x = np.array([[1.0], [3.0]])
    np.testing.assert_allclose(layer(x, training=True), [[-1.0], [1.0]], rtol=1e-6)
    assert [float(v[0]) for v in layer.get_weights()] == [1.0, 0.0, 0.5, 1.0]
    layer.trainable = False
    np.testing.assert_allclose(layer(x, training=True), [[0.5], [2.5]], rtol=1e-6)
    assert float(layer.moving_mean[0]) == 0.5


def test_batch_normalization_counts_real_steps_only() -> None:
    layer = layers.BatchNormalization(momentum=0.0, epsilon=0.0)
    x = np.array([[[1.0], [100.0]], [[3.0], [-50.0]]])
    layer(x, training=True, mask=np.array([[True, False], [True, False]]))
    np.testing.assert_allclose(layer.moving_mean.value, [2.0], rtol=1e-6)


def test_batch_normalization_keeps_precision_far_from_zero() -> None:
    x = np.random.default_rng(0).normal(size=(512, 1)) + 4096.0
    y = np.asarray(layers.BatchNormalization(epsilon=0.0)(x, training=True), "float64")
    assert y.std() == pytest.approx(1.0, abs=2e-3)


def test_batch_normalization_refuses_renorm() -> None:
    with pytest.raises(NotImplementedError, match="renorm"):
        layers.BatchNormalization(renorm=True)
    assert layers.LayerNormalization(rms_scaling=False).epsilon == 1e-3
