"""`DataFrameIterator`: image files that a table names, with their labels."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from ranvier._errors import DataError
from ranvier.compat.old_image_folders import FileIterator
from ranvier.compat.old_image_iterators import wrong

__all__ = ["DataFrameIterator"]

_MODES = ("binary", "categorical", "input", "multi_output", "raw", "sparse", None)
_NAMED = ("binary", "categorical", "sparse")


class DataFrameIterator(FileIterator):
    """Batches of the images that a table names.

    Args:
        dataframe: a table of pandas or polars, or a dict of columns.
        directory: what file names are relative to; None where they are whole paths.
        image_data_generator: changes the images; None leaves them.
        x_col: column of the file names.
        y_col: column of the labels; a list of columns with `"multi_output"`, or with `"raw"`.
        weight_col: column of the sample weights.
        classes: the labels that count, in the order of their numbers; all, sorted, when None. Files of others are
            left out.
        class_mode: `"categorical"`, `"binary"`, `"sparse"`: labels are names; `"raw"`, `"multi_output"`: they are
            numbers; `"input"`: the images themselves; or None.
        target_size, color_mode, batch_size, shuffle, seed, data_format, save_to_dir, save_prefix, save_format, subset,
        interpolation, keep_aspect_ratio, dtype: as in `DirectoryIterator`; validation has the table's first files.
        validate_filenames: leave out names of files that do not exist or are no images, with a warning.

    Raises:
        DataError: a column that is missing, or holds values of a wrong kind.
        InvalidArgument: another class mode, colour mode or subset.
    """

    def __init__(
        self,
        dataframe: Any,
        directory: Any = None,
        image_data_generator: Any = None,
        x_col: str = "filename",
        y_col: Any = "class",
        weight_col: str | None = None,
        target_size: Any = (256, 256),
        color_mode: str = "rgb",
        classes: Sequence[str] | None = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        data_format: str | None = "channels_last",
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        subset: str | None = None,
        interpolation: str = "nearest",
        keep_aspect_ratio: bool = False,
        dtype: Any = "float32",
        validate_filenames: bool = True,
    ) -> None:
        if class_mode not in _MODES:
            raise wrong("class_mode", ", ".join(map(repr, _MODES)), class_mode)
        if class_mode == "multi_output" and not isinstance(y_col, list):
            raise wrong("y_col", "a list of columns with class_mode='multi_output'", y_col)
        saved, resizing = (save_to_dir, save_prefix, save_format), (interpolation, keep_aspect_ratio, dtype)
        given = (image_data_generator, target_size, color_mode, data_format)
        share = self.set_processing(*given, saved, subset, *resizing)
        self.directory, self.class_mode = directory or "", class_mode
        names = _column(dataframe, x_col)
        rows = self._existing(names, x_col) if validate_filenames else list(range(len(names)))
        labels = _column(dataframe, y_col) if class_mode in _NAMED else []
        if class_mode in _NAMED:
            labels, rows = self._numbered(labels, rows, classes)
        if share is not None:
            rows = rows[int(share[0] * len(rows)) : int(share[1] * len(rows))]
        self.filenames = [names[row] for row in rows]
        self.filepaths = [os.path.join(self.directory, name) for name in self.filenames]
        self.samples = len(rows)
        if class_mode in _NAMED:
            self.classes = self.labels = [labels[row] for row in rows]
        elif class_mode in ("raw", "multi_output"):
            self.labels = _values(dataframe, y_col, rows, class_mode == "multi_output")
        if weight_col:
            self.sample_weight = np.asarray(_column(dataframe, weight_col))[rows]
        known = "validated" if validate_filenames else "non-validated"
        of = f" belonging to {len(self.class_indices)} classes" if class_mode in _NAMED else ""
        print(f"Found {self.samples} {known} image filenames{of}.")
        super().__init__(self.samples, batch_size, shuffle, seed)

    def _existing(self, names: list[Any], column: str) -> list[int]:
        """Return the rows whose files exist."""
        if not all(isinstance(name, str) for name in names):
            raise _data(column, "names of files", next(repr(name) for name in names if not isinstance(name, str)))
        paths = [os.path.join(self.directory, name) for name in names]
        rows = [
            row
            for row, path in enumerate(paths)
            if path.lower().endswith(self.white_list_formats) and os.path.isfile(path)
        ]
        if len(rows) < len(names):
            missing = len(names) - len(rows)
            warnings.warn(f"{missing} names in column {column!r} are no image files and are left out.", stacklevel=4)
        return rows

    def _numbered(self, labels: list[Any], rows: list[int], classes: Any) -> tuple[list[Any], list[int]]:
        """Return class numbers for names, and the rows that have one."""
        many = self.class_mode == "categorical"
        for label in labels:
            if not isinstance(label, (str, list, tuple) if many else str):
                raise _data("y_col", "names of classes" + (", or lists of them" if many else ""), repr(label))
        sets = [[label] if isinstance(label, str) else list(label) for label in labels]
        names = list(dict.fromkeys(classes)) if classes else sorted({name for row in rows for name in sets[row]})
        if self.class_mode == "binary" and len(names) != 2:
            raise _data("y_col", "two classes with class_mode='binary'", names)
        self.class_indices = {name: number for number, name in enumerate(names)}
        numbers = [[self.class_indices[name] for name in one if name in self.class_indices] for one in sets]
        kept = [row for row in rows if numbers[row]]
        found = [one[0] if isinstance(label, str) and one else one for one, label in zip(numbers, labels, strict=True)]
        return found, kept


def _values(table: Any, columns: Any, rows: list[int], apart: bool) -> Any:
    """Return the numbers of one column `[row]`, of several `[row, column]`, or several apart."""
    if not isinstance(columns, list):
        return np.asarray(_column(table, columns))[rows]
    found = [np.asarray(_column(table, one))[rows] for one in columns]
    return found if apart else np.stack(found, axis=1)


def _column(table: Any, name: Any) -> list[Any]:
    """Return a column as a list."""
    try:
        column = table[name]
    except Exception as error:  # pandas, polars and dicts each have their own
        raise _data(name, "a column of the table", "none") from error
    found: list[Any] = column.tolist() if hasattr(column, "tolist") else list(column)
    return found


def _data(column: Any, expected: str, received: Any) -> DataError:
    return DataError(
        f"The column {column!r} does not fit.",
        code="image-table",
        place="ImageDataGenerator.flow_from_dataframe",
        expected=expected,
        received=received,
    )
