"""Transfer learning: what a network learned from many small pictures helps where there are few, beside learning anew.

A network first learns ten kinds of things from 15,000 pictures. Its head is then cut off and a new one put on for six
other kinds, of which there are 120 pictures. The new head learns first, while the rest is frozen; then all of it learns
on, slowly, so that what it knows is bent and not broken. The same network from scratch has only the 120 pictures.

Data: `$RANVIER_DATA/cifar10_subset/train.npz` (Krizhevsky, 2009) and `$RANVIER_DATA/caltech101_6/caltech101_6.zip`, six
categories of Caltech 101 (Fei-Fei, Fergus and Perona, 2004), both as pictures of 32 x 32.
"""

from __future__ import annotations

import functools
import io
import zipfile
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageOps
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

import ranvier as keras
from examples.comparison import Scores, compare
from examples.local_data import local_file
from ranvier import layers

SIDE, FEW, BATCH = 32, 120, 60
CONVOLUTIONS = ((24, 2), (48, 2), (64, 1), (128, 2))
"""Filters and strides of each."""


@functools.cache
def many() -> tuple[np.ndarray, np.ndarray]:
    """Return 15,000 pictures of ten kinds, and which."""
    with np.load(local_file("cifar10_subset", "train.npz")) as file:
        return file["x"], file["y"]


@functools.cache
def few() -> tuple[np.ndarray, np.ndarray]:
    """Return 325 pictures of six other kinds, and which."""
    with zipfile.ZipFile(local_file("caltech101_6", "caltech101_6.zip")) as file:
        names = sorted(name for name in file.namelist() if name.endswith(".jpg"))
        pictures = [Image.open(io.BytesIO(file.read(name))).convert("RGB") for name in names]
    small = [ImageOps.pad(picture, (SIDE, SIDE), Image.Resampling.BOX, "white") for picture in pictures]
    return np.stack([np.asarray(picture) for picture in small]), np.unique(
        [name.split("/")[1] for name in names], return_inverse=True
    )[1]


def made_up(kinds: int, each: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return noise for the smoke test: each kind has its colour."""
    draws = np.random.default_rng(seed)
    y = np.repeat(np.arange(kinds), each)
    return (draws.integers(0, 256, (kinds, 1, 1, 3))[y] + draws.integers(0, 64, (len(y), SIDE, SIDE, 3))) // 2, y


def body(convolutions: Sequence[tuple[int, int]]) -> keras.Model:
    """Return a network from pictures to what its last convolution finds anywhere in them."""
    model = keras.Sequential([layers.Input((SIDE, SIDE, 3)), layers.Rescaling(1 / 127.5, offset=-1)])
    model.add(layers.RandomFlip("horizontal"))
    model.add(layers.RandomTranslation(0.1, 0.1))
    for filters, strides in convolutions:
        model.add(layers.Conv2D(filters, 3, strides, padding="same", use_bias=False))
        model.add(layers.BatchNormalization(momentum=0.9))
        model.add(layers.ReLU())
    model.add(layers.GlobalAveragePooling2D())
    return model


def trained(body: keras.Model, x: np.ndarray, y: np.ndarray, rates: dict[float, int], frozen: bool) -> keras.Model:
    """Put a new head on a body, train it with each learning rate for so many epochs, and return it.

    Where the body is frozen, it is so with the first rate only.
    """
    model = keras.Sequential([body, layers.Dropout(0.3), layers.Dense(int(y.max()) + 1, activation="softmax")])
    for number, (rate, epochs) in enumerate(rates.items()):
        body.trainable = not frozen or number > 0
        falling = keras.optimizers.schedules.CosineDecay(rate, epochs * -(-len(x) // BATCH))
        model.compile(keras.optimizers.Adam(falling), loss="sparse_categorical_crossentropy")
        model.fit(x, y, epochs=epochs, batch_size=BATCH, verbose=0)
    return model


def measure(seed: int, smoke: bool) -> Scores:
    """Train with 120 pictures and return the percentage of the others that each method names rightly."""
    pictures, kinds = made_up(6, 8, seed) if smoke else few()
    x, x_unseen, y, y_unseen = train_test_split(
        pictures, kinds, train_size=24 if smoke else FEW, stratify=kinds, random_state=seed
    )

    keras.utils.set_random_seed(seed)
    convolutions = CONVOLUTIONS[:1] if smoke else CONVOLUTIONS
    pretrained = body(convolutions)
    trained(pretrained, *(made_up(6, 4, seed) if smoke else many()), {3e-3: 1 if smoke else 10}, frozen=False)
    epochs = 1 if smoke else 40
    networks = {
        "pretrained network": trained(pretrained, x, y, {1e-2: epochs, 1e-3: epochs}, frozen=True),
        "the same from scratch": trained(body(convolutions), x, y, {3e-3: 1 if smoke else 80}, frozen=False),
    }
    right = {name: np.argmax(model.predict(x_unseen, verbose=0), 1) == y_unseen for name, model in networks.items()}
    nearest = KNeighborsClassifier(1).fit(x.reshape(len(x), -1), y)
    right["nearest neighbour on pixels"] = nearest.predict(x_unseen.reshape(len(x_unseen), -1)) == y_unseen
    return {name: 100 * float(np.mean(each)) for name, each in right.items()}


if __name__ == "__main__":
    compare(
        "Six kinds of things from few pictures",
        measure,
        score=f"% of 205 unseen pictures named rightly, after {FEW} known ones",
        networks=["pretrained network"],
    )
