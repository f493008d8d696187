"""Pictures of blood cells with boxes around them: `$RANVIER_DATA/bccd_cells/BCCD.zip` (Shenggan, 2017)."""

from __future__ import annotations

import io
import zipfile
from xml.etree import ElementTree

import numpy as np
from PIL import Image

from examples.local_data import local_file

__all__ = ["HEIGHT", "KINDS", "WIDTH", "Pictures", "load", "made_up", "mirrored"]

KINDS = ("RBC", "WBC", "Platelets")
SHRINK, HEIGHT, WIDTH = 4, 120, 160

Pictures = tuple[np.ndarray, list[np.ndarray]]
"""Pictures [picture, row, column, colour], and for each of them [thing, (kind, left, top, right, bottom)]."""


def load(split: str) -> Pictures:
    """Return the shrunk pictures of a split."""
    pictures, things = [], []
    with zipfile.ZipFile(local_file("bccd_cells", "BCCD.zip")) as file:
        for name in file.read(f"BCCD/ImageSets/Main/{split}.txt").decode().split():
            picture = Image.open(io.BytesIO(file.read(f"BCCD/JPEGImages/{name}.jpg")))
            pictures.append(np.asarray(picture.convert("RGB").reduce(SHRINK)))
            found = []
            for thing in ElementTree.fromstring(file.read(f"BCCD/Annotations/{name}.xml")).iter("object"):
                box = [int(thing.findtext(f"bndbox/{side}", "0")) / SHRINK for side in ("xmin", "ymin", "xmax", "ymax")]
                if box[0] < box[2] and box[1] < box[3]:
                    found.append([KINDS.index(thing.findtext("name", "")), *box])
            things.append(np.array(found))
    return np.stack(pictures), things


def made_up(seed: int, count: int = 4) -> Pictures:
    """Return boxes of three sizes and colours for the smoke test."""
    x = np.random.default_rng(seed).integers(200, 255, (count, HEIGHT, WIDTH, 3), "uint8")
    things = np.array([[0, 20, 30, 45, 55], [1, 70, 40, 120, 80], [2, 10, 80, 20, 90]])
    for kind, left, top, right, bottom in things:
        x[:, top:bottom, left:right] = (180, 60, 80)[kind]
    return x, [things.astype(float)] * count


def mirrored(x: np.ndarray, things: list[np.ndarray]) -> Pictures:
    """Return the pictures as they are, turned left to right, upside down, and both."""
    for side, (axis, length) in enumerate(((2, WIDTH), (1, HEIGHT))):
        other = [rows.copy() for rows in things]
        for rows in other:
            rows[:, [1 + side, 3 + side]] = length - rows[:, [3 + side, 1 + side]]
        x, things = np.concatenate([x, np.flip(x, axis)]), things + other
    return x, things
