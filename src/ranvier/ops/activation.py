"""The activation functions, number by number or along one axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax.nn as jnn
import jax.numpy as jnp

from ranvier._typing import Array, ArrayLike
from ranvier.ops.core import floating, operand
from ranvier.state.symbolic import op

__all__ = [
    "celu",
    "elu",
    "gelu",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "log_sigmoid",
    "log_softmax",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "swish",
    "tanh_shrink",
    "threshold",
]


@op
def relu(x: ArrayLike) -> Array:
    """Return `max(x, 0)`; the gradient at 0 is 0.

    Source: Nair and Hinton, "Rectified linear units improve restricted Boltzmann machines", 2010.
    """
    return jnn.relu(operand(x))


@op
def relu6(x: ArrayLike) -> Array:
    """Return `min(max(x, 0), 6)`."""
    return jnn.relu6(operand(x))


@op
def leaky_relu(x: ArrayLike, negative_slope: float = 0.2) -> Array:
    """Return `x`, times `negative_slope` below zero.

    Source: Maas et al., "Rectifier nonlinearities improve neural network acoustic models", 2013.
    """
    return jnn.leaky_relu(operand(x), negative_slope)


@op
def sigmoid(x: ArrayLike) -> Array:
    """Return `1 / (1 + e^-x)`."""
    return jnn.sigmoid(floating(x))


@op
def log_sigmoid(x: ArrayLike) -> Array:
    """Return `log(sigmoid(x))` without underflow."""
    return jnn.log_sigmoid(floating(x))


@op
def hard_sigmoid(x: ArrayLike) -> Array:
    """Return `relu6(x + 3) / 6`."""
    return jnn.hard_sigmoid(floating(x))


@op
def sparse_sigmoid(x: ArrayLike) -> Array:
    """Return `clip((x + 1) / 2, 0, 1)`."""
    return jnn.sparse_sigmoid(floating(x))


@op
def softplus(x: ArrayLike) -> Array:
    """Return `log(1 + e^x)` without overflow."""
    return jnn.softplus(floating(x))


@op
def sparse_plus(x: ArrayLike) -> Array:
    """Return 0 below -1, `x` above 1, and `(x + 1)^2 / 4` between."""
    return jnn.sparse_plus(floating(x))


@op
def squareplus(x: ArrayLike, b: float = 4) -> Array:
    """Return `(x + sqrt(x^2 + b)) / 2`.

    Source: Barron, "Squareplus", 2021.
    """
    return jnn.squareplus(floating(x), b)


@op
def softsign(x: ArrayLike) -> Array:
    """Return `x / (1 + |x|)`."""
    return jnn.soft_sign(floating(x))


@op
def soft_shrink(x: ArrayLike, threshold: float = 0.5) -> Array:
    """Return `x` moved towards zero by `threshold`, and 0 within it."""
    x = operand(x)
    return jnp.where(x > threshold, x - threshold, jnp.where(x < -threshold, x + threshold, 0.0))


@op
def hard_shrink(x: ArrayLike, threshold: float = 0.5) -> Array:
    """Return `x`, and 0 where `|x| <= threshold`."""
    x = operand(x)
    return jnp.where(jnp.abs(x) > threshold, x, 0.0)


@op
def threshold(x: ArrayLike, threshold: float, default_value: float) -> Array:
    """Return `x` where it is above `threshold`, else `default_value`."""
    x = operand(x)
    return jnp.where(x > threshold, x, default_value)


@op
def silu(x: ArrayLike) -> Array:
    """Return `x * sigmoid(x)`.

    Source: Ramachandran et al., "Searching for activation functions", 2017.
    """
    return jnn.silu(floating(x))


@op
def swish(x: ArrayLike) -> Array:
    """Return `x * sigmoid(x)`."""
    return jnn.silu(floating(x))


@op
def hard_silu(x: ArrayLike) -> Array:
    """Return `x * hard_sigmoid(x)`.

    Source: Howard et al., "Searching for MobileNetV3", 2019.
    """
    return jnn.hard_silu(floating(x))


@op
def hard_swish(x: ArrayLike) -> Array:
    """Return `x * hard_sigmoid(x)`."""
    return jnn.hard_silu(floating(x))


@op
def hard_tanh(x: ArrayLike) -> Array:
    """Return `clip(x, -1, 1)`."""
    return jnn.hard_tanh(operand(x))


@op
def tanh_shrink(x: ArrayLike) -> Array:
    """Return `x - tanh(x)`."""
    z = floating(x)
    return z - jnp.tanh(z)


@op
def elu(x: ArrayLike, alpha: float = 1.0) -> Array:
    """Return `x`, and `alpha * (e^x - 1)` below zero.

    Source: Clevert et al., "Fast and accurate deep network learning by exponential linear units", 2016.
    """
    return jnn.elu(floating(x), alpha)


@op
def celu(x: ArrayLike, alpha: float = 1.0) -> Array:
    """Return `x`, and `alpha * (e^(x / alpha) - 1)` below zero.

    Source: Barron, "Continuously differentiable exponential linear units", 2017.
    """
    return jnn.celu(floating(x), alpha)


@op
def selu(x: ArrayLike) -> Array:
    """Return `1.0507 * elu(x, 1.6733)`, which keeps mean 0 and variance 1.

    Source: Klambauer et al., "Self-normalizing neural networks", 2017.
    """
    return jnn.selu(floating(x))


@op
def gelu(x: ArrayLike, approximate: bool = True) -> Array:
    """Return `x * Phi(x)`, Phi the normal distribution function; by tanh when `approximate`.

    Source: Hendrycks and Gimpel, "Gaussian error linear units", 2016.
    """
    return jnn.gelu(floating(x), approximate)


@op
def glu(x: ArrayLike, axis: int = -1) -> Array:
    """Return `a * sigmoid(b)`, a and b the two halves of `x` along `axis`.

    Source: Dauphin et al., "Language modeling with gated convolutional networks", 2017.
    """
    return jnn.glu(floating(x), axis)


@op
def softmax(x: ArrayLike, axis: int | Sequence[int] | None = -1) -> Array:
    """Return `e^x / sum(e^x)` over `axis`, one axis, several, or all (None)."""
    return jnn.softmax(floating(x), axis=_axes(axis))


@op
def log_softmax(x: ArrayLike, axis: int | Sequence[int] | None = -1) -> Array:
    """Return `log(softmax(x))` without underflow."""
    return jnn.log_softmax(floating(x), axis=_axes(axis))


@op
def sparsemax(x: ArrayLike, axis: int = -1) -> Array:
    """Return the point of the probability simplex that is nearest to `x` along `axis`; many numbers are exactly 0.

    `p = max(x - tau, 0)`, with `tau = (sum of the k largest - 1) / k` for the largest k that keeps them positive.

    Numerics: Keras 3.15 adds up cumulative sums instead, so its numbers do not sum to one; ours do.

    Source: Martins and Astudillo, "From softmax to sparsemax", 2016, algorithm 1.
    """
    z = jnp.moveaxis(floating(x), axis, -1)
    descending = -jnp.sort(-z, axis=-1)
    sums = jnp.cumsum(descending, axis=-1)
    rank = jnp.arange(1, z.shape[-1] + 1, dtype=z.dtype)
    support = 1 + rank * descending > sums
    k = jnp.sum(support, axis=-1, keepdims=True)
    total = jnp.sum(jnp.where(support, descending, 0), axis=-1, keepdims=True)
    tau = (total - 1) / k.astype(z.dtype)
    return jnp.moveaxis(jnp.maximum(z - tau, 0), -1, axis)


def _axes(axis: Any) -> Any:
    return tuple(axis) if isinstance(axis, list) else axis
