"""The workloads: networks, their data and their initial weights, equal for every peer."""

import gzip
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LEARNING_RATE, BETA_1, BETA_2, ADAM_EPSILON = 1e-3, 0.9, 0.999, 1e-7
BATCHES = (32, 128)
QUICK_ROWS = 7_680
COLD_ROWS = 60_000

Data = tuple[NDArray[np.float32], NDArray[np.int32]]


@dataclass(frozen=True)
class Workload:
    """A ReLU network `sizes[0] - ... - sizes[-1]` with dropout after each hidden layer and a softmax on top."""

    name: str
    sizes: tuple[int, ...]
    dropout: float
    rows: int


# 59,904 = 1,872 x 32 = 468 x 128: all of MNIST that cuts into full batches at both sizes.
WORKLOADS = {
    "tiny": Workload("tiny", (10, 64, 32, 2), 0.0, 32_000),
    "mlp": Workload("mlp", (784, 128, 10), 0.2, 59_904),
}


def initial_weights(workload: Workload) -> list[NDArray[np.float32]]:
    """Glorot-uniform kernels `[in, out]` and zero biases, in the order kernel, bias, kernel, bias, ..."""
    # RandomState and not Generator: NumPy promises that its stream never changes between versions.
    rng = np.random.RandomState(7)
    weights: list[NDArray[np.float32]] = []
    for fan_in, fan_out in zip(workload.sizes, workload.sizes[1:], strict=False):
        limit = np.sqrt(6 / (fan_in + fan_out))
        weights += [rng.uniform(-limit, limit, (fan_in, fan_out)).astype(np.float32), np.zeros(fan_out, np.float32)]
    return weights


def synthetic(features: int, classes: int, rows: int) -> Data:
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


def load(workload: Workload, rows: int) -> Data:
    """The first `rows` rows: `x [rows, features]` float32, `y [rows]` int32."""
    folder = mnist_folder()
    if workload.name != "mlp" or folder is None:
        return synthetic(workload.sizes[0], workload.sizes[-1], rows)
    pixels = np.frombuffer(gzip.decompress((folder / "train-images-idx3-ubyte.gz").read_bytes()), np.uint8, offset=16)
    labels = np.frombuffer(gzip.decompress((folder / "train-labels-idx1-ubyte.gz").read_bytes()), np.uint8, offset=8)
    x = pixels.reshape(-1, 784)[:rows].astype(np.float32) / np.float32(255)
    return x, labels[:rows].astype(np.int32)


def fingerprint(data: Data, weights: list[NDArray[np.float32]]) -> str:
    """Hash of data and initial weights: equal in all workers, or the work is not the same."""
    digest = hashlib.sha256()
    for array in (*data, *weights):
        digest.update(f"{array.shape}{array.dtype}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()[:16]
