"""The data of the workloads, equal for every peer: drawn once per process, or MNIST where it is at hand."""

import gzip
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.workloads import LATENT, VOCABULARIES, Workload

# `x` is one array or a list of them, rows first; `y` is one array.
Data = tuple[Any, NDArray[Any]]


def load(workload: Workload, rows: int) -> Data:
    """The first `rows` rows of a workload."""
    return MAKERS[workload.family](workload, rows)


def take(x: Any, chosen: Any) -> Any:
    """Rows of one array, or of each of several."""
    return [array[chosen] for array in x] if isinstance(x, list) else x[chosen]


def length(x: Any) -> int:
    """Number of rows."""
    return len(x[0] if isinstance(x, list) else x)


def fingerprint(data: Data, weights: list[NDArray[np.float32]]) -> str:
    """Hash of data and initial weights: equal in all workers, or the work is not the same."""
    digest = hashlib.sha256()
    x, y = data
    for array in (*(x if isinstance(x, list) else [x]), y, *weights):
        digest.update(f"{array.shape}{array.dtype}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()[:16]


def synthetic(features: int, classes: int, rows: int) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Random inputs in [0, 1) whose class is the largest of `classes` random linear scores."""
    rng = np.random.RandomState(11)
    x = rng.random_sample((rows, features)).astype(np.float32)
    scores = (x - 0.5) @ rng.standard_normal((features, classes)).astype(np.float32)
    return x, scores.argmax(axis=1).astype(np.int32)


def mnist_folder() -> Path | None:
    """`$RANVIER_DATA/mnist` where the two training files lie there."""
    root = os.environ.get("RANVIER_DATA")
    folder = Path(root) / "mnist" if root else None
    files = ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz")
    return folder if folder and all((folder / file).is_file() for file in files) else None


def data_source(workload: Workload) -> str:
    """`mnist` or `synthetic`."""
    return "mnist" if workload.name == "mlp" and mnist_folder() else "synthetic"


def vectors(workload: Workload, rows: int) -> Data:
    """`x [rows, features]` with classes, or with itself to be reconstructed."""
    folder = mnist_folder()
    if workload.name == "mlp" and folder is not None:
        pixels = np.frombuffer(
            gzip.decompress((folder / "train-images-idx3-ubyte.gz").read_bytes()), np.uint8, offset=16
        )
        labels = np.frombuffer(
            gzip.decompress((folder / "train-labels-idx1-ubyte.gz").read_bytes()), np.uint8, offset=8
        )
        x = pixels.reshape(-1, 784)[:rows].astype(np.float32) / np.float32(255)
        return x, labels[:rows].astype(np.int32)
    x, y = synthetic(workload.sizes[0], workload.sizes[-1], rows)
    return (x, x) if workload.loss == "mse" else (x, y)


def shaped(*shape: int) -> Callable[[Workload, int], Data]:
    """Random inputs `[rows, *shape]` with ten classes."""

    def make(workload: Workload, rows: int) -> Data:
        x, y = synthetic(int(np.prod(shape)), 10, rows)
        return x.reshape(rows, *shape), y

    return make


def maps(workload: Workload, rows: int) -> Data:
    """Square maps with the channels of the first part."""
    side = workload.map_size
    return shaped(side, side, workload.parts[0].sizes[0])(workload, rows)


def reviews(workload: Workload, rows: int) -> Data:
    """Texts of 50 to 200 words, padded behind with 0; the class is which half of the vocabulary prevails."""
    rng = np.random.RandomState(11)
    x = rng.randint(1, 20_000, (rows, 200)).astype(np.int32)
    lengths = rng.randint(50, 201, rows)
    inside = np.arange(200) < lengths[:, None]
    y = 2 * ((x < 10_000) & inside).sum(axis=1) > lengths
    return np.where(inside, x, 0).astype(np.int32), y.astype(np.int32)


def successions(workload: Workload, rows: int) -> Data:
    """Walks over 64 symbols that step by 1, 2 or 3: `x [rows, 64]`, `y` the next symbol of each step."""
    rng = np.random.RandomState(11)
    walk = (rng.randint(0, 64, (rows, 1)) + rng.randint(1, 4, (rows, 65)).cumsum(axis=1)) % 64
    return walk[:, :-1].astype(np.int32), walk[:, 1:].astype(np.int32)


def pictures_and_noise(workload: Workload, rows: int) -> Data:
    """Pictures in [-1, 1) beside two draws of noise, which serve where training must not draw its own."""
    rng = np.random.RandomState(11)
    noise = rng.standard_normal((rows, 2 * LATENT)).astype(np.float32)
    x, y = synthetic(784, 2, rows)
    return [2 * x - 1, noise], y


def table(workload: Workload, rows: int) -> Data:
    """Categories `[rows, 8]`, numbers `[rows, 16]`, and a class that depends on both."""
    rng = np.random.RandomState(11)
    categories = np.stack([rng.randint(0, size, rows) for size in VOCABULARIES], axis=1).astype(np.int32)
    numbers = rng.standard_normal((rows, 16)).astype(np.float32)
    score = numbers @ rng.standard_normal(16) + (categories % 2) @ rng.standard_normal(8)
    return [categories, numbers], (score > 0).astype(np.int32)


MAKERS: dict[str, Callable[[Workload, int], Data]] = {
    "dense": vectors, "cnn": shaped(28, 28, 1), "recurrent": shaped(28, 28), "bilstm": reviews,
    "transformer": successions, "resnet20": shaped(32, 32, 3), "mobilenet": shaped(32, 32, 3),
    "gan": pictures_and_noise, "tabular": table, "convolutions": maps,
}  # fmt: skip
