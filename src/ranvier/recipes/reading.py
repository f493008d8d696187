"""Rows for a finished run: the test part of a named data set, or a .csv, .npz or .npy file with the same columns."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ranvier._errors import DataError, FileRefused, InvalidArgument
from ranvier.data.datasets import NAMES, infos, load
from ranvier.recipes.columns import from_csv
from ranvier.recipes.schema import Schema
from ranvier.recipes.subject import of_dataset, refuse_text, schema_of

__all__ = ["Rows", "read_rows"]


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows to predict or to measure.

    Args:
        name: where they came from.
        x: `[row, ...]` raw inputs, in the shape that the model takes.
        y: `[row]` targets; None where they were not asked for.
    """

    name: str
    x: npt.NDArray[Any]
    y: npt.NDArray[Any] | None


def read_rows(source: str, schema: Schema, targets: bool) -> Rows:
    """Read rows and, where `targets` says so, what is true of them.

    Args:
        source: name of a data set, or path of a file.
        schema: what a row of the run holds.
        targets: whether targets are needed.

    Raises:
        InvalidArgument: there is no such file or data set.
        DataError: columns are missing or too many, or a value cannot be used.
        FileRefused: the file is damaged or holds objects.
    """
    if source in NAMES and not Path(source).exists():
        return _named(source, schema, targets)
    path = Path(source)
    readers = {".csv": from_csv, ".npz": _from_npz, ".npy": _from_npy}
    if not path.is_file() or path.suffix.lower() not in readers:
        missing = not path.exists()
        raise InvalidArgument(
            f"There is no file or data set {source!r}."
            if missing
            else f"{source or '(nothing)'} is no file that can be read.",
            code="data-source",
            expected=f"a .csv, .npz or .npy file, or one of {', '.join(NAMES)}",
            received="" if missing else "a folder" if path.is_dir() else f"ending {path.suffix!r}",
        )
    x, y = readers[path.suffix.lower()](path, schema, targets)
    if not len(x):
        raise DataError("The file has no rows.", code="data-empty", place=str(path))
    _require_finite(x, schema, path)
    return Rows(path.name, x.reshape(len(x), *schema.shape), y)


def _named(name: str, schema: Schema, targets: bool) -> Rows:
    """Return the held-out part of a data set that has the same rows."""
    known = infos()
    refuse_text(known[name], tuple(known.values()))
    given = schema_of(known[name])  # known before anything is read or downloaded
    for what, own, other in (
        ("columns", schema.columns, given.columns),
        ("targets", schema.class_names or schema.target, given.class_names or given.target),
    ):
        if own != other and not (what == "targets" and not targets):
            raise DataError(
                f"{name!r} has other {what} than the run.",
                code=f"data-{what}",
                expected=_brief(own),
                received=_brief(other),
            )
    subject = of_dataset(load(name))
    return Rows(f"{name} (test rows)", subject.x_test, subject.y_test if targets else None)


def _brief(names: tuple[str, ...] | str) -> str:
    return names if isinstance(names, str) else f"{len(names)}: {', '.join(names[:4])}{', …' if len(names) > 4 else ''}"


def _from_npy(path: Path, schema: Schema, targets: bool) -> tuple[npt.NDArray[Any], npt.NDArray[Any] | None]:
    """Read one array of rows, as they are or flattened; the target is one column more, the last."""
    array = _arrays(path)
    if isinstance(array, dict):
        raise DataError(f"{path.name} is an npz archive.", code="data-format", fix="name it .npz")
    return _rows_of(array, schema, targets, path)


def _from_npz(path: Path, schema: Schema, targets: bool) -> tuple[npt.NDArray[Any], npt.NDArray[Any] | None]:
    """Read `x` and `y`, or `x_test` and `y_test`, or the only array."""
    arrays = _arrays(path)
    if not isinstance(arrays, dict):
        raise DataError(f"{path.name} is a single npy array.", code="data-format", fix="name it .npy")
    for x, y in (("x", "y"), ("x_test", "y_test")):
        if x in arrays:
            if targets and y not in arrays:
                raise DataError(f"{path.name} lacks the array {y!r}, the targets.", code="data-column-missing")
            rows, _ = _rows_of(arrays[x], schema, False, path)
            return rows, _targets(arrays[y], schema, len(rows), path) if targets else None
    if len(arrays) == 1:
        return _rows_of(next(iter(arrays.values())), schema, targets, path)
    raise DataError(
        f"{path.name} lacks the array 'x'.",
        code="data-column-missing",
        expected="arrays x and y, or x_test and y_test, or a single array",
        received=", ".join(sorted(arrays)),
    )


def _arrays(path: Path) -> Any:
    """Return an array, or a dict of arrays, without unpickling anything."""
    try:
        found = np.load(path, allow_pickle=False)
        if isinstance(found, np.ndarray):
            return found
        with found:
            return {name: found[name] for name in found.files}
    except Exception as error:
        if isinstance(error, PermissionError):
            raise
        raise FileRefused(
            f"{path.name} could not be read as NumPy's format.",
            code="data-damaged",
            place=str(path),
            expected="arrays of numbers",
            received=f"{type(error).__name__}: {error}".splitlines()[0],
        ) from error


def _rows_of(
    array: npt.NDArray[Any], schema: Schema, targets: bool, path: Path
) -> tuple[npt.NDArray[Any], npt.NDArray[Any] | None]:
    """Divide an array into inputs and targets by its shape."""
    if array.dtype.kind not in "buif":
        raise DataError("The rows are not numbers.", code="data-type", place=str(path), received=array.dtype)
    if array.shape[1:] == schema.shape and array.ndim > 1 and not targets:
        return array, None
    if array.ndim == 2 and array.shape[1] == schema.size + 1:
        y = _targets(array[:, -1], schema, len(array), path) if targets else None
        return array[:, :-1], y
    if array.ndim == 2 and array.shape[1] == schema.size and not targets:
        return array, None
    sizes = dict.fromkeys((", ".join(map(str, schema.shape)), str(schema.size)))
    column = " and a last column with the target" if targets else ""
    raise DataError(
        "The rows have another shape than the run's.",
        code="data-shape",
        place=str(path),
        expected=" or ".join(f"(rows, {size})" for size in sizes) + column,
        received=array.shape,
    )


def _targets(y: npt.NDArray[Any], schema: Schema, rows: int, path: Path) -> npt.NDArray[Any]:
    """Return targets as class numbers or amounts."""
    y = y.reshape(-1)
    if len(y) != rows:
        raise DataError(f"{len(y)} targets for {rows} rows.", code="data-shape", place=str(path))
    return schema.encode(y, str(path))


def _require_finite(x: npt.NDArray[Any], schema: Schema, path: Path) -> None:
    """Raise for the first missing or infinite value."""
    flat = x.reshape(len(x), -1)
    bad = ~np.isfinite(flat)
    if bad.any():
        row, column = (int(number) for number in np.argwhere(bad)[0])
        raise DataError(
            f"Column {schema.columns[column]!r} is missing or infinite in row {row}.",
            code="data-not-finite",
            place=str(path),
            received=f"{int(bad.any(axis=1).sum())} such rows",
            fix="fill or drop those rows",
        )
