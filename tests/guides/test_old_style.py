"""Tutorials of ten years ago: add, compile, fit, evaluate, input_dim, lists of weights."""

from __future__ import annotations

import numpy as np
import pytest

import ranvier
from ranvier import optimizers
from ranvier.layers import Activation, Dense, Dropout
from ranvier.models import Sequential
from ranvier.utils import to_categorical
from tests.guides.blobs import blobs


def test_add_compile_fit_evaluate(capsys: pytest.CaptureFixture[str]) -> None:
    ranvier.utils.set_random_seed(0)
    x, labels = blobs(256, 20, 10, spread=0.8)
    y = to_categorical(labels, num_classes=10)
    model = Sequential()
    model.add(Dense(64, input_dim=20))
    model.add(Activation("relu"))
    model.add(Dropout(0.5))
    model.add(Dense(64, activation="relu", kernel_initializer="uniform"))
    model.add(Dropout(0.5))
    model.add(Dense(10))
    model.add(Activation("softmax"))
    sgd = optimizers.SGD(learning_rate=0.05, momentum=0.9, nesterov=True)
    model.compile(loss="categorical_crossentropy", optimizer=sgd, metrics=["accuracy"])
    model.fit(x, y, epochs=20, batch_size=128, verbose=0)
    score = model.evaluate(x, y, batch_size=128, verbose=0)
    assert len(score) == 2 and score[1] > 0.9
    model.summary()
    printed = capsys.readouterr().out
    for part in ("(Dense)", "(None, 64)", "1,344", "4,160", "650", "6,154"):
        assert part in printed, part


def test_weights_are_lists_of_arrays() -> None:
    model = Sequential([Dense(3, input_dim=2, activation="relu"), Dense(1)])
    assert [w.shape for w in model.get_weights()] == [(2, 3), (3,), (3, 1), (1,)]
    kernel, bias = model.layers[0].get_weights()
    model.layers[0].set_weights([np.ones_like(kernel), bias + 2])
    model.layers[1].set_weights([np.ones((3, 1)), np.zeros(1)])
    assert model.predict(np.array([[1.0, 4.0]]))[0, 0] == pytest.approx(3 * (1 + 4 + 2))
    model.pop()
    assert model.predict(np.array([[1.0, 4.0]])).shape == (1, 3)


def test_train_on_batch_in_a_loop() -> None:
    x, y = blobs(64, 2, 2)
    model = Sequential([Dense(1, activation="sigmoid", input_dim=2)])
    model.compile(loss="binary_crossentropy", optimizer="rmsprop", metrics=["accuracy"])
    losses = [model.train_on_batch(x, y)[0] for _ in range(30)]
    assert losses[-1] < losses[0]
    loss, accuracy = model.test_on_batch(x, y)
    assert loss < losses[0] and 0 <= accuracy <= 1
    assert model.predict_on_batch(x[:3]).shape == (3, 1)
