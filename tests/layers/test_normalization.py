"""BatchNormalization beside the contracts."""

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


def test_padding_has_no_influence_whatever_stands_in_it() -> None:
    layer = layers.BatchNormalization(momentum=0.0)
    x = np.array([[[1.0], [np.nan]], [[3.0], [np.inf]]])
    layer(x, training=True, mask=np.array([[True, False], [True, False]]))
    np.testing.assert_allclose(layer.moving_mean.value, [2.0], rtol=1e-6)
    np.testing.assert_allclose(layer.moving_variance.value, [1.0], rtol=1e-6)


def test_renorm_corrects_towards_the_slow_statistics() -> None:
    layer = layers.BatchNormalization(renorm=True, momentum=0.5, renorm_momentum=0.5, epsilon=0.0)
    x = np.array([[1.0], [5.0]])
    # Mean 3 and deviation 2 against 0 and 1: r = 2, d = 3, so that nothing changes.
    np.testing.assert_allclose(layer(x, training=True), x, rtol=1e-6)
    assert [(v.name, float(v[0])) for v in layer.weights[2:]] == [
        ("moving_mean", 1.5), ("moving_variance", 2.25), ("moving_stddev", 1.5),
        ("renorm_mean", 1.5), ("renorm_stddev", 1.5),
    ]  # fmt: skip
    clipped = layers.BatchNormalization(renorm=True, renorm_clipping={"rmax": 1.0, "dmax": 0.5}, epsilon=0.0)
    np.testing.assert_allclose(clipped(x, training=True), [[-0.5], [1.5]], rtol=1e-6)


@pytest.mark.parametrize("limits", [{"rmin": 2.0, "rmax": 1.0}, {"dmax": -1.0}, {"max": 1.0}])
def test_limits_of_renorm_that_cannot_be_are_refused(limits: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="batch renormalization"):
        layers.BatchNormalization(renorm=True, renorm_clipping=limits)


def test_whole_numbers_are_normalized_as_numbers():
    """Keras on JAX: the first column of 0, 3, 6, 9 becomes -1.34 to 1.34."""
    outputs = layers.BatchNormalization()(np.arange(12).reshape(4, 3), training=True)
    np.testing.assert_allclose(outputs[:, 0], [-1.3416, -0.4472, 0.4472, 1.3416], atol=1e-3)
