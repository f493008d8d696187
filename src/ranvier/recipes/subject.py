"""Subject: rows to learn from and rows held out, in one form for every kind of source."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from ranvier._errors import DataError, Unsupported
from ranvier.data.datasets import Dataset, DatasetInfo
from ranvier.recipes.schema import Form, Kind, Schema

__all__ = ["TRAINABLE", "Subject", "of_dataset", "refuse_text", "schema_of"]

_KINDS: dict[str, tuple[Kind, Form]] = {
    "image-classification": ("classification", "image"),
    "tabular-classification": ("classification", "table"),
    "regression": ("regression", "table"),
}
TRAINABLE = frozenset(_KINDS)
"""Tasks that there is a recipe for."""


@dataclass(frozen=True, eq=False)
class Subject:
    """What is to be learned, and from which rows.

    Args:
        name: short name of the data.
        schema: what a row holds.
        x_train: `[row, ...]` inputs to learn from.
        y_train: `[row]` class numbers, or amounts.
        x_test: `[row, ...]` inputs held out.
        y_test: `[row]` their targets.
        split: how the held-out rows were chosen, in words.
        source: where the rows came from, in words.
        sha256: hash of the four arrays.
        licence: terms of use.
        citation: author, title, year.
        value_range: smallest and largest input value, where that is known beforehand.

    Raises:
        DataError: rows and targets do not match, or an input is not a finite number.
    """

    name: str
    schema: Schema
    x_train: npt.NDArray[Any]
    y_train: npt.NDArray[Any]
    x_test: npt.NDArray[Any]
    y_test: npt.NDArray[Any]
    split: str
    source: str
    sha256: str
    licence: str = ""
    citation: str = ""
    value_range: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        for part, x, y in (("training", self.x_train, self.y_train), ("test", self.x_test, self.y_test)):
            place = f"{part} rows of {self.name}"
            if x.shape[1:] != self.schema.shape or y.shape != x.shape[:1] or not len(x):
                raise DataError(
                    "Inputs and targets do not fit.",
                    code="data-shape",
                    place=place,
                    expected=f"inputs (rows, {', '.join(map(str, self.schema.shape))}) and targets (rows,)",
                    received=f"{x.shape} and {y.shape}",
                )
            _require_finite(x, self.schema.columns, place)
            _require_finite(y[:, None], (self.schema.target_column,), place)


def _require_finite(x: npt.NDArray[Any], columns: tuple[str, ...], place: str) -> None:
    """Raise for the first column with a missing or infinite value."""
    if x.dtype.kind not in "fc":
        return
    bad = ~np.isfinite(x.reshape(len(x), -1))
    if bad.any():
        column = int(bad.any(axis=0).argmax())
        raise DataError(
            f"Column {columns[column]!r} has values that are missing or infinite.",
            code="data-not-finite",
            place=place,
            expected="a finite number in every cell",
            received=f"{int(bad[:, column].sum())} of {len(x)} rows, first row {int(bad[:, column].argmax())}",
            fix="fill or drop those rows",
        )


def of_dataset(dataset: Dataset) -> Subject:
    """Return a named data set as a Subject.

    Raises:
        Unsupported: the data set is text, for which there is no recipe.
    """
    info = dataset.info
    refuse_text(info, (info,))
    return Subject(
        name=info.name,
        schema=schema_of(info),
        x_train=dataset.x_train,
        y_train=dataset.y_train,
        x_test=dataset.x_test,
        y_test=dataset.y_test,
        split=info.split,
        source=dataset.source,
        sha256=dataset.sha256,
        licence=info.licence,
        citation=info.citation,
        value_range=info.value_range,
    )


def refuse_text(info: DatasetInfo, all_infos: tuple[DatasetInfo, ...]) -> None:
    """Raise for a data set that there is no recipe for, naming those of `all_infos` that there is one for."""
    if info.task in TRAINABLE:
        return
    possible = ", ".join(other.name for other in all_infos if other.task in TRAINABLE)
    raise Unsupported(
        f"{info.name!r} is text, and `train` has recipes for images and tables of numbers only.",
        code="no-recipe",
        expected=f"one of {possible}" if possible else "images or numbers",
        received=info.task,
    )


def schema_of(info: DatasetInfo) -> Schema:
    """Return what a row of a data set of images or numbers holds; columns without names are named by position."""
    kind, form = _KINDS[info.task]
    shape = tuple(int(size or 0) for size in info.shape)
    names = info.feature_names
    if not names:
        stem = "pixel" if form == "image" else "column"
        names = tuple("_".join([stem, *map(str, at)]) for at in product(*map(range, shape)))
    target_column = "label" if kind == "classification" else "target"
    return Schema(kind, form, shape, tuple(names), target_column, info.target, info.class_names)
