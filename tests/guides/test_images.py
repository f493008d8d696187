"""MNIST as every guide has it: Flatten, integer labels or one-hot, accuracy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import ranvier as keras
from ranvier import layers
from ranvier.utils import to_categorical
from tests.guides.blobs import digits


def network() -> Any:
    keras.utils.set_random_seed(0)
    return keras.models.Sequential(
        [
            layers.Flatten(input_shape=(28, 28)),
            layers.Dense(32, activation="relu"),
            layers.Dropout(0.2),
            layers.Dense(10, activation="softmax"),
        ]
    )


@pytest.fixture(scope="module")
def data() -> tuple[np.ndarray, ...]:
    x_train, y_train, x_test, y_test = digits()
    return x_train / 255.0, y_train, x_test / 255.0, y_test


def test_integer_labels(data: tuple[np.ndarray, ...], capsys: pytest.CaptureFixture[str]) -> None:
    x_train, y_train, x_test, y_test = data
    model = network()
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x_train, y_train, epochs=12, verbose=2)
    assert "Epoch 12/12" in capsys.readouterr().out
    _, accuracy = model.evaluate(x_test, y_test, verbose=2)
    assert accuracy > 0.75
    assert "accuracy" in capsys.readouterr().out
    model.summary()
    # 784 * 32 + 32 + 32 * 10 + 10
    assert "25,450" in capsys.readouterr().out
    assert model.count_params() == 25_450


def test_one_hot_labels_train_the_same_network(data: tuple[np.ndarray, ...]) -> None:
    x_train, y_train, _, _ = data
    histories = []
    for loss, labels in (
        ("categorical_crossentropy", to_categorical(y_train, num_classes=10)),
        ("sparse_categorical_crossentropy", y_train),
    ):
        model = network()
        model.compile(optimizer="rmsprop", loss=loss, metrics=["accuracy"])
        histories.append(model.fit(x_train, labels, epochs=2, batch_size=128, verbose=0).history)
    assert set(histories[0]) == set(histories[1]) == {"accuracy", "loss"}
    np.testing.assert_allclose(histories[0]["loss"], histories[1]["loss"], rtol=1e-4)
    np.testing.assert_allclose(histories[0]["accuracy"], histories[1]["accuracy"], atol=2e-3)


def test_a_probability_model_on_top_of_logits(data: tuple[np.ndarray, ...]) -> None:
    x_train, y_train, x_test, _ = data
    model = keras.Sequential([layers.Flatten(input_shape=(28, 28)), layers.Dense(10)])
    loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    untrained = float(loss_fn(y_train[:64], model(x_train[:64])))
    assert 1 < untrained < 5
    model.compile(optimizer="adam", loss=loss_fn, metrics=["accuracy"])
    model.fit(x_train, y_train, epochs=3, verbose=0)
    assert float(loss_fn(y_train[:64], model(x_train[:64]))) < untrained
    probability_model = keras.Sequential([model, layers.Activation("softmax")])
    np.testing.assert_allclose(np.asarray(probability_model(x_test[:5])).sum(1), 1, rtol=1e-5)
