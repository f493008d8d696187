"""Bounds on gradients: each array's norm, each element, or the norm of all arrays together.

Source: Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks", 2013.
"""

from __future__ import annotations

import functools
import operator

import jax.numpy as jnp

from ranvier._typing import Array
from ranvier.optimizers.stages import Tree

__all__ = ["by_global_norm", "by_norm", "by_value", "global_norm"]


def by_norm(grads: Tree, limit: Array) -> Tree:
    """Scale each gradient so that its norm is at most `limit`: `g * limit / max(|g|, limit)`."""
    return {path: g * _factor(jnp.sqrt(jnp.sum(jnp.square(g))), limit) for path, g in grads.items()}


def by_value(grads: Tree, limit: Array) -> Tree:
    """Clip each element to `[-limit, limit]`."""
    return {path: jnp.clip(g, -limit.astype(g.dtype), limit.astype(g.dtype)) for path, g in grads.items()}


def by_global_norm(grads: Tree, limit: Array) -> Tree:
    """Scale all gradients by one factor so that the norm over all of them is at most `limit`.

    A norm that is not finite makes every gradient NaN, so that it cannot pass unseen.
    """
    norm = global_norm(grads)
    factor = _factor(norm, limit) + (norm - norm)
    return {path: g * factor.astype(g.dtype) for path, g in grads.items()}


def global_norm(grads: Tree) -> Array:
    """Return the Euclidean norm over all elements of all arrays."""
    return jnp.sqrt(functools.reduce(operator.add, (jnp.sum(jnp.square(g)) for g in grads.values())))


def _factor(norm: Array, limit: Array) -> Array:
    bound = limit.astype(norm.dtype)
    return bound / jnp.maximum(norm, bound)
