"""non-finite-data: NaN or infinity in the data, and columns that never change."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from ranvier.doctor.finding import Finding
from ranvier.doctor.rows import NAMED, chunks, listed
from ranvier.doctor.subject import Subject

__all__ = ["CODE", "CONSTANT_ROWS", "CONSTANT_SHARE", "findings"]

CODE = "non-finite-data"
CONSTANT_SHARE = 0.5
"""Share of constant columns above which they are reported. Source: DOCTOR.md, section 3."""
CONSTANT_ROWS = 100
"""Fewest rows on which a column may be called constant: sparse columns look constant in few."""


def findings(subject: Subject) -> list[Finding]:
    """Return one finding per array that holds NaN or infinity, and one per table whose columns are mostly constant."""
    found = []
    for place, array in subject.arrays.items():
        if jnp.issubdtype(array.dtype, jnp.floating):
            bad = _Bad(array)
            if bad.count:
                found.append(_non_finite(place, array, bad, subject))
        constant = _constant_columns(array) if place.startswith("x") and subject.whole else []
        if constant and not subject.has_layer("Embedding"):
            found.append(_constant(place, array, constant))
    return found


class _Bad:
    """The non-finite values of an array: how many, and where the first ones and the worst columns are."""

    def __init__(self, array: Any) -> None:
        self.nan = self.count = self.rows = 0
        self.first: list[tuple[int, ...]] = []
        self.columns: dict[int, int] = {}
        for start, chunk in chunks(array):
            with np.errstate(all="ignore"):
                total = np.sum(chunk, dtype=np.float64 if chunk.itemsize > 4 else np.float32)
            if not np.isfinite(total):
                self._look(start, chunk.astype(np.float64))

    def _look(self, start: int, chunk: np.ndarray) -> None:
        bad = ~np.isfinite(chunk)
        self.count += int(bad.sum())
        self.nan += int(np.isnan(chunk).sum())
        self.rows += int(bad.reshape(len(bad), -1).any(axis=1).sum())
        where = np.argwhere(bad)
        room = NAMED - len(self.first)
        self.first += [(start + int(row), *map(int, rest)) for row, *rest in where[: max(0, room)]]
        if chunk.ndim == 2:
            for column, count in zip(*np.unique(where[:, 1], return_counts=True), strict=True):
                self.columns[int(column)] = self.columns.get(int(column), 0) + int(count)


def _non_finite(place: str, array: Any, bad: _Bad, subject: Subject) -> Finding:
    evidence = [
        f"{bad.nan} NaN and {bad.count - bad.nan} infinite values in {bad.rows} of {array.shape[0]} rows",
        f"first at {listed('row ' + str(row) + _index(rest) for row, *rest in bad.first)}",
    ]
    worst = sorted(bad.columns, key=lambda column: -bad.columns[column])
    if worst:
        evidence.append(f"columns: {listed(f'{column} ({bad.columns[column]} values)' for column in worst)}")
    where = f"{place}, column {worst[0]}" if len(worst) == 1 else place
    deliberate = _deliberate(place, subject)
    return Finding(
        CODE,
        "advice" if deliberate else "error",
        f"{place} holds NaN or infinity.",
        where,
        tuple(evidence),
        f"If {deliberate} takes them out on purpose, nothing; else fill or drop these values."
        if deliberate
        else "Fill these values (with the column's mean, say) or drop the rows; a division or log while preparing the "
        "data often makes them.",
    )


def _index(rest: list[int]) -> str:
    return f" column {rest[0]}" if len(rest) == 1 else f" index {tuple(rest)}" if rest else ""


def _deliberate(place: str, subject: Subject) -> str:
    """Return what may take NaN out on purpose: a masking layer for x, a loss of the user's own for y."""
    if place.startswith("x"):
        return "the Masking layer" if subject.has_layer("Masking") else ""
    known = [output for output in subject.outputs if output.place == place]
    own = not known or any(output.family == "unknown" for output in known)
    return "your own loss" if own else ""


def _constant_columns(array: Any) -> list[int]:
    """Return the constant columns of a table, when they are more than `CONSTANT_SHARE` of its columns."""
    if array.ndim != 2 or array.shape[0] < CONSTANT_ROWS or array.shape[1] < 2:
        return []
    columns = np.arange(array.shape[1])
    first: np.ndarray | None = None
    for _, chunk in chunks(array):
        # A look at a few rows settles nearly every healthy table.
        for part in (chunk[:CONSTANT_ROWS], chunk[CONSTANT_ROWS:]):
            if not len(part):
                continue
            first = part[0] if first is None else first
            columns = columns[(part[:, columns] == first[columns]).all(axis=0)]
            if len(columns) <= CONSTANT_SHARE * array.shape[1]:
                return []
    return [int(column) for column in columns]


def _constant(place: str, array: Any, columns: list[int]) -> Finding:
    return Finding(
        CODE,
        "warning",
        f"Most columns of {place} never change.",
        f"{place}, {len(columns)} columns",
        (f"{len(columns)} of {array.shape[1]} columns hold one value in all rows", f"columns {listed(columns)}"),
        "Remove these columns, or look at the step that made them constant: they tell the model nothing.",
    )
