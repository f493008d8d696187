"""Margin losses: the outputs are scores, and a right one earns nothing beyond its margin.

Source: Crammer and Singer, "On the algorithmic implementation of multiclass kernel-based vector machines", 2001.
"""

from __future__ import annotations

from typing import final

import jax.numpy as jnp

from ranvier._typing import Array, ArrayLike
from ranvier.losses.base import FixedLoss
from ranvier.losses.shapes import align
from ranvier.state.symbolic import op

__all__ = ["CategoricalHinge", "Hinge", "SquaredHinge", "categorical_hinge", "hinge", "squared_hinge"]


def _shortfall(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """Return `max(1 - y_true · y_pred, 0)`; targets that are all 0 or 1 are taken as -1 and 1."""
    y_true, y_pred = align(y_true, y_pred)
    binary = jnp.all((y_true == 0) | (y_true == 1))
    signs = jnp.where(binary, 2 * y_true - 1, y_true)
    return jnp.maximum(1 - signs * y_pred, 0)


@op
def hinge(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """Mean over the last axis of `max(1 - y_true · y_pred, 0)`.

    Args:
        y_true: -1 or 1 (or 0 or 1), `(batch, ..., units)`.
        y_pred: scores, `(batch, ..., units)`.

    Example:
        >>> hinge([[-1.0, 1.0]], [[0.5, 2.0]]).tolist()  # (1.5 + 0) / 2
        [0.75]
    """
    return jnp.mean(_shortfall(y_true, y_pred), axis=-1)


@op
def squared_hinge(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """Mean over the last axis of `max(1 - y_true · y_pred, 0)²`.

    Args:
        y_true: -1 or 1 (or 0 or 1), `(batch, ..., units)`.
        y_pred: scores, `(batch, ..., units)`.

    Example:
        >>> squared_hinge([[-1.0, 1.0]], [[0.5, 2.0]]).tolist()  # (2.25 + 0) / 2
        [1.125]
    """
    return jnp.mean(jnp.square(_shortfall(y_true, y_pred)), axis=-1)


@op
def categorical_hinge(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """`max(wrong - right + 1, 0)`: the best wrong class's score must stay 1 below the right one's.

    Args:
        y_true: one-hot, `(batch, ..., classes)`.
        y_pred: scores, `(batch, ..., classes)`.

    Example:
        >>> categorical_hinge([[0.0, 1.0]], [[0.5, 1.0]]).tolist()
        [0.5]
    """
    y_true, y_pred = align(y_true, y_pred)
    right = jnp.sum(y_true * y_pred, axis=-1)
    wrong = jnp.max((1 - y_true) * y_pred, axis=-1)
    return jnp.maximum(wrong - right + 1, 0)


@final
class Hinge(FixedLoss):
    """`max(1 - y_true · y_pred, 0)`, see `hinge`.

    Example:
        >>> float(Hinge()([[-1.0, 1.0]], [[0.5, 2.0]]))
        0.75
    """

    function = staticmethod(hinge)


@final
class SquaredHinge(FixedLoss):
    """`max(1 - y_true · y_pred, 0)²`, see `squared_hinge`.

    Example:
        >>> float(SquaredHinge()([[-1.0, 1.0]], [[0.5, 2.0]]))
        1.125
    """

    function = staticmethod(squared_hinge)


@final
class CategoricalHinge(FixedLoss):
    """`max(wrong - right + 1, 0)`, see `categorical_hinge`.

    Example:
        >>> float(CategoricalHinge()([[0.0, 1.0]], [[0.5, 1.0]]))
        0.5
    """

    function = staticmethod(categorical_hinge)
