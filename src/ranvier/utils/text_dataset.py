"""Texts from a folder whose subfolders are classes."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np

from ranvier.utils.folder_dataset import Reading, folder_dataset

__all__ = ["text_dataset_from_directory"]


def _text(path: Path, length: int | None) -> str:
    return path.read_bytes()[:length].decode("utf-8", "replace")


def _joined(texts: list[str]) -> np.ndarray:
    batch = np.empty(len(texts), object)
    batch[:] = texts
    return batch


def text_dataset_from_directory(
    directory: Any,
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Any = None,
    batch_size: int | None = 32,
    max_length: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    follow_links: bool = False,
    format: str = "tf",
    verbose: bool = True,
) -> Any:
    """Return batches of the texts in a folder's `.txt` files for `fit`; Keras gives a `tf.data` data set.

    Shapes: batches `(texts [row], labels [row])`, labels `[row, 1]` or `[row, class]` by `label_mode`; texts alone
    without labels.

    Args:
        directory: a folder with a subfolder per class.
        labels: `"inferred"` from the subfolders, None, or a list with a number per file in the order of their paths.
        label_mode: `"int"`, `"binary"` (0.0 or 1.0), `"categorical"` (one-hot) or None.
        class_names: the subfolders that count, in the order of their numbers.
        batch_size: texts per batch; None for one at a time.
        max_length: texts are cut after so many bytes.
        shuffle: another order in every epoch.
        seed: decides the orders, and what each subset gets.
        validation_split: share of the files that is held out.
        subset: `"training"`, `"validation"`, or `"both"` for a list of the two.
        follow_links: whether links to folders are followed.
        format: `"tf"` or `"grain"`; both give the same.
        verbose: whether to print what was found.

    Raises:
        DataError: no folder, no files, or an empty subset.
        InvalidArgument: arguments that do not fit.
    """
    reading = Reading((".txt",), functools.partial(_text, length=max_length), _joined)
    shared = (batch_size, shuffle, seed, validation_split, subset, follow_links, verbose)
    return folder_dataset(directory, reading, labels, label_mode, class_names, *shared)
