"""What a reader demands of arrays before it hands them out."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ranvier._errors import InvalidArgument
from ranvier.data.datasets.archives import refuse
from ranvier.data.datasets.info import Pair, Split

__all__ = ["check_images", "check_table", "check_test_split"]


def check_images(split: Split, shape: tuple[int, ...], classes: int, path: Path) -> Split:
    """Return `split` if it is uint8 pictures `[row, *shape]` with labels `[row]` below `classes`.

    Raises:
        FileRefused: it is something else.
    """
    for x, y in split:
        if x.dtype != np.uint8 or y.dtype != np.uint8 or y.ndim != 1 or x.shape != (len(y), *shape):
            wanted = f"uint8 pictures (rows, {', '.join(map(str, shape))}) and as many uint8 labels"
            raise refuse(path, "shape", "holds other arrays", wanted, f"{x.dtype} {x.shape} and {y.dtype} {y.shape}")
        if y.max() >= classes:
            raise refuse(path, "labels", "has labels that name no class", f"0 to {classes - 1}", f"up to {y.max()}")
    return split


def check_table(pair: Pair, columns: int, path: Path) -> Pair:
    """Return `pair` if it is a table of floats `[row, columns]` with targets `[row]`.

    Raises:
        FileRefused: it is something else.
    """
    x, y = pair
    if x.dtype.kind != "f" or y.dtype.kind != "f" or y.ndim != 1 or x.shape != (len(y), columns):
        wanted = f"floats (rows, {columns}) and as many targets"
        raise refuse(path, "shape", "holds other arrays", wanted, f"{x.dtype} {x.shape} and {y.dtype} {y.shape}")
    return pair


def check_test_split(test_split: float) -> None:
    """Raise InvalidArgument unless `0 <= test_split < 1`."""
    if not 0 <= test_split < 1:
        raise InvalidArgument(
            "test_split leaves no training rows or is negative.",
            code="data-test-split",
            place="test_split",
            expected="0 <= test_split < 1",
            received=test_split,
            fix="pass the share of rows to hold out, such as 0.2",
        )
