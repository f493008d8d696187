"""28x28 pictures of clothes."""

from __future__ import annotations

from ranvier.data.datasets.info import DatasetInfo, Source, Split
from ranvier.data.datasets.lookup import obtain
from ranvier.data.datasets.mnist import IDX_FILES, read_idx_files

__all__ = ["INFO", "load_data", "read"]

_FOLDER = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
# Keras publishes no hash of these four files; the digests are of files whose md5 equals Zalando's.
_DIGESTS = (
    ("3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84", 26_421_880),
    ("a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845", 29_515),
    ("346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073", 4_422_102),
    ("67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5", 5_148),
)

INFO = DatasetInfo(
    name="fashion_mnist",
    task="image-classification",
    rows=(60_000, 10_000),
    shape=(28, 28),
    target="the kind of clothing",
    licence="MIT (Zalando SE, 2017)",
    citation="H. Xiao, K. Rasul, R. Vollgraf, Fashion-MNIST, arXiv:1708.07747, 2017",
    split="the official one",
    sources=tuple(
        Source(name, _FOLDER + name, f"sha256:{digest}", size, verified=True)
        for name, (digest, size) in zip(IDX_FILES, _DIGESTS, strict=True)
    ),
    class_names=(
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
    value_range=(0, 255),
    sha256="51bad0352284eacba9865b8317af0b9281dae4f52f7f667217f2ee65f7069790",
)


def load_data() -> Split:
    """Load Fashion-MNIST: 70,000 pictures of 28 by 28 points in 256 shades of grey, ten classes.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: pictures uint8 `[row, height, width]`, labels uint8 `[row]`;
        60,000 training and 10,000 test rows.

    Raises:
        FileRefused: a file is damaged, or not what its name says.
        DownloadError: there were no files on this machine, and they could not be downloaded.

    Source: H. Xiao, K. Rasul, R. Vollgraf, Fashion-MNIST, arXiv:1708.07747 (2017).
    """
    return read(obtain(INFO.name, INFO.sources).files)


read = read_idx_files
