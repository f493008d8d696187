"""Files of a folder whose subfolders are classes, in Keras's order, shuffled and divided as Keras does."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ranvier._errors import DataError, InvalidArgument

__all__ = ["LabelledFiles", "check_labels", "coded", "files_below", "labelled_files", "part"]


class LabelledFiles(NamedTuple):
    """Paths, the class number of each, and the classes' names; None for both where there are no labels."""

    paths: list[Path]
    labels: np.ndarray | None
    class_names: list[str] | None


def _wrong(name: str, expected: str, received: Any) -> InvalidArgument:
    return InvalidArgument(
        f"{name} does not fit.", code="folder-argument", place=f"{name}=", expected=expected, received=repr(received)
    )


def check_labels(
    labels: Any, label_mode: Any, class_names: Any, split: Any, subset: Any, shuffle: bool, seed: Any
) -> None:
    """Raise for arguments of a data set from a folder that do not fit each other."""
    if labels not in ("inferred", None) and not isinstance(labels, (list, tuple)):
        raise _wrong("labels", "'inferred', None, or a list with a number per file", labels)
    if label_mode not in ("int", "categorical", "binary", None):
        raise _wrong("label_mode", "'int', 'categorical', 'binary' or None", label_mode)
    if class_names and labels != "inferred":
        raise _wrong("class_names", "None, unless labels='inferred'", class_names)
    if split is not None and not 0 < split < 1:
        raise _wrong("validation_split", "None, or a number between 0 and 1", split)
    if (split is None) != (subset is None) or subset not in ("training", "validation", "both", None):
        raise _wrong("subset", "'training', 'validation' or 'both' with a validation_split, else None", subset)
    if split is not None and shuffle and seed is None:
        raise _wrong("seed", "a number, so that both subsets come from one order", seed)


def labelled_files(
    directory: Any,
    labels: Any,
    endings: tuple[str, ...],
    class_names: Sequence[str] | None,
    order_seed: int | None,
    follow_links: bool,
) -> LabelledFiles:
    """Return the files below a folder.

    Args:
        directory: the folder.
        labels: `"inferred"`: from the subfolders; None; or a number per file in the order of their paths.
        endings: of names, in lower case.
        class_names: the subfolders that count, in the order of their numbers; all, sorted, when None.
        order_seed: decides the order; None leaves it by class and path.
        follow_links: whether links to folders are followed.

    Raises:
        DataError: there is no such folder, or no file in it.
        InvalidArgument: class names or labels that do not fit it.
    """
    root = Path(directory)
    if not root.is_dir():
        raise DataError("There is no such folder.", code="folder-missing", place=str(directory))
    found = sorted(entry.name for entry in root.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    if labels == "inferred":
        if class_names is not None and not set(class_names) <= set(found):
            raise _wrong("class_names", f"some of the subfolders {found}", class_names)
        names = list(class_names) if class_names is not None else found
        by_class = [files_below(root / name, endings, follow_links) for name in names]
        paths = [path for files in by_class for path in files]
        numbers: np.ndarray | None = np.repeat(
            np.arange(len(names), dtype=np.int32), [len(files) for files in by_class]
        )
    else:
        paths = files_below(root, endings, follow_links)
        numbers = None if labels is None else np.asarray(labels, np.int32)
        names = [] if labels is None else [str(label) for label in sorted(set(labels))]
    if not paths:
        raise DataError(
            "There are no files to read.",
            code="folder-empty",
            place=str(directory),
            expected=f"files that end in {', '.join(endings)}" + (", in a subfolder per class" if names else ""),
            received="none",
        )
    if numbers is not None and len(numbers) != len(paths):
        raise _wrong("labels", f"{len(paths)} numbers, one per file", len(numbers))
    order = np.arange(len(paths))
    if order_seed is not None:
        np.random.RandomState(order_seed).shuffle(order)
    chosen = [paths[number] for number in order]
    return LabelledFiles(chosen, None if numbers is None else numbers[order], None if labels is None else names)


def files_below(folder: Any, endings: tuple[str, ...], follow_links: bool) -> list[Path]:
    """Return the files below a folder whose names have one of some endings, in the order of their paths."""
    walked = sorted(os.walk(folder, followlinks=follow_links), key=lambda entry: entry[0])
    return [Path(place, name) for place, _, names in walked for name in sorted(names) if name.lower().endswith(endings)]


def part(files: LabelledFiles, share: float | None, subset: str | None) -> LabelledFiles:
    """Return the files of a subset: validation has the last `share` of them, training the others.

    Raises:
        DataError: the subset is empty.
    """
    if share is None:
        return files
    held_out = int(share * len(files.paths))
    boundary = len(files.paths) - held_out
    rows = slice(boundary, None) if subset == "validation" else slice(boundary)
    if not files.paths[rows]:
        raise DataError(
            f"validation_split={share} leaves no file for {subset}.",
            code="empty-split",
            place="validation_split",
            expected="a share that leaves a file on both sides",
            received=f"{len(files.paths)} files",
        )
    return LabelledFiles(files.paths[rows], None if files.labels is None else files.labels[rows], files.class_names)


def coded(labels: np.ndarray, mode: str, classes: int) -> np.ndarray:
    """Return class numbers in a label mode: `"int"`, `"binary"` [row, 1], or `"categorical"` [row, class].

    Raises:
        InvalidArgument: `"binary"` with another number of classes than two.
    """
    if mode == "int":
        return labels
    if mode == "binary":
        if classes != 2:
            raise _wrong("label_mode", "'int' or 'categorical', unless there are two classes", mode)
        return labels.astype(np.float32)[:, None]
    vectors: np.ndarray = np.eye(classes, dtype=np.float32)[labels]
    return vectors
