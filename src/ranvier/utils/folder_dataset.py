"""Data sets from a folder whose subfolders are classes, whatever its files hold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ranvier.utils.labelled_files import LabelledFiles, check_labels, coded, labelled_files, part
from ranvier.utils.numbered_rows import NumberedRows

__all__ = ["Reading", "folder_dataset"]


class Reading(NamedTuple):
    """How files become rows.

    Attributes:
        endings: of the names of files that count, in lower case.
        read: a file to a row.
        join: rows to a batch.
        workers: threads that read ahead.
    """

    endings: tuple[str, ...]
    read: Callable[[Path], Any]
    join: Callable[[list[Any]], Any] = np.stack
    workers: int = 1


class _FileRows:
    """Rows by number: what is read from each file, and its label."""

    def __init__(self, files: LabelledFiles, labels: np.ndarray | None, reading: Reading) -> None:
        self.paths, self.labels, self.reading = files.paths, labels, reading

    def __call__(self, rows: Any) -> Any:
        if np.ndim(rows):
            found = self.reading.join([self.reading.read(self.paths[number]) for number in rows])
        else:
            found = self.reading.read(self.paths[rows])
        return found if self.labels is None else (found, self.labels[rows])


def folder_dataset(
    directory: Any,
    reading: Reading,
    labels: Any,
    label_mode: str | None,
    class_names: Any,
    batch_size: int | None,
    shuffle: bool,
    seed: int | None,
    validation_split: float | None,
    subset: str | None,
    follow_links: bool,
    verbose: bool,
) -> Any:
    """Return the rows of a folder's files in batches, or a list of training and validation ones.

    The arguments are those of `text_dataset_from_directory`, beside `reading`.

    Raises:
        DataError: no folder, no files, or an empty subset.
        InvalidArgument: arguments that do not fit.
    """
    check_labels(labels, label_mode, class_names, validation_split, subset, shuffle, seed)
    labels = None if label_mode is None else labels
    order_seed = (np.random.randint(10**6) if seed is None else seed) if shuffle else None
    files = labelled_files(directory, labels, reading.endings, class_names, order_seed, follow_links)
    if verbose:
        classes = "" if files.class_names is None else f" belonging to {len(files.class_names)} classes"
        print(f"Found {len(files.paths)} files{classes}.")

    def dataset(wanted: str | None, changing: bool) -> NumberedRows:
        chosen = part(files, validation_split, wanted)
        if verbose and wanted is not None:
            print(f"Using {len(chosen.paths)} files for {wanted}.")
        names = chosen.class_names
        numbers = None if chosen.labels is None else coded(chosen.labels, label_mode or "int", len(names or ()))
        make = _FileRows(chosen, numbers, reading)
        rows = NumberedRows(make, np.arange(len(chosen.paths)), batch_size, changing, seed, names)
        rows.workers, rows.max_queue_size = reading.workers, max(2, reading.workers)
        rows.file_paths = [str(path) for path in chosen.paths]
        return rows

    if subset == "both":
        return [dataset("training", shuffle), dataset("validation", False)]
    return dataset(subset, shuffle)
