"""Anomalies by an autoencoder: digits that it has never seen are what it cannot draw, beside PCA and a forest.

The network is shown the digits 0 to 4 only, with noise on them, and learns to draw them clean through a narrow middle.
What it was never shown it draws badly: the error of its drawing says how strange a picture is. PCA does the same with
straight lines.

Data: MNIST by `keras.datasets.mnist`.
"""

from __future__ import annotations

import numpy as np
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score

import ranvier as keras
from examples.comparison import Scores, compare
from ranvier import layers

KNOWN = 5


def load() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return training pictures of the digits that are known, unseen pictures of all, and whether these are strange."""
    (x, y), (x_unseen, y_unseen) = keras.datasets.mnist.load_data()
    x, x_unseen = (pictures.reshape(-1, 784).astype("float32") / 255 for pictures in (x, x_unseen))
    return x[y < KNOWN], x_unseen, y_unseen >= KNOWN


def made_up(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return smooth waves as what is known, and noise as what is strange, for the smoke test."""
    draws = np.random.default_rng(seed)
    waves = 0.5 + 0.5 * np.sin(draws.uniform(1, 3, (160, 1)) * np.linspace(0, 6, 784)).astype("float32")
    return waves[:120], np.concatenate([waves[120:], draws.random((40, 784), "float32")]), np.repeat([False, True], 40)


def autoencoder() -> keras.Model:
    """Return a network that makes a picture from 24 numbers that it has made from the picture."""
    return keras.Sequential(
        [
            layers.Input((784,)),
            layers.GaussianNoise(0.3),
            layers.Dense(256, activation="relu"),
            layers.Dense(24),
            layers.Dense(256, activation="relu"),
            layers.Dense(784, activation="sigmoid"),
        ]
    )


def squared_error(pictures: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    return np.mean((pictures - drawn) ** 2, axis=1)


def measure(seed: int, smoke: bool) -> Scores:
    """Train on what is known and return each method's AUC for telling what is strange."""
    x, x_unseen, strange = made_up(seed) if smoke else load()

    keras.utils.set_random_seed(seed)
    model = autoencoder()
    model.compile(keras.optimizers.Adam(2e-3), loss="mean_squared_error")
    model.fit(x, x, epochs=1 if smoke else 12, batch_size=128, verbose=0)

    lines = PCA(24, random_state=seed).fit(x)
    forest = IsolationForest(n_estimators=200, random_state=seed).fit(x)
    strangeness = {
        "autoencoder": squared_error(x_unseen, model.predict(x_unseen, verbose=0)),
        "PCA, reconstruction": squared_error(x_unseen, lines.inverse_transform(lines.transform(x_unseen))),
        "isolation forest": -forest.score_samples(x_unseen),
    }
    return {name: float(roc_auc_score(strange, found)) for name, found in strangeness.items()}


if __name__ == "__main__":
    compare(
        "Anomalies among digits",
        measure,
        score="AUC of telling unseen digits 5 to 9 from unseen digits 0 to 4, known from 0 to 4",
        networks=["autoencoder"],
    )
