"""The guides' first classifier: Dropout, a validation set, then a prediction."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import ranvier as keras
from ranvier.layers import Dense, Dropout
from ranvier.models import Sequential
from tests.guides.blobs import blobs


def network() -> Any:
    keras.utils.set_random_seed(1)
    model = Sequential()
    model.add(Dense(16, activation="relu", input_shape=(4,)))
    model.add(Dropout(0.2))
    model.add(Dense(3, activation="softmax"))
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


@pytest.mark.parametrize("way", ["data", "split"])
def test_dropout_and_validation(way: str, capsys: pytest.CaptureFixture[str]) -> None:
    x, y = blobs(320, 4, 3)
    x_train, y_train, x_test, y_test = x[:256], y[:256], x[256:], y[256:]
    model = network()
    held = {"validation_data": (x_test, y_test)} if way == "data" else {"validation_split": 0.25}
    history = model.fit(x_train, y_train, epochs=25, batch_size=16, **held, verbose=1)
    assert set(history.history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert all(len(values) == 25 for values in history.history.values())
    assert history.history["val_accuracy"][-1] > 0.95
    # Dropout is on in training alone: the training loss is measured with it, the evaluation without.
    test_loss, test_acc = model.evaluate(x_test, y_test, verbose=0)
    assert test_acc > 0.95
    if way == "data":
        assert test_loss == pytest.approx(history.history["val_loss"][-1], rel=1e-5)
    predictions = model.predict(x_test)
    assert predictions.shape == (64, 3)
    np.testing.assert_allclose(predictions.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(predictions, model.predict(x_test))
    assert np.mean(np.argmax(predictions, axis=1) == y_test) == pytest.approx(test_acc)
    printed = capsys.readouterr().out
    assert "Epoch 25/25" in printed and "val_accuracy" in printed


def test_dropout_changes_what_a_training_call_returns() -> None:
    model = network()
    x = np.ones((8, 4), "float32")
    quiet, noisy, again = model(x), model(x, training=True), model(x, training=True)
    np.testing.assert_array_equal(quiet, model(x, training=False))
    assert np.abs(np.asarray(noisy) - np.asarray(quiet)).max() > 1e-3
    assert np.abs(np.asarray(noisy) - np.asarray(again)).max() > 1e-3
