"""Scaling by statistics. float16 and bfloat16 are computed in float32 and cast back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from ranvier import _config
from ranvier._errors import InvalidArgument, Unsupported
from ranvier._typing import Array, ArrayLike
from ranvier.ops.core import floating, operand
from ranvier.ops.refusals import no_more
from ranvier.state.symbolic import op

__all__ = ["batch_normalization", "layer_normalization", "moments", "normalize", "rms_normalization"]


@op
def moments(
    x: ArrayLike, axes: int | Sequence[int], keepdims: bool = False, synchronized: bool = False
) -> tuple[Array, Array]:
    """Return mean and variance (divided by n) over `axes`."""
    if synchronized:
        raise Unsupported(
            "Statistics over several devices are not there.", code="moments-synchronized", fix="pass synchronized=False"
        )
    x = floating(x)
    axis = tuple(axes) if isinstance(axes, (list, tuple)) else axes
    wide = _wide(x)
    mean, variance = jnp.mean(wide, axis, keepdims=keepdims), jnp.var(wide, axis, keepdims=keepdims)
    if wide.dtype != x.dtype:
        limit = float(np.finfo(np.float16).max)
        mean, variance = jnp.clip(mean, -limit, limit), jnp.clip(variance, -limit, limit)
    return mean.astype(x.dtype), variance.astype(x.dtype)


@op
def batch_normalization(
    x: ArrayLike,
    mean: ArrayLike,
    variance: ArrayLike,
    axis: int,
    offset: ArrayLike | None = None,
    scale: ArrayLike | None = None,
    epsilon: float = 1e-3,
) -> Array:
    """Return `(x - mean) / sqrt(variance + epsilon) * scale + offset`, each statistic along `axis`.

    Source: Ioffe and Szegedy, "Batch normalization", 2015.
    """
    array = operand(x)
    shape = [1] * array.ndim
    shape[axis] = -1

    def along(statistic: ArrayLike) -> Array:
        return jnp.reshape(operand(statistic), shape)

    factor = lax.rsqrt(along(variance) + epsilon)
    if scale is not None:
        factor = factor * along(scale)
    result = (array - along(mean)) * factor
    return result if offset is None else result + along(offset)


@op
def layer_normalization(
    x: ArrayLike,
    gamma: ArrayLike | None = None,
    beta: ArrayLike | None = None,
    axis: int | Sequence[int] = -1,
    epsilon: float | None = None,
    **kwargs: Any,
) -> Array:
    """Return `(x - mean) / sqrt(variance + epsilon) * gamma + beta`, the statistics over `axis` of each row.

    With `rms_scaling=True`, which Keras keeps for old models, `x / sqrt(variance + epsilon) * gamma`.

    Numerics: the mean is subtracted first; Keras folds it into the shift, which loses digits far from zero.

    Source: Ba et al., "Layer normalization", 2016.
    """
    scaled_only = kwargs.pop("rms_scaling", False)
    no_more(kwargs, "layer_normalization")
    x = floating(x)
    wide = _wide(x)
    axes = tuple(sorted(a % x.ndim for a in ([axis] if isinstance(axis, int) else axis)))
    mean = jnp.mean(wide, axes, keepdims=True)
    variance = jnp.var(wide, axes, keepdims=True)
    factor = lax.rsqrt(variance + (_config.epsilon() if epsilon is None else epsilon))
    if gamma is not None:
        factor = factor * _along(gamma, wide, axes)
    result = (wide if scaled_only else wide - mean) * factor
    if beta is not None and not scaled_only:
        result = result + _along(beta, wide, axes)
    return result.astype(x.dtype)


@op
def rms_normalization(
    x: ArrayLike, scale: ArrayLike | None = None, axis: int | Sequence[int] = -1, epsilon: float | None = None
) -> Array:
    """Return `x / sqrt(mean(x^2) + epsilon) * scale`, the mean over `axis` of each row.

    Source: Zhang and Sennrich, "Root mean square layer normalization", 2019.
    """
    x = floating(x)
    wide = _wide(x if x.ndim else x[None])
    axes = tuple(axis) if isinstance(axis, (list, tuple)) else axis
    squares = jnp.mean(jnp.square(wide), axis=axes, keepdims=True)
    result = wide * lax.rsqrt(squares + (_config.epsilon() if epsilon is None else epsilon))
    if scale is not None:
        result = result * operand(scale).astype(wide.dtype)
    return result.astype(x.dtype)


@op
def normalize(x: ArrayLike, axis: Any = -1, order: int = 2, epsilon: float | None = None) -> Array:
    """Return `x / max(norm(x), epsilon)` along `axis`; zero stays zero, with a finite gradient.

    Raises:
        InvalidArgument: `order` is no whole number from 1 up.
    """
    if not isinstance(order, int) or order < 1:
        raise InvalidArgument(
            "This norm does not exist.", code="norm-order", place="order=", expected="1, 2, 3, ...", received=order
        )
    x = floating(x)
    wide = _wide(x if x.ndim else x[None])
    small = _config.epsilon() if epsilon is None else epsilon
    if order == 2:
        squares = jnp.sum(jnp.square(wide), axis=axis, keepdims=True)
        return (wide * lax.rsqrt(jnp.maximum(squares, small**2))).astype(x.dtype)
    norm = jnp.linalg.norm(wide, ord=order, axis=axis, keepdims=True)
    return (wide / jnp.maximum(norm, small)).astype(x.dtype)


def _wide(x: Array) -> Array:
    return x.astype(jnp.promote_types(x.dtype, jnp.float32))


def _along(weight: ArrayLike, x: Array, axes: tuple[int, ...]) -> Array:
    """Return a weight of the normalized axes in the shape that broadcasts against `x`."""
    w = operand(weight).astype(x.dtype)
    if w.ndim == x.ndim or axes == (x.ndim - 1,):
        return w
    return jnp.reshape(w, [x.shape[i] if i in axes else 1 for i in range(x.ndim)])
