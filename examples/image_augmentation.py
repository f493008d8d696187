"""Ten kinds of things in small pictures: what augmentation is worth, beside the same network without it.

With 1,500 pictures of each kind a network soon knows them by heart. Layers at its beginning show it each picture a bit
differently every time, mirrored or shifted, and still the same thing. They work while it trains, on the device, inside
the compiled program; `predict` passes pictures through them unchanged.

Data: `$RANVIER_DATA/cifar10_subset/train.npz`, `test.npz`: 15,000 and 3,000 pictures of CIFAR-10 (Krizhevsky, 2009).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import ranvier as keras
from examples.comparison import Scores, compare
from examples.local_data import local_file
from ranvier import layers

EPOCHS, BATCH = 20, 128
CONVOLUTIONS = ((32, 2), (48, 2), (64, 1), (96, 2))
"""Filters and strides of each."""


def load() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return pictures [row, 32, 32, 3] and kinds, then unseen ones."""
    with np.load(local_file("cifar10_subset", "train.npz")) as known:
        x, y = known["x"], known["y"]
    with np.load(local_file("cifar10_subset", "test.npz")) as unseen:
        return x, y, unseen["x"], unseen["y"]


def made_up(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return noise for the smoke test: each kind has its colour."""
    draws = np.random.default_rng(seed)
    y = np.arange(80) % 10
    x = (draws.integers(0, 256, (10, 1, 1, 3))[y] + draws.integers(0, 64, (80, 32, 32, 3))) // 2
    return x[:60].astype("uint8"), y[:60], x[60:].astype("uint8"), y[60:]


def network(augmentation: Sequence[layers.Layer], convolutions: Sequence[tuple[int, int]]) -> keras.Model:
    """Return a network that says how likely each kind is."""
    model = keras.Sequential([layers.Input((32, 32, 3)), layers.Rescaling(1 / 127.5, offset=-1), *augmentation])
    for filters, strides in convolutions:
        model.add(layers.Conv2D(filters, 3, strides, padding="same", use_bias=False))
        model.add(layers.BatchNormalization(momentum=0.9))
        model.add(layers.ReLU())
    model.add(layers.Flatten())
    model.add(layers.Dropout(0.3))
    model.add(layers.Dense(10, activation="softmax"))
    return model


def measure(seed: int, smoke: bool) -> Scores:
    """Train the network with and without augmentation and return the percentage of unseen pictures named rightly."""
    x, y, x_unseen, y_unseen = made_up(seed) if smoke else load()
    changes = [layers.RandomFlip("horizontal"), layers.RandomTranslation(0.1, 0.1)]

    scores: Scores = {}
    for name, augmentation in (("with augmentation", changes), ("the same without", [])):
        keras.utils.set_random_seed(seed)
        model = network(augmentation, CONVOLUTIONS[:1] if smoke else CONVOLUTIONS)
        epochs = 1 if smoke else EPOCHS
        rate = keras.optimizers.schedules.CosineDecay(2e-3, epochs * -(-len(x) // BATCH))
        model.compile(keras.optimizers.AdamW(rate, weight_decay=0.01), loss="sparse_categorical_crossentropy")
        model.fit(x, y, epochs=epochs, batch_size=BATCH, verbose=0)
        found = np.argmax(model.predict(x_unseen, batch_size=500, verbose=0), axis=1)
        scores[name] = 100 * float(np.mean(found == y_unseen))

    rows, rows_unseen = (pictures.reshape(len(pictures), -1) / np.float32(255) for pictures in (x, x_unseen))
    linear = make_pipeline(PCA(10 if smoke else 150, random_state=seed), LogisticRegression(max_iter=300))
    scores["PCA, logistic regression"] = 100 * linear.fit(rows, y).score(rows_unseen, y_unseen)
    return scores


if __name__ == "__main__":
    compare(
        "Things in small pictures, augmented",
        measure,
        score=f"% of 3,000 unseen pictures of ten kinds named rightly, after {EPOCHS} epochs",
        networks=["with augmentation"],
    )
