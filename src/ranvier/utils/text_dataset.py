"""Texts from a folder whose subfolders are classes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ranvier.utils.labelled_files import LabelledFiles, check_labels, coded, labelled_files, part
from ranvier.utils.numbered_rows import NumberedRows

__all__ = ["text_dataset_from_directory"]


class _Texts:
    """Rows by number: the text of each file, and its label."""

    def __init__(self, paths: list[Path], labels: np.ndarray | None, length: int | None) -> None:
        self.paths, self.labels, self.length = paths, labels, length

    def __call__(self, rows: Any) -> Any:
        numbers = np.atleast_1d(rows)
        texts = np.empty(len(numbers), object)
        texts[:] = [self._read(self.paths[number]) for number in numbers]
        found = texts if np.ndim(rows) else texts[0]
        return found if self.labels is None else (found, self.labels[rows])

    def _read(self, path: Path) -> str:
        content = path.read_bytes()
        return content[: self.length].decode("utf-8", "replace")


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
    check_labels(labels, label_mode, class_names, validation_split, subset, shuffle, seed)
    labels = None if label_mode is None else labels
    order_seed = (np.random.randint(10**6) if seed is None else seed) if shuffle else None
    files = labelled_files(directory, labels, (".txt",), class_names, order_seed, follow_links)
    if verbose:
        classes = "" if files.class_names is None else f" belonging to {len(files.class_names)} classes"
        print(f"Found {len(files.paths)} files{classes}.")

    def dataset(chosen: LabelledFiles, changing: bool) -> NumberedRows:
        names = chosen.class_names
        numbers = None if chosen.labels is None else coded(chosen.labels, label_mode or "int", len(names or ()))
        make = _Texts(chosen.paths, numbers, max_length)
        return NumberedRows(make, np.arange(len(chosen.paths)), batch_size, changing, seed, names)

    if subset == "both":
        train, held_out = (part(files, validation_split, one) for one in ("training", "validation"))
        return [dataset(train, shuffle), dataset(held_out, False)]
    return dataset(part(files, validation_split, subset), shuffle)
