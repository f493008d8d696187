"""Small made-up data that the guides' networks can learn in a second."""

from __future__ import annotations

import gzip
import os
import pathlib

import numpy as np

__all__ = ["blobs", "digits", "table"]


def blobs(rows: int, columns: int, classes: int, spread: float = 0.6, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return shuffled rows around one centre per class, as float64, and labels as int64, as NumPy makes them."""
    draws = np.random.default_rng(seed)
    labels = draws.integers(0, classes, rows)
    centres = draws.normal(size=(classes, columns)) * 2
    return centres[labels] + draws.normal(size=(rows, columns)) * spread, labels


def table(rows: int = 428, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return a table of 8 columns and a yes or no that a line decides, but for a little noise."""
    draws = np.random.default_rng(seed)
    x = draws.normal(size=(rows, 8))
    return x, (x[:, 0] - 2 * x[:, 1] + x[:, 2] + draws.normal(size=rows) * 0.2 > 0).astype("int64")


def digits(rows: int = 640) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return images as uint8 (row, 28, 28) and labels: MNIST where `$RANVIER_DATA/mnist` has it, else bars."""
    folder = pathlib.Path(os.environ.get("RANVIER_DATA", "")) / "mnist"
    found = [folder / f"{part}-ubyte.gz" for part in ("train-images-idx3", "train-labels-idx1")]
    if os.environ.get("RANVIER_DATA") and all(path.exists() for path in found):
        images, labels = (np.frombuffer(gzip.decompress(path.read_bytes()), np.uint8) for path in found)
        return _halves(images[16:].reshape(-1, 28, 28)[: 2 * rows], labels[8 : 8 + 2 * rows])
    draws = np.random.default_rng(2)
    labels = draws.integers(0, 10, 2 * rows).astype("uint8")
    images = draws.integers(0, 60, (2 * rows, 28, 28)).astype("uint8")
    for image, label in zip(images, labels, strict=True):
        image[4 + 2 * label : 7 + 2 * label, 4:24] = 250
    return _halves(images, labels)


def _halves(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    half = len(x) // 2
    return x[:half], y[:half], x[half:], y[half:]
