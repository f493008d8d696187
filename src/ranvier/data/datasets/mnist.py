"""28x28 pictures of handwritten digits."""

from __future__ import annotations

from pathlib import Path

from ranvier.data.datasets.archives import read_idx, read_npz
from ranvier.data.datasets.checks import check_images
from ranvier.data.datasets.info import DatasetInfo, Source, Split
from ranvier.data.datasets.lookup import named, obtain

__all__ = ["IDX_FILES", "INFO", "load_data", "read", "read_idx_files"]

IDX_FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)

_LIMIT = 1 << 28

INFO = DatasetInfo(
    name="mnist",
    task="image-classification",
    rows=(60_000, 10_000),
    shape=(28, 28),
    target="the digit that was written",
    licence="CC BY-SA 3.0 (Y. LeCun and C. Cortes)",
    citation="Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, Gradient-based learning applied to document recognition, "
    "Proceedings of the IEEE 86(11), 1998",
    split="the official one; the writers of the test rows wrote no training row",
    sources=(
        Source(
            filename="mnist.npz",
            url="https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz",
            digest="sha256:731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
            size=11_490_434,
        ),
    ),
    alternatives=(IDX_FILES,),
    class_names=tuple("0123456789"),
    value_range=(0, 255),
    sha256="52cd6c10ae77107af32269dd9d10ca19c1b749e83235a0c75e2f0729ebeaf141",
)


def load_data(path: str = "mnist.npz") -> Split:
    """Load MNIST: 70,000 pictures of 28 by 28 points in 256 shades of grey, ten classes.

    Args:
        path: the file's name in the cache.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: pictures uint8 `[row, height, width]`, labels uint8 `[row]`;
        60,000 training and 10,000 test rows.

    Raises:
        InvalidArgument: `path` is more than a file name.
        FileRefused: a file is damaged, or not what its name says.
        DownloadError: there was no file on this machine, and it could not be downloaded.

    Source: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, Gradient-based learning applied to document recognition
    (1998).
    """
    return read(obtain(INFO.name, (named(INFO.sources[0], path),), INFO.alternatives).files)


def read(files: tuple[Path, ...]) -> Split:
    """Read Keras's npz, or the four original idx files in the order of `IDX_FILES`."""
    if len(files) == len(IDX_FILES):
        return read_idx_files(files)
    arrays = read_npz(files[0], ("x_train", "y_train", "x_test", "y_test"), limit=_LIMIT)
    split = (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"])
    return check_images(split, (28, 28), 10, files[0])


def read_idx_files(files: tuple[Path, ...]) -> Split:
    """Read four idx files: training pictures and labels, test pictures and labels."""
    x_train, y_train, x_test, y_test = (
        read_idx(file, ndim, _LIMIT) for file, ndim in zip(files, (3, 1, 3, 1), strict=True)
    )
    return check_images(((x_train, y_train), (x_test, y_test)), (28, 28), 10, files[0].parent)
