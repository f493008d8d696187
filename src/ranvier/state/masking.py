"""Masks that travel with arrays: which steps of a sequence are real.

An array cannot carry an attribute, so the running pass remembers which mask belongs to which array.
"""

from __future__ import annotations

from typing import Any

from jax import tree_util

from ranvier.state import scope
from ranvier.state.symbolic import KerasTensor

__all__ = ["attach", "forget", "of"]


def of(tensor: Any) -> Any:
    """Return the mask that belongs to an array, or None."""
    if isinstance(tensor, KerasTensor):
        return getattr(tensor, "mask", None)
    running = scope.active()
    if running is None:
        return None
    found = running.masks.get(id(tensor))
    return None if found is None or found[0] is not tensor else found[1]


def forget(*tensors: Any) -> None:
    """Take the masks of arrays away."""
    running = scope.active()
    if running is not None:
        for tensor in tensors:
            running.masks.pop(id(tensor), None)


def attach(tensors: Any, masks: Any) -> None:
    """Give each array its mask; arrays that already have one keep it."""
    running = scope.active()
    leaves = tree_util.tree_leaves(tensors)
    if running is None or masks is None:
        return
    flat = list(masks) if isinstance(masks, (list, tuple)) else [masks] * len(leaves)
    for tensor, mask in zip(leaves, flat, strict=False):
        if mask is not None and not isinstance(tensor, KerasTensor) and id(tensor) not in running.masks:
            running.masks[id(tensor)] = (tensor, mask)
