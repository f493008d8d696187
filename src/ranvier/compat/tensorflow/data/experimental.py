"""`tf.data.experimental`: numbers with a meaning, and what scripts still write with this word."""

from __future__ import annotations

from typing import Any

__all__ = ["AUTOTUNE", "INFINITE_CARDINALITY", "UNKNOWN_CARDINALITY", "cardinality"]

AUTOTUNE = -1
INFINITE_CARDINALITY = -1
UNKNOWN_CARDINALITY = -2


def cardinality(dataset: Any) -> Any:
    """Return the number of elements, or one of the two constants."""
    return dataset.cardinality()
