"""Regularizers: penalties added to the loss, by Keras's names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ranvier import _lookup
from ranvier.regularizers.base import L1, L1L2, L2, OrthogonalRegularizer, Regularizer

l1, l2, l1_l2, orthogonal_regularizer = L1, L2, L1L2, OrthogonalRegularizer

__all__ = [
    "L1",
    "L1L2",
    "L2",
    "OrthogonalRegularizer",
    "Regularizer",
    "deserialize",
    "get",
    "l1",
    "l1_l2",
    "l2",
    "orthogonal_regularizer",
    "serialize",
]

_TABLE = {name: globals()[name] for name in __all__ if isinstance(globals().get(name), type) and name[0].isupper()}
_ALIASES = {"l1_l2": "L1L2"}


def get(identifier: Any) -> Any:
    """Return a regularizer for a name, a configuration, a class, or the callable itself; None stays None."""
    return _lookup.get(identifier, "regularizer", _TABLE, _ALIASES)


def serialize(regularizer: Any) -> dict[str, Any]:
    """Return a regularizer's configuration in Keras's form."""
    return _lookup.identify(regularizer)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return a regularizer for a configuration or a name."""
    return _lookup.get(config, "regularizer", _TABLE, _ALIASES, custom_objects)
