"""The binary archives of CIFAR-10 and CIFAR-100: rows of label bytes and 3,072 pixel bytes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ranvier._config import image_data_format
from ranvier.data.datasets.archives import read_tar, refuse
from ranvier.data.datasets.checks import check_images
from ranvier.data.datasets.info import Pair, Split

__all__ = ["read_binary"]

_SIDE = 32
_PIXELS = 3 * _SIDE * _SIDE
_LIMIT = 1 << 28


def read_binary(path: Path, train: Sequence[str], test: str, labels: int, label: int, classes: int) -> Split:
    """Read the rows of some members of an archive.

    A row is `labels` bytes of class numbers, then the red, the green and the blue plane, each row by row.

    Args:
        path: the gzipped tar archive.
        train: names of the members with training rows, in order.
        test: name of the member with test rows.
        labels: how many label bytes a row has.
        label: which of them is wanted.
        classes: how many classes that label has.

    Returns:
        Pictures uint8 `[row, height, width, channel]` (`[row, channel, height, width]` when Keras's image data
        format is `channels_first`), labels uint8 `[row, 1]`.

    Raises:
        FileRefused: a member is missing, or its bytes are no whole number of rows.

    Source: A. Krizhevsky, Learning multiple layers of features from tiny images (2009), binary version.
    """
    members = read_tar(path, (*train, test), limit=2 * _LIMIT, member_limit=_LIMIT)
    parts = [_rows(b"".join(members[name] for name in names), labels, label, path) for names in (train, (test,))]
    check_images((parts[0], parts[1]), (3, _SIDE, _SIDE), classes, path)
    first, second = ((_layout(x), y.reshape(-1, 1)) for x, y in parts)
    return first, second


def _rows(content: bytes, labels: int, label: int, path: Path) -> Pair:
    """Return pictures `[row, channel, height, width]` and labels `[row]`."""
    width = labels + _PIXELS
    if not content or len(content) % width:
        wanted = f"a multiple of {width} bytes"
        raise refuse(path, "size", "holds no whole number of pictures", wanted, f"{len(content):,} bytes")
    table = np.frombuffer(content, np.uint8).reshape(-1, width)
    return table[:, labels:].reshape(-1, 3, _SIDE, _SIDE), table[:, label].copy()


def _layout(x: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return pictures in the configured layout, in memory of their own."""
    return np.ascontiguousarray(x if image_data_format() == "channels_first" else x.transpose(0, 2, 3, 1))
