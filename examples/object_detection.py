"""Blood cells: where in a picture are which, found by a network in one pass, beside thresholds and connected spots.

The picture is covered by a grid of cells, 8 pixels each. Every cell says how surely the middle of a thing of each kind
lies in it, and, if so, where exactly and how large the thing is. Nearly all cells hold no middle, so the loss turns
away from what is easily seen to be none, and hardly blames a cell that is next to a middle (the focal loss of Law and
Deng, 2018). This form of detector is Zhou, Wang and Krähenbühl's: "Objects as points", 2019.

Data: `$RANVIER_DATA/bccd_cells/BCCD.zip`, 364 pictures with red cells, white cells and platelets (Shenggan, 2017).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import ndimage

import ranvier as keras
from examples.blood_cells import HEIGHT, KINDS, WIDTH, load, made_up, mirrored
from examples.comparison import Scores, compare
from examples.detections import mean_average_precision, without_doubles
from ranvier import layers, ops

CELL, EPOCHS = 8, 12
TYPICAL = 25.0
"""The width of a red cell, in pixels of the shrunk picture."""


def targets(things: list[np.ndarray]) -> np.ndarray:
    """Return what the network shall say, [picture, row, column, (nearness to each kind's middles, place, size)]."""
    y = np.zeros((len(things), HEIGHT // CELL, WIDTH // CELL, 7), "float32")
    row, column = np.mgrid[: HEIGHT // CELL, : WIDTH // CELL]
    for target, rows in zip(y, things, strict=True):
        for kind, left, top, right, bottom in rows:
            middle, size = np.array([left + right, top + bottom]) / 2 / CELL, np.array([right - left, bottom - top])
            j, i = at = np.minimum(middle.astype(int), (WIDTH // CELL - 1, HEIGHT // CELL - 1))
            spread = max(size.mean() / CELL / 4, 0.5)
            near = np.exp(-((column - j) ** 2 + (row - i) ** 2) / (2 * spread**2))
            target[..., int(kind)] = np.maximum(target[..., int(kind)], near)
            target[i, j, 3:] = [*(middle - at), *np.log(size / TYPICAL)]
    return y


def detector(size: int, deep: int) -> keras.Model:
    """Return a network that says for each cell of the grid what `targets` does; above 0, it thinks so."""
    x = picture = layers.Input((HEIGHT, WIDTH, 3))
    for layer in (layers.RandomBrightness(0.1), layers.RandomContrast(0.2), layers.Rescaling(1 / 127.5, offset=-1)):
        x = layer(x)
    for filters, strides in ((size // 4, 2), (size // 2, 2), (size, 2), *[(size, 1)] * deep):
        x = layers.Conv2D(filters, 3, strides, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
    kind = layers.Conv2D(3, 1, bias_initializer=keras.initializers.Constant(-3))(x)
    return keras.Model(picture, layers.Concatenate()([kind, layers.Conv2D(4, 1)(x)]))


def loss(y: Any, told: Any) -> Any:
    """Return the focal loss of the kinds and the absolute error of the boxes at the middles, per picture."""
    near, said = y[..., :3], told[..., :3]
    middle = ops.cast(near == 1, "float32")
    focal = middle * ops.sigmoid(-said) ** 2 * ops.softplus(-said)
    focal = focal + (1 - near) ** 4 * ops.sigmoid(said) ** 2 * ops.softplus(said)
    off = ops.max(middle, axis=-1, keepdims=True) * ops.abs(y[..., 3:] - told[..., 3:])
    return (ops.sum(focal, axis=(1, 2, 3)) + ops.sum(off, axis=(1, 2, 3))) / 10


def boxes(told: np.ndarray) -> np.ndarray:
    """Return the things that the network sees in a picture, [thing, (kind, score, left, top, right, bottom)]."""
    score = 1 / (1 + np.exp(-told[..., :3]))
    i, j, kind = np.nonzero(score > 0.02)
    middle = (np.stack([j, i], axis=1) + told[i, j, 3:5]) * CELL
    half = TYPICAL * np.exp(np.clip(told[i, j, 5:], -3, 3)) / 2
    return without_doubles(np.column_stack([kind, score[i, j, kind], middle - half, middle + half]))


def spots(pictures: np.ndarray, limit: float) -> list[np.ndarray]:
    """Return what colours say of each picture, in the form of `boxes`; the thresholds are the best on known pictures.

    A bluish spot is a white cell's nucleus where its box is larger than `limit`, else a platelet. Red cells touch, so
    each deep inside of the dark parts, grown again by as much as it is deep, is one.
    """
    found = []
    for picture in pictures.astype("int32"):
        bluish = ndimage.binary_opening(picture[..., 2] - picture[..., 0] > 8)
        green = picture[..., 1]
        depth = ndimage.distance_transform_edt(ndimage.binary_fill_holes(green < 182))
        rows = []
        for mask, grown in ((bluish, 0), (depth > TYPICAL / 3, TYPICAL / 3)):
            spot, _ = ndimage.label(mask)
            for number, (down, across) in enumerate(ndimage.find_objects(spot), 1):
                inside = spot[down, across] == number
                kind = 0 if grown else 1 if inside.size > limit else 2
                box = (across.start - grown, down.start - grown, across.stop + grown, down.stop + grown)
                rows.append([kind, depth[down, across].mean() if grown else inside.mean(), *box])
        found.append(np.array(rows).reshape(-1, 6))
    return found


def size_limit(things: list[np.ndarray]) -> float:
    """Return the area between the typical ones of platelets and of white cells."""
    rows = np.concatenate(things)
    area = np.prod(rows[:, 3:] - rows[:, 1:3], axis=1)
    return float(np.sqrt(np.median(area[rows[:, 0] == 1]) * np.median(area[rows[:, 0] == 2])))


def measure(seed: int, smoke: bool) -> Scores:
    """Train on 292 pictures and return each method's mean average precision on the others."""
    splits = [made_up(seed)] * 3 if smoke else [load(split) for split in ("train", "val", "test")]
    x, things = np.concatenate([splits[0][0], splits[1][0]]), splits[0][1] + splits[1][1]
    x_unseen, unseen = splits[2]

    keras.utils.set_random_seed(seed)
    model = detector(8, 0) if smoke else detector(64, 3)
    more, more_things = mirrored(x, things)
    epochs, batch = 1 if smoke else EPOCHS, 16
    rate = keras.optimizers.schedules.CosineDecay(3e-3, epochs * -(-len(more) // batch))
    model.compile(keras.optimizers.Adam(rate), loss=loss)
    model.fit(more, targets(more_things), epochs=epochs, batch_size=batch, verbose=0)
    found = {
        "single-shot detector": [boxes(told) for told in model.predict(x_unseen, verbose=0)],
        "thresholds of colour, connected spots": spots(x_unseen, size_limit(things)),
    }
    return {name: mean_average_precision(rows, unseen, len(KINDS)) for name, rows in found.items()}


if __name__ == "__main__":
    compare(
        "Blood cells",
        measure,
        score="mean average precision of boxes that overlap by half, three kinds, on 72 unseen pictures",
        networks=["single-shot detector"],
    )
