"""Reading a .csv file whose columns are those of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from ranvier._errors import DataError
from ranvier.recipes.schema import Schema

__all__ = ["from_csv"]


def from_csv(path: Path, schema: Schema, targets: bool) -> tuple[npt.NDArray[Any], npt.NDArray[Any] | None]:
    """Return `[row, column]` inputs in the run's order of columns, and the targets where they are wanted.

    Columns are found by the names in the first line, in any order. The target is the run's target column or, where that
    name does not occur, the last column if it is the only one without a name of the run. A file whose first line holds
    numbers has no names: its columns are taken by position, the target last.

    Raises:
        DataError: a column is missing or one too many, or a cell is no number.
    """
    frame = _frame(path, schema)
    missing = [name for name in schema.columns if name not in frame.columns]
    if missing:
        raise DataError(
            f"{path.name} lacks the column {_listed(missing)}.",
            code="data-column-missing",
            expected=_listed(list(schema.columns)),
            received=_listed(frame.columns),
        )
    others = [name for name in frame.columns if name not in schema.columns]
    target = schema.target_column
    if target not in others and len(others) == 1 and frame.columns[-1] == others[0]:
        target = others[0]
    extra = [name for name in others if name != target]
    if extra:
        raise DataError(
            f"{path.name} has the column {_listed(extra)}, which the run does not know.",
            code="data-column-extra",
            expected=_listed([*schema.columns, schema.target_column]),
            fix="remove it",
        )
    if targets and target not in frame.columns:
        raise DataError(f"{path.name} lacks the column {target!r}, the target.", code="data-column-missing")
    x = np.stack([_numbers(frame[name], path) for name in schema.columns], axis=1)
    return x, schema.encode(frame[target].to_numpy(), f"{path}, column {target!r}") if targets else None


def _frame(path: Path, schema: Schema) -> pl.DataFrame:
    """Return all cells as text, under the names of their columns."""
    try:
        frame = pl.read_csv(path, has_header=False, infer_schema=False)
    except pl.exceptions.NoDataError as error:
        raise DataError("The file is empty.", code="data-empty", place=str(path)) from error
    except pl.exceptions.PolarsError as error:
        raise DataError(
            f"{path.name} could not be read as a table.",
            code="data-table",
            place=str(path),
            received=str(error).splitlines()[0],
        ) from error
    filled = (~frame.select(pl.all_horizontal(pl.all().fill_null("").str.strip_chars() == "")).to_series()).arg_true()
    frame = frame.head(int(filled[-1]) + 1 if len(filled) else 0)  # editors leave blank lines at the end
    if frame.is_empty():
        raise DataError("The file is empty.", code="data-empty", place=str(path))
    first = [(cell or "").strip() for cell in frame.row(0)]
    if all(_is_number(cell) for cell in first):
        names = [*schema.columns, schema.target_column]
        if len(first) not in (schema.size, schema.size + 1):
            raise DataError(
                f"{path.name} has {len(first)} columns without names.",
                code="data-column-missing" if len(first) < schema.size else "data-column-extra",
                expected=f"{schema.size} columns, and the target last",
                received=len(first),
            )
        return frame.rename(dict(zip(frame.columns, names, strict=False)))
    if len(set(first)) < len(first):
        twice = next(name for name in first if first.count(name) > 1)
        raise DataError(f"{path.name} has the column {twice!r} twice.", code="data-column-twice")
    return frame.rename(dict(zip(frame.columns, first, strict=True))).slice(1)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _numbers(column: pl.Series, path: Path) -> npt.NDArray[np.float32]:
    """Return a column as numbers."""
    values = column.str.strip_chars().cast(pl.Float64, strict=False)
    bad = values.is_null()
    if bad.any():
        row = int(bad.arg_max() or 0)
        cell = repr(column[row]) if column[row] else "an empty cell"
        raise DataError(
            f"{path.name}, column {column.name!r}, row {row}: {cell} is no number.",
            code="data-cell",
            expected="a number in every cell",
            fix="fill or drop that row",
        )
    numbers = values.to_numpy()
    large = np.abs(numbers) > np.finfo(np.float32).max
    if (large & np.isfinite(numbers)).any():
        row = int(large.argmax())
        raise DataError(
            f"{path.name}, column {column.name!r}, row {row}: {column[row]} is too large for a float32.",
            code="data-cell",
            expected=f"numbers up to {np.finfo(np.float32).max:.2g}",
        )
    return numbers.astype(np.float32)


def _listed(names: list[str]) -> str:
    return ", ".join(map(repr, names[:6])) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
