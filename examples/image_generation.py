"""Pictures of clothes that nobody has worn: two networks against each other, beside random mixtures of PCA.

One network makes pictures from random numbers, the other judges whether a picture is real or made, and each gets better
by the other's mistakes. How good the pictures are is measured by what a classifier sees in them: the Fréchet distance
between the features of made pictures and of real unseen ones, both taken as normally distributed (Heusel et al., 2017).
It is small only if the pictures look like clothes, and like all kinds of them.

Data: Fashion-MNIST by `keras.datasets.fashion_mnist`. Writes the pictures to `image_generation.png`. Source: Goodfellow
et al., "Generative adversarial networks", 2014; the form of the networks is Radford, Metz and Chintala's, 2016.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from sklearn.decomposition import PCA

import ranvier as keras
from examples.comparison import Scores, compare
from ranvier import layers, ops, random

NOISE, BATCH = 64, 128


class Rivals(keras.Model):
    """A generator of pictures and a judge of them, each trained against the other with an optimizer of its own."""

    def __init__(self, generator: keras.Model, judge: keras.Model) -> None:
        super().__init__()
        self.generator, self.judge = generator, judge

    def compile(self, rate: float) -> None:
        super().compile()
        self.generating, self.judging = (keras.optimizers.Adam(rate, beta_1=0.5) for _ in range(2))

    def train_step(self, real: Any) -> dict[str, Any]:
        made = self.generator(random.normal((BATCH, NOISE)), training=True)
        with keras.GradientTape() as tape:
            doubt = ops.softplus(-self.judge(real, training=True)) + ops.softplus(self.judge(made, training=True))
            judged = ops.mean(doubt)
        weights = self.judge.trainable_variables
        self.judging.apply_gradients(zip(tape.gradient(judged, weights), weights, strict=True))

        with keras.GradientTape() as tape:
            made = self.generator(random.normal((BATCH, NOISE)), training=True)
            seen_through = ops.mean(ops.softplus(-self.judge(made, training=True)))
        weights = self.generator.trainable_variables
        self.generating.apply_gradients(zip(tape.gradient(seen_through, weights), weights, strict=True))
        return {"judge": judged, "generator": seen_through}


def generator(size: int) -> keras.Model:
    """Return a network from random numbers to pictures of -1 to 1; `size` scales its width."""
    return keras.Sequential(
        [
            layers.Input((NOISE,)),
            layers.Dense(7 * 7 * 2 * size, use_bias=False),
            layers.BatchNormalization(momentum=0.9),
            layers.ReLU(),
            layers.Reshape((7, 7, 2 * size)),
            layers.Conv2DTranspose(size, 4, strides=2, padding="same", use_bias=False),
            layers.BatchNormalization(momentum=0.9),
            layers.ReLU(),
            layers.Conv2DTranspose(size // 2, 4, strides=2, padding="same", use_bias=False),
            layers.BatchNormalization(momentum=0.9),
            layers.ReLU(),
            layers.Conv2D(1, 3, padding="same", activation="tanh"),
        ]
    )


def judge(size: int) -> keras.Model:
    """Return a network that says by one number how real a picture looks: above 0, it thinks that it is."""
    return keras.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Conv2D(size, 4, strides=2, padding="same"),
            layers.LeakyReLU(0.2),
            layers.Conv2D(2 * size, 4, strides=2, padding="same"),
            layers.LeakyReLU(0.2),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(1),
        ]
    )


def classifier(x: np.ndarray, y: np.ndarray, epochs: int) -> keras.Model:
    """Return what a trained classifier sees in a picture: its last 64 numbers before it decides."""
    picture = layers.Input((28, 28, 1))
    seen = layers.Conv2D(16, 5, strides=2, padding="same", activation="relu")(picture)
    seen = layers.Conv2D(32, 3, strides=2, padding="same", activation="relu")(seen)
    seen = layers.Dense(64, activation="relu")(layers.Flatten()(seen))
    model = keras.Model(picture, layers.Dense(10, activation="softmax")(seen))
    model.compile(keras.optimizers.Adam(2e-3), loss="sparse_categorical_crossentropy")
    model.fit(x, y, epochs=epochs, batch_size=BATCH, verbose=0)
    return keras.Model(picture, seen)


def distance(a: np.ndarray, b: np.ndarray) -> float:
    """Return `|mean a - mean b|² + trace(cov a + cov b - 2 (cov a · cov b)^½)` of features [row, feature]."""
    cov_a, cov_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    between = np.sum((a.mean(0) - b.mean(0)) ** 2)
    roots = np.sqrt(np.maximum(np.linalg.eigvals(cov_a @ cov_b).real, 0))
    return float(between + np.trace(cov_a + cov_b) - 2 * roots.sum())


def measure(seed: int, smoke: bool) -> Scores:
    """Train on the known pictures and return how far each method's pictures are from the unseen ones."""
    if smoke:
        x, y = np.random.default_rng(seed).uniform(-1, 1, (BATCH, 28, 28, 1)).astype("float32"), np.arange(BATCH) % 10
        x_unseen = -x
    else:
        (x, y), (x_unseen, _) = keras.datasets.fashion_mnist.load_data()
        x, x_unseen = (pictures[..., None] / np.float32(127.5) - 1 for pictures in (x, x_unseen))

    keras.utils.set_random_seed(seed)
    features = classifier(x, y, epochs=1 if smoke else 2)
    rivals = Rivals(generator(4 if smoke else 24), judge(4 if smoke else 24))
    rivals.compile(5e-4)
    rivals.fit(x[: len(x) // BATCH * BATCH], epochs=1 if smoke else 3, batch_size=BATCH, verbose=0)

    draws = np.random.default_rng(seed)
    made = rivals.generator.predict(draws.normal(size=(len(x_unseen), NOISE)).astype("float32"), verbose=0)
    pca = PCA(NOISE, whiten=True, random_state=seed).fit(x.reshape(len(x), -1))
    mixed = pca.inverse_transform(draws.normal(size=(len(x_unseen), NOISE))).clip(-1, 1).reshape(x_unseen.shape)
    if seed == 0 and not smoke:
        grid = np.concatenate([made[:64].reshape(8, 8, 28, 28), mixed[:64].reshape(8, 8, 28, 28)], axis=1)
        grid = grid.transpose(0, 2, 1, 3).reshape(8 * 28, 16 * 28)
        Image.fromarray(np.uint8(127.5 * (grid + 1))).save(Path(__file__).with_suffix(".png"))
    unseen = features.predict(x_unseen, verbose=0)
    return {
        "generator of a GAN": distance(features.predict(made, verbose=0), unseen),
        "Gaussian in PCA space": distance(features.predict(mixed.astype("float32"), verbose=0), unseen),
    }


if __name__ == "__main__":
    compare(
        "Made-up clothes",
        measure,
        score="Fréchet distance of 10,000 made pictures from 10,000 unseen real ones, in a classifier's features",
        networks=["generator of a GAN"],
        higher=False,
    )
