"""Losses between distributions and counts: Kullback-Leibler divergence and the Poisson likelihood."""

from __future__ import annotations

from typing import final

import jax.numpy as jnp

from ranvier import _config
from ranvier._typing import Array, ArrayLike
from ranvier.losses.base import FixedLoss
from ranvier.losses.shapes import align
from ranvier.state.symbolic import op

__all__ = ["KLDivergence", "Poisson", "kl_divergence", "poisson"]


@op
def kl_divergence(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """Sum over the last axis of `y_true · log(y_true / y_pred)`, both held within [epsilon, 1].

    Args:
        y_true: probabilities, `(batch, ..., classes)`.
        y_pred: probabilities, `(batch, ..., classes)`.

    Example:
        >>> round(float(kl_divergence([[0.5, 0.5]], [[0.25, 0.75]])[0]), 4)  # log(4/3) / 2
        0.1438

    Source: Kullback and Leibler, "On information and sufficiency", 1951.
    """
    y_true, y_pred = align(y_true, y_pred)
    y_true, y_pred = (jnp.clip(p, _config.epsilon(), 1) for p in (y_true, y_pred))
    return jnp.sum(y_true * jnp.log(y_true / y_pred), axis=-1)


@op
def poisson(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """Mean over the last axis of `y_pred - y_true · log(y_pred + epsilon)`: Poisson's negative log-likelihood.

    Args:
        y_true: counts, `(batch, ..., units)`.
        y_pred: expected counts, `(batch, ..., units)`.

    Numerics:
        The term `log(y_true!)`, which no weight changes, is left out.

    Example:
        >>> round(float(poisson([[2.0]], [[1.0]])[0]), 4)
        1.0
    """
    y_true, y_pred = align(y_true, y_pred)
    return jnp.mean(y_pred - y_true * jnp.log(y_pred + jnp.asarray(_config.epsilon(), y_pred.dtype)), axis=-1)


@final
class KLDivergence(FixedLoss):
    """`y_true · log(y_true / y_pred)`, see `kl_divergence`.

    Example:
        >>> round(float(KLDivergence()([[0.5, 0.5]], [[0.25, 0.75]])), 4)
        0.1438
    """

    function = staticmethod(kl_divergence)


@final
class Poisson(FixedLoss):
    """`y_pred - y_true · log(y_pred)`, see `poisson`.

    Example:
        >>> round(float(Poisson()([[2.0]], [[1.0]])), 4)
        1.0
    """

    function = staticmethod(poisson)
