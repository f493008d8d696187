"""Regression: Normalization.adapt, mean absolute error, a linear model."""

from __future__ import annotations

import numpy as np
import pytest

import ranvier as keras
from ranvier import layers


def test_normalization_and_a_linear_model() -> None:
    draws = np.random.default_rng(5)
    features = draws.normal(size=(320, 3)) * [1, 50, 0.01] + [0, 1000, 3]
    labels = 3 + (features - features.mean(0)) / features.std(0) @ np.array([1.0, -2.0, 0.5])
    normalizer = layers.Normalization(axis=-1)
    normalizer.adapt(np.array(features))
    np.testing.assert_allclose(np.asarray(normalizer.mean).ravel(), features.mean(0), rtol=1e-4)
    scaled = np.asarray(normalizer(features.astype("float32")))
    np.testing.assert_allclose(scaled.std(0), 1, rtol=1e-2)
    linear_model = keras.Sequential([normalizer, layers.Dense(units=1)])
    untrained = linear_model.predict(features[:10])
    assert untrained.shape == (10, 1)
    optimizer = keras.optimizers.Adam(learning_rate=0.1)
    linear_model.compile(optimizer=optimizer, loss="mean_absolute_error", metrics=["mse"])
    history = linear_model.fit(features, labels, epochs=40, verbose=0, validation_split=0.2)
    assert set(history.history) == {"loss", "mse", "val_loss", "val_mse"}
    assert history.history["val_loss"][-1] < 0.1
    np.testing.assert_allclose(linear_model.layers[1].kernel.numpy().ravel(), [1, -2, 0.5], atol=0.1)
    # mean, variance and count of the normalization are weights that training does not change
    assert [len(w) for w in (linear_model.weights, linear_model.trainable_weights)] == [5, 2]


def test_targets_that_do_not_match_are_told() -> None:
    """`(n,)` against `(n, 1)` must not train on an (n, n) difference."""
    x = np.linspace(-1, 1, 64).reshape(-1, 1)
    model = keras.Sequential([keras.Input((1,)), layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.3), "mse")
    history = model.fit(x, 2 * x[:, 0] + 1, epochs=40, verbose=0)
    assert history.history["loss"][-1] < 1e-3
    assert model.predict(np.array([[0.5]]))[0, 0] == pytest.approx(2, abs=0.1)
