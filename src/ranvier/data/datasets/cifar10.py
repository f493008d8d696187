"""32x32 colour pictures of ten kinds of animals and vehicles."""

from __future__ import annotations

from pathlib import Path

from ranvier.data.datasets.cifar import read_binary
from ranvier.data.datasets.info import DatasetInfo, Source, Split
from ranvier.data.datasets.lookup import obtain

__all__ = ["INFO", "load_data", "read"]

INFO = DatasetInfo(
    name="cifar10",
    task="image-classification",
    rows=(50_000, 10_000),
    shape=(32, 32, 3),
    target="what the picture shows",
    licence="none stated; published for research with citation",
    citation="A. Krizhevsky, Learning multiple layers of features from tiny images, University of Toronto, 2009",
    split="the official one",
    sources=(
        Source(
            filename="cifar-10-binary.tar.gz",
            url="https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
            digest="md5:c32a1d4ab5d03f1284b67883e8d87530",
            size=170_052_171,
        ),
    ),
    class_names=("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
    value_range=(0, 255),
)


def load_data() -> Split:
    """Load CIFAR-10: 60,000 colour pictures of 32 by 32 points, ten classes.

    Read from the binary archive, which unlike the Python one holds no pickled code; the rows are the same.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: pictures uint8 `[row, height, width, channel]`, labels uint8
        `[row, 1]`; 50,000 training and 10,000 test rows.

    Raises:
        FileRefused: the archive is damaged, or not what its name says.
        DownloadError: there was no archive on this machine, and it could not be downloaded.

    Source: A. Krizhevsky, Learning multiple layers of features from tiny images (2009).
    """
    return read(obtain(INFO.name, INFO.sources).files)


def read(files: tuple[Path, ...]) -> Split:
    """Read the binary archive."""
    folder = "cifar-10-batches-bin"
    batches = [f"{folder}/data_batch_{number}.bin" for number in range(1, 6)]
    return read_binary(files[0], batches, f"{folder}/test_batch.bin", labels=1, label=0, classes=10)
