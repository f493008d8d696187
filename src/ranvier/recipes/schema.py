"""Schema: what one row holds and what is predicted of it; enough to read new rows for a finished run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import prod
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt

from ranvier._errors import DataError

__all__ = ["Form", "Kind", "Schema"]

Kind: TypeAlias = Literal["classification", "regression"]
Form: TypeAlias = Literal["image", "table"]


@dataclass(frozen=True)
class Schema:
    """The columns of a row and its target.

    Args:
        kind: whether a class or an amount is predicted.
        form: whether a row is a picture or a list of numbers.
        shape: shape of one row's inputs.
        columns: one name per input value, in the order of the flattened row.
        target_column: name of the column that holds the target in a table.
        target: what is predicted, in words, with its unit.
        class_names: one name per class, in the order of the labels; empty for a regression.

    Raises:
        ValueError: the parts do not fit each other.

    Example:
        >>> Schema("regression", "table", (2,), ("age", "height"), "weight", "weight [kg]").size
        2
    """

    kind: Kind
    form: Form
    shape: tuple[int, ...]
    columns: tuple[str, ...]
    target_column: str
    target: str
    class_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind) or self.form not in get_args(Form):
            raise ValueError(f"unknown kind {self.kind!r} or form {self.form!r}")
        if not self.shape or min(self.shape) < 1 or len(set(self.columns)) != self.size:
            raise ValueError(f"{len(set(self.columns))} different columns for rows of shape {self.shape}")
        if bool(self.class_names) != (self.kind == "classification"):
            raise ValueError("class names belong to a classification, and only there")

    @property
    def size(self) -> int:
        """How many numbers one row has."""
        return prod(self.shape)

    @property
    def outputs(self) -> int:
        """How many numbers the network gives per row."""
        return len(self.class_names) or 1

    def encode(self, targets: npt.NDArray[Any], place: str) -> npt.NDArray[Any]:
        """Return targets as class numbers (from names or numbers), or as amounts.

        Raises:
            DataError: a target is no class, or no number.

        Example:
            >>> Schema("classification", "table", (1,), ("x",), "y", "y", ("no", "yes")).encode(np.array(["yes"]), "y")
            array([1])
        """
        texts = [str(target).strip() for target in targets.tolist()]
        if not self.class_names:
            return np.array([self._amount(text, row, place) for row, text in enumerate(texts)])
        names = {name: number for number, name in enumerate(self.class_names)}
        positions = {str(number): number for number in names.values()}
        # NumPy and spreadsheets write the class 3 as 3.0.
        for written in (texts, [text.removesuffix(".0") for text in texts]):
            for table in (names, positions):
                if all(text in table for text in written):
                    return np.array([table[text] for text in written], np.int64)
        row, text = next((row, text) for row, text in enumerate(texts) if text not in names)
        raise DataError(
            f"Row {row} has the target {text!r}, which is no class of the run.",
            code="data-class",
            place=place,
            expected=", ".join(self.class_names[:12]),
        )

    @staticmethod
    def _amount(text: str, row: int, place: str) -> float:
        """Return a finite amount."""
        try:
            amount = float(text)
        except ValueError:
            amount = math.nan
        if not math.isfinite(amount):
            raise DataError(f"Row {row} has the target {text!r}, which is no number.", code="data-cell", place=place)
        return amount

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as JSON-ready data."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Schema:
        """Return the schema that `to_dict` described.

        Raises:
            KeyError, TypeError, ValueError: something is missing or does not fit.
        """
        return cls(
            kind=record["kind"],
            form=record["form"],
            shape=tuple(int(size) for size in record["shape"]),
            columns=tuple(str(name) for name in record["columns"]),
            target_column=str(record["target_column"]),
            target=str(record["target"]),
            class_names=tuple(str(name) for name in record["class_names"]),
        )
