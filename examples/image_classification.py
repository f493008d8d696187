"""Handwritten digits by a convolutional network: which of ten is it, beside a linear model of the pixels.

A linear model looks for ink at fixed places. A convolution looks for a short stroke wherever it is, the next one for
strokes beside each other; some make the picture smaller on the way, so that the last sees all of it. Normalized
batches and a learning rate that first rises and then falls to 0 make five epochs enough.

Data: MNIST by `keras.datasets.mnist`, 60,000 digits and 10,000 by other writers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression

import ranvier as keras
from examples.comparison import Scores, compare
from ranvier import layers

EPOCHS, BATCH = 5, 128
CONVOLUTIONS = ((16, 5, 2), (32, 3, 1), (32, 3, 2))
"""Filters, size and strides of each."""


def load() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return pictures [row, 28, 28, 1] and digits, then unseen ones."""
    (x, y), (x_unseen, y_unseen) = keras.datasets.mnist.load_data()
    return x[..., None] / np.float32(255), y, x_unseen[..., None] / np.float32(255), y_unseen


def made_up(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return stripes for the smoke test: the label says at which height."""
    draws = np.random.default_rng(seed)
    y = np.arange(80) % 10
    x = draws.uniform(0, 0.2, (80, 28, 28, 1)).astype("float32")
    x[np.arange(80), 2 * y + 4] = 1
    return x[:60], y[:60], x[60:], y[60:]


def network(convolutions: Sequence[tuple[int, int, int]]) -> keras.Model:
    """Return a network that says how likely each digit is."""
    model = keras.Sequential([layers.Input((28, 28, 1))])
    for filters, size, strides in convolutions:
        model.add(layers.Conv2D(filters, size, strides, padding="same", use_bias=False))
        model.add(layers.BatchNormalization(momentum=0.9))
        model.add(layers.ReLU())
    model.add(layers.Flatten())
    model.add(layers.Dropout(0.3))
    model.add(layers.Dense(128, activation="relu"))
    model.add(layers.Dropout(0.3))
    model.add(layers.Dense(10, activation="softmax"))
    return model


def measure(seed: int, smoke: bool) -> Scores:
    """Train on the known digits and return the percentage of the unseen ones that each method reads."""
    x, y, x_unseen, y_unseen = made_up(seed) if smoke else load()

    keras.utils.set_random_seed(seed)
    model = network(CONVOLUTIONS[:1] if smoke else CONVOLUTIONS)
    epochs = 1 if smoke else EPOCHS
    steps = epochs * -(-len(x) // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(5e-4, steps - steps // 5, warmup_target=5e-3, warmup_steps=steps // 5)
    model.compile(keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy")
    model.fit(x, y, epochs=epochs, batch_size=BATCH, verbose=0)
    read = np.argmax(model.predict(x_unseen, batch_size=500, verbose=0), axis=1)

    linear = LogisticRegression(max_iter=50, tol=1e-3, random_state=seed).fit(x.reshape(len(x), -1), y)
    return {
        "convolutional network": 100 * float(np.mean(read == y_unseen)),
        "linear model (logistic regression)": 100 * linear.score(x_unseen.reshape(len(x_unseen), -1), y_unseen),
    }


if __name__ == "__main__":
    compare(
        "Handwritten digits",
        measure,
        score=f"% of 10,000 unseen digits read right, after {EPOCHS} epochs",
        networks=["convolutional network"],
    )
