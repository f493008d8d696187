"""A table, one sigmoid unit, binary cross-entropy, a threshold."""

from __future__ import annotations

import numpy as np
import pytest

import ranvier as keras
from ranvier import layers
from tests.guides.blobs import table


def test_a_binary_classifier() -> None:
    x, y = table()
    keras.utils.set_random_seed(7)
    model = keras.Sequential(
        [
            layers.Input(shape=(8,)),
            layers.Dense(12, activation="relu"),
            layers.Dense(8, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(learning_rate=0.01), metrics=["accuracy"])
    model.fit(x[:300], y[:300], epochs=20, batch_size=10, verbose=0)
    _, accuracy = model.evaluate(x[300:], y[300:], verbose=0)
    assert accuracy > 0.9
    predictions = model.predict(x[300:])
    assert predictions.shape == (128, 1)
    classes = (predictions > 0.5).astype(int)
    assert np.mean(classes.ravel() == y[300:]) == pytest.approx(accuracy)
    one = model.predict(np.array([x[300]]))
    assert one.shape == (1, 1) and one[0, 0] == pytest.approx(predictions[0, 0], abs=1e-6)


def test_both_shapes_of_targets_train_the_same_network() -> None:
    x, y = table(64)
    results = []
    for targets in (y, y.reshape(-1, 1)):
        keras.utils.set_random_seed(3)
        model = keras.Sequential([layers.Input((8,)), layers.Dense(1, activation="sigmoid")])
        model.compile("sgd", "binary_crossentropy", metrics=["accuracy"])
        results.append((model.fit(x, targets, epochs=2, verbose=0).history, model.get_weights()))
    assert results[0][0] == results[1][0]
    np.testing.assert_array_equal(results[0][1][0], results[1][1][0])
