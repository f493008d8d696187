"""The data of a FeatureSpace: columns by their names, as arrays, in batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import jax
import numpy as np

from ranvier._errors import InvalidArgument, WrongType

__all__ = ["batches", "column", "elements", "not_columns"]

_ROWS = 32
"""How many single rows are shown to a layer at once, which decides what a Discretization finds."""


def not_columns(place: str, received: Any) -> WrongType:
    """Return the error for data that is no dict of columns."""
    return WrongType(
        "A FeatureSpace takes columns by their names.",
        code="feature-space-data",
        place=place,
        expected="a dict of columns",
        received=type(received).__name__,
        fix="drop the targets first: dataset.map(lambda x, y: x)",
    )


def column(value: Any) -> Any:
    """Return a column as an array; arrays of the device and of a trace stay as they are."""
    value = value.to_numpy() if hasattr(value, "to_numpy") else value
    value = value if isinstance(value, (np.ndarray, jax.Array)) else np.asarray(value)
    return value.astype(object) if isinstance(value, np.ndarray) and value.dtype.kind in "US" else value


def elements(dataset: Any, names: list[str]) -> dict[str, Any]:
    """Return each column as what a data set of it yields one after the other."""
    if isinstance(dataset, Mapping):
        return {name: np.asarray(_named(dataset, name)) for name in names}
    if not hasattr(dataset, "__iter__") and not hasattr(dataset, "__getitem__"):
        raise not_columns("FeatureSpace.adapt", dataset)
    found: dict[str, list[Any]] = {name: [] for name in names}
    for element in dataset:
        for name in names:
            found[name].append(np.asarray(_named(element, name)))
    return found


def _named(element: Any, name: str) -> Any:
    if not isinstance(element, Mapping):
        raise not_columns("FeatureSpace.adapt", element)
    if name not in element:
        raise InvalidArgument(
            f"The data has no column {name!r}.",
            code="feature-missing",
            place="FeatureSpace.adapt",
            expected=f"a column {name!r}",
            received=", ".join(map(repr, element)),
        )
    return element[name]


def batches(found: Any) -> Iterator[np.ndarray]:
    """Yield arrays `[row, value]` of what `elements` gives for a column; single values in groups."""
    if len(found) and np.ndim(found[0]) == 0:
        for begin in range(0, len(found), _ROWS):
            yield np.asarray(found[begin : begin + _ROWS])[:, None]
        return
    for element in found:
        yield element[:, None] if element.ndim == 1 else element
