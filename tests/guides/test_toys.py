"""Toy problems that a linear model cannot solve: XOR and two moons."""

from __future__ import annotations

import numpy as np

import ranvier as keras
from ranvier.layers import Dense
from ranvier.models import Sequential


def test_xor() -> None:
    keras.utils.set_random_seed(1)
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float32")
    y = np.array([[0], [1], [1], [0]], "float32")
    model = Sequential()
    model.add(Dense(8, input_dim=2, activation="tanh"))
    model.add(Dense(1, activation="sigmoid"))
    model.compile(loss="mean_squared_error", optimizer=keras.optimizers.Adam(0.1), metrics=["binary_accuracy"])
    history = model.fit(x, y, epochs=200, verbose=0)
    assert history.history["binary_accuracy"][-1] == 1.0
    np.testing.assert_array_equal(model.predict(x).round(), y)


def test_xor_from_lists_of_integers() -> None:
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((2,)), Dense(8, activation="tanh"), Dense(2, activation="softmax")])
    model.compile(keras.optimizers.Adam(0.1), "sparse_categorical_crossentropy", metrics=["accuracy"])
    x = [[0, 0], [0, 1], [1, 0], [1, 1]]
    model.fit(x, [0, 1, 1, 0], epochs=100, verbose=0)
    assert model.predict(x).argmax(1).tolist() == [0, 1, 1, 0]


def moons(rows: int) -> tuple[np.ndarray, np.ndarray]:
    draws = np.random.default_rng(0)
    angle, y = draws.uniform(0, np.pi, rows), draws.integers(0, 2, rows)
    upper = np.stack([np.cos(angle), np.sin(angle)], 1)
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], 1)
    return np.where(y[:, None] == 0, upper, lower) + draws.normal(size=(rows, 2)) * 0.1, y


def test_two_moons() -> None:
    keras.utils.set_random_seed(2)
    x, y = moons(416)
    model = keras.Sequential([keras.Input((2,)), Dense(16, "relu"), Dense(16, "relu"), Dense(1, "sigmoid")])
    model.compile(keras.optimizers.Adam(0.02), "binary_crossentropy", metrics=["accuracy"])
    model.fit(x[:320], y[:320], epochs=60, batch_size=32, verbose=0)
    _, accuracy = model.evaluate(x[320:], y[320:], verbose=0)
    assert accuracy > 0.97, "a line reaches about 0.88"
