"""Constraints: projections of weights after each update, by Keras's names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ranvier import _lookup
from ranvier.constraints.base import Constraint, MaxNorm, MinMaxNorm, NonNeg, UnitNorm

max_norm, min_max_norm, non_neg, unit_norm = MaxNorm, MinMaxNorm, NonNeg, UnitNorm

__all__ = [
    "Constraint",
    "MaxNorm",
    "MinMaxNorm",
    "NonNeg",
    "UnitNorm",
    "deserialize",
    "get",
    "max_norm",
    "min_max_norm",
    "non_neg",
    "serialize",
    "unit_norm",
]

_TABLE = {name: globals()[name] for name in __all__ if isinstance(globals().get(name), type) and name[0].isupper()}


def get(identifier: Any) -> Any:
    """Return a constraint for a name, a configuration, a class, or the callable itself; None stays None."""
    return _lookup.get(identifier, "constraint", _TABLE)


def serialize(constraint: Any) -> dict[str, Any]:
    """Return a constraint's configuration in Keras's form."""
    return _lookup.identify(constraint)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return a constraint for a configuration or a name."""
    return _lookup.get(config, "constraint", _TABLE, None, custom_objects)
