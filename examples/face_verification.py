"""The same person or not: faces of people that the network has never seen, beside comparing pixels.

The network learns to tell some people apart, and is then asked about others. So what it must learn is not who somebody
is but what makes faces differ: each face becomes a direction, `embedding`, and the angle between two says how unlike
they are. ArcFace asks more than the right answer: a face must be nearer to its own person's direction than to all
others even when its angle is made larger by MARGIN, which draws the faces of one person together.

Data: `$RANVIER_DATA/orl_faces/att_faces.zip`, 40 people, 10 pictures of each (Samaria and Harter, 1994). Source of the
loss: Deng et al., "ArcFace: additive angular margin loss for deep face recognition", 2019.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image
from sklearn.decomposition import PCA
from sklearn.metrics import roc_curve

import ranvier as keras
from examples.comparison import Scores, compare
from examples.local_data import local_file
from ranvier import layers, ops

HEIGHT, WIDTH, PICTURES = 56, 46, 10
SCALE, MARGIN = 24.0, 0.4
CONVOLUTIONS = ((16, 5), (32, 3), (64, 3), (96, 3))
"""Filters and size of each."""


def load() -> np.ndarray:
    """Return the faces, [person, picture, row, column], each with mean 0 and variance 1."""
    with zipfile.ZipFile(local_file("orl_faces", "att_faces.zip")) as file:
        names = [f"att_faces/s{person}/{picture}.pgm" for person in range(1, 41) for picture in range(1, PICTURES + 1)]
        read = [Image.open(io.BytesIO(file.read(name))).resize((WIDTH, HEIGHT), Image.Resampling.BOX) for name in names]
    faces = np.stack([np.asarray(face, "float32") for face in read]).reshape(-1, PICTURES, HEIGHT, WIDTH)
    return (faces - faces.mean((2, 3), keepdims=True)) / faces.std((2, 3), keepdims=True)


def made_up(seed: int) -> np.ndarray:
    """Return noise for the smoke test: each person is a picture of it, with more of it."""
    draws = np.random.default_rng(seed)
    return draws.normal(size=(6, 1, HEIGHT, WIDTH)) + draws.normal(size=(6, PICTURES, HEIGHT, WIDTH))


def network(people: int, convolutions: Sequence[tuple[int, int]]) -> tuple[keras.Model, keras.Model]:
    """Return a network from faces to directions, and one that goes on to the cosines of the angles to each person."""
    embedding = keras.Sequential([layers.Input((HEIGHT, WIDTH, 1))])
    for augment in (
        layers.RandomFlip("horizontal"),
        layers.RandomTranslation(0.08, 0.08),
        layers.RandomRotation(0.03),
        layers.RandomZoom(0.1),
    ):
        embedding.add(augment)
    for filters, size in convolutions:
        embedding.add(layers.Conv2D(filters, size, strides=2, padding="same", use_bias=False))
        embedding.add(layers.BatchNormalization(momentum=0.9))
        embedding.add(layers.ReLU())
    embedding.add(layers.Flatten())
    embedding.add(layers.Dropout(0.4))
    embedding.add(layers.Dense(64, use_bias=False))
    embedding.add(layers.BatchNormalization(momentum=0.9))
    embedding.add(layers.UnitNormalization())
    directions = layers.Dense(people, use_bias=False, kernel_constraint=keras.constraints.UnitNorm(axis=0))
    return embedding, keras.Sequential([embedding, directions])


def arcface(person: Any, cosine: Any) -> Any:
    """Return the cross-entropy of `SCALE · cos(angle + MARGIN)` for the right person, `SCALE · cosine` for others."""
    right = ops.one_hot(ops.cast(ops.reshape(person, (-1,)), "int32"), cosine.shape[-1])
    angle = ops.arccos(ops.clip(cosine, -0.999, 0.999))
    return ops.categorical_crossentropy(right, SCALE * ops.cos(angle + MARGIN * right), from_logits=True)


def equal_error(vectors: np.ndarray) -> float:
    """Return the error in % of telling all pairs apart, where as many same pairs as different ones are judged wrong."""
    vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    person = np.arange(len(vectors)) // PICTURES
    pair = np.triu_indices(len(vectors), 1)
    accepted_wrongly, accepted, _ = roc_curve((person[:, None] == person)[pair], (vectors @ vectors.T)[pair])
    at = np.argmin(np.abs(accepted_wrongly - (1 - accepted)))
    return 50 * float(accepted_wrongly[at] + 1 - accepted[at])


def measure(seed: int, smoke: bool) -> Scores:
    """Train with five eighths of the people and return each method's error on pairs of pictures of the others."""
    faces = made_up(seed) if smoke else load()
    order = np.random.default_rng(seed).permutation(len(faces))
    known, unseen = (faces[chosen] for chosen in np.split(order, [len(order) * 5 // 8]))
    x, x_unseen = known.reshape(-1, HEIGHT, WIDTH, 1), unseen.reshape(-1, HEIGHT, WIDTH, 1)
    person = np.repeat(np.arange(len(known)), PICTURES)

    keras.utils.set_random_seed(seed)
    embedding, model = network(len(known), CONVOLUTIONS[:1] if smoke else CONVOLUTIONS)
    epochs, batch = 1 if smoke else 80, 50
    rate = keras.optimizers.schedules.CosineDecay(3e-3, epochs * -(-len(x) // batch))
    model.compile(keras.optimizers.Adam(rate), loss=arcface)
    model.fit(x, person, epochs=epochs, batch_size=batch, verbose=0)

    pixels, pixels_unseen = x.reshape(len(x), -1), x_unseen.reshape(len(x_unseen), -1)
    eigenfaces = PCA(0.95, whiten=True, random_state=seed).fit(pixels)
    # A face and its mirror image show the same person: the sum of both directions is nearer to the truth.
    both = [embedding.predict(faces, verbose=0) for faces in (x_unseen, x_unseen[:, :, ::-1])]
    return {
        "convolutional network, ArcFace": equal_error(both[0] + both[1]),
        "nearness of the pixels": equal_error(pixels_unseen),
        "nearness of whitened eigenfaces": equal_error(eigenfaces.transform(pixels_unseen)),
    }


if __name__ == "__main__":
    compare(
        "Faces of unseen people",
        measure,
        score="equal error rate in % of telling whether two pictures show one person, all pairs of 15 unseen people",
        networks=["convolutional network, ArcFace"],
        higher=False,
    )
