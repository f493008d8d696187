"""8x8 pictures of handwritten digits; they come with scikit-learn, so nothing is downloaded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from ranvier._errors import InvalidArgument
from ranvier.data.datasets.info import DatasetInfo, Split

__all__ = ["INFO", "load_data", "read"]

INFO = DatasetInfo(
    name="digits",
    task="image-classification",
    rows=(1437, 360),
    shape=(8, 8),
    target="the digit that was written",
    licence="CC BY 4.0 (UCI Machine Learning Repository, data set 80)",
    citation="E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, 1998",
    split="80 % training and 20 % test rows, every digit in the same share, drawn once with seed 0 "
    "(scikit-learn's copy has no official split)",
    class_names=tuple("0123456789"),
    value_range=(0, 16),
    sha256="dfb84770a5c61618b8642dacbd7d94e243d400d5bf32ef2d1af8359089a4cd20",
)


def load_data(test_split: float = 0.2, seed: int = 0) -> Split:
    """Load the digits: 1,797 pictures of 8 by 8 points in 17 shades of grey, ten classes.

    Keras has no such loader; this one answers in the form of Keras's.

    Args:
        test_split: share of rows that are held out, in the same share of every class.
        seed: decides which rows are held out.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: pictures uint8 `[row, height, width]` with values from 0 to 16,
        labels uint8 `[row]`.

    Raises:
        InvalidArgument: `test_split` is not between 0 and 1.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = load_data()
        >>> x_train.shape, x_test.shape, int(x_train.max())
        ((1437, 8, 8), (360, 8, 8), 16)

    Source: E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository
    (1998); the copy is the test part of the original, as scikit-learn bundles it.
    """
    return read((), test_split, seed)


def read(files: tuple[Path, ...], test_split: float = 0.2, seed: int = 0) -> Split:
    """Divide scikit-learn's copy; `files` is empty, because the copy is part of scikit-learn."""
    if not 0 < test_split < 1:
        raise InvalidArgument(
            "A split by classes needs rows on both sides.",
            code="data-test-split",
            place="test_split",
            expected="0 < test_split < 1",
            received=test_split,
            fix="pass the share of rows to hold out, such as 0.2",
        )
    digits = load_digits()
    x, y = digits.images.astype(np.uint8), digits.target.astype(np.uint8)
    train, test = train_test_split(np.arange(len(y)), test_size=test_split, stratify=y, random_state=seed)
    return (x[train], y[train]), (x[test], y[test])
