"""Masks that travel with arrays: which steps of a sequence are real.

A running pass remembers which mask belongs to which array. Outside of passes an array with values carries its mask as
`_keras_mask`, as in Keras on JAX, where a person may set it; what is traced carries nothing.
"""

from __future__ import annotations

from typing import Any

import jax
from jax import tree_util

from ranvier.state import scope
from ranvier.state.symbolic import KerasTensor

__all__ = ["attach", "forget", "hand_out", "of"]


def of(tensor: Any) -> Any:
    """Return the mask that belongs to an array, or None."""
    if isinstance(tensor, KerasTensor):
        return getattr(tensor, "mask", None)
    running = scope.active()
    found = None if running is None else running.masks.get(id(tensor))
    if found is not None and found[0] is tensor:
        return found[1]
    return getattr(tensor, "_keras_mask", None) if _has_values(tensor) else None


def forget(*tensors: Any) -> None:
    """Take the masks of arrays away."""
    running = scope.active()
    for tensor in tensors:
        if running is not None:
            running.masks.pop(id(tensor), None)
        if _has_values(tensor) and getattr(tensor, "_keras_mask", None) is not None:
            tensor._keras_mask = None


def attach(tensors: Any, masks: Any) -> None:
    """Give each array its mask; arrays that already have one keep it."""
    running = scope.active()
    leaves = tree_util.tree_leaves(tensors)
    if masks is None:
        return
    flat = list(masks) if isinstance(masks, (list, tuple)) else [masks] * len(leaves)
    for tensor, mask in zip(leaves, flat, strict=False):
        if mask is None or isinstance(tensor, KerasTensor) or of(tensor) is not None:
            continue
        if running is not None:
            running.masks[id(tensor)] = (tensor, mask)
        elif _has_values(tensor):
            tensor._keras_mask = mask


def hand_out(tensors: Any) -> None:
    """Let arrays that leave the running pass carry the masks which they have in it."""
    for tensor in tree_util.tree_leaves(tensors):
        mask = of(tensor)
        if mask is not None and _has_values(tensor):
            tensor._keras_mask = mask


def _has_values(tensor: Any) -> bool:
    return isinstance(tensor, jax.Array) and not isinstance(tensor, jax.core.Tracer)
