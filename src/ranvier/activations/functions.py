"""The activation functions with Keras's arguments and defaults; the mathematics is in `ops`.

Shapes: every function returns the shape of its input, except `glu`, which halves one axis.
"""

from __future__ import annotations

from collections.abc import Sequence

from ranvier import ops
from ranvier._typing import Array, ArrayLike

__all__ = [
    "celu",
    "elu",
    "exponential",
    "gelu",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "mish",
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
    "tanh",
    "tanh_shrink",
    "threshold",
]


def linear(x: ArrayLike) -> Array:
    """Return `x` as it is."""
    result: Array = x
    return result


def relu(x: ArrayLike, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Array:
    """Return `x` above `threshold`, at most `max_value`; below, `negative_slope * (x - threshold)`.

    Example:
        >>> relu([-2.0, 0.0, 3.0]).tolist(), relu([-2.0, 9.0], negative_slope=0.5, max_value=6.0).tolist()
        ([0.0, 0.0, 3.0], [-1.0, 6.0])

    Source: Nair and Hinton, "Rectified linear units improve restricted Boltzmann machines", 2010.
    """
    if negative_slope != 0.0 and max_value is None and threshold == 0:
        return ops.leaky_relu(x, negative_slope=negative_slope)
    positive: Array
    if threshold != 0:
        positive = ops.where(ops.greater(x, threshold), x, 0)
    elif max_value == 6:
        positive = ops.relu6(x)
    else:
        positive = ops.relu(x)
    if max_value is not None and (threshold != 0 or max_value != 6):
        positive = ops.clip(positive, 0, max_value)
    if negative_slope == 0.0:
        return positive
    return ops.subtract(positive, ops.multiply(negative_slope, ops.relu(ops.subtract(threshold, x))))


def relu6(x: ArrayLike) -> Array:
    """Return `min(max(x, 0), 6)`."""
    return ops.relu6(x)


def leaky_relu(x: ArrayLike, negative_slope: float = 0.2) -> Array:
    """Return `x`, times `negative_slope` below zero."""
    return ops.leaky_relu(x, negative_slope=negative_slope)


def softmax(x: ArrayLike, axis: int | Sequence[int] | None = -1) -> Array:
    """Return `e^x / sum(e^x)` over `axis`: positive numbers that sum to one."""
    return ops.softmax(x, axis=axis)


def log_softmax(x: ArrayLike, axis: int | Sequence[int] | None = -1) -> Array:
    """Return `log(softmax(x))` without underflow."""
    return ops.log_softmax(x, axis=axis)


def sparsemax(x: ArrayLike, axis: int = -1) -> Array:
    """Return the nearest point of the probability simplex along `axis`; many numbers are exactly 0."""
    return ops.sparsemax(x, axis=axis)


def elu(x: ArrayLike, alpha: float = 1.0) -> Array:
    """Return `x`, and `alpha * (e^x - 1)` below zero."""
    return ops.elu(x, alpha=alpha)


def celu(x: ArrayLike, alpha: float = 1.0) -> Array:
    """Return `x`, and `alpha * (e^(x / alpha) - 1)` below zero."""
    return ops.celu(x, alpha=alpha)


def selu(x: ArrayLike) -> Array:
    """Return `1.0507 * elu(x, 1.6733)`; with LecunNormal it keeps mean 0 and variance 1."""
    return ops.selu(x)


def gelu(x: ArrayLike, approximate: bool = False) -> Array:
    """Return `x * Phi(x)`, Phi the normal distribution function; by tanh when `approximate`."""
    return ops.gelu(x, approximate=approximate)


def glu(x: ArrayLike, axis: int = -1) -> Array:
    """Return `a * sigmoid(b)`, a and b the two halves of `x` along `axis`."""
    return ops.glu(x, axis=axis)


def sigmoid(x: ArrayLike) -> Array:
    """Return `1 / (1 + e^-x)`."""
    return ops.sigmoid(x)


def log_sigmoid(x: ArrayLike) -> Array:
    """Return `log(sigmoid(x))` without underflow."""
    return ops.log_sigmoid(x)


def hard_sigmoid(x: ArrayLike) -> Array:
    """Return `relu6(x + 3) / 6`."""
    return ops.hard_sigmoid(x)


def sparse_sigmoid(x: ArrayLike) -> Array:
    """Return `clip((x + 1) / 2, 0, 1)`."""
    return ops.sparse_sigmoid(x)


def silu(x: ArrayLike) -> Array:
    """Return `x * sigmoid(x)`; also known as swish."""
    return ops.silu(x)


def hard_silu(x: ArrayLike) -> Array:
    """Return `x * hard_sigmoid(x)`; also known as hard_swish."""
    return ops.hard_silu(x)


def mish(x: ArrayLike) -> Array:
    """Return `x * tanh(softplus(x))`.

    Source: Misra, "Mish: a self regularized non-monotonic activation function", 2019.
    """
    return ops.multiply(x, ops.tanh(ops.softplus(x)))


def softplus(x: ArrayLike) -> Array:
    """Return `log(1 + e^x)` without overflow."""
    return ops.softplus(x)


def sparse_plus(x: ArrayLike) -> Array:
    """Return 0 below -1, `x` above 1, and `(x + 1)^2 / 4` between."""
    return ops.sparse_plus(x)


def squareplus(x: ArrayLike, b: float = 4) -> Array:
    """Return `(x + sqrt(x^2 + b)) / 2`."""
    return ops.squareplus(x, b=b)


def softsign(x: ArrayLike) -> Array:
    """Return `x / (1 + |x|)`."""
    return ops.softsign(x)


def soft_shrink(x: ArrayLike, threshold: float = 0.5) -> Array:
    """Return `x` moved towards zero by `threshold`, and 0 within it."""
    return ops.soft_shrink(x, threshold=threshold)


def hard_shrink(x: ArrayLike, threshold: float = 0.5) -> Array:
    """Return `x`, and 0 where `|x| <= threshold`."""
    return ops.hard_shrink(x, threshold=threshold)


def threshold(x: ArrayLike, threshold: float, default_value: float) -> Array:
    """Return `x` where it is above `threshold`, else `default_value`."""
    return ops.threshold(x, threshold, default_value)


def tanh(x: ArrayLike) -> Array:
    """Return the hyperbolic tangent."""
    return ops.tanh(x)


def tanh_shrink(x: ArrayLike) -> Array:
    """Return `x - tanh(x)`."""
    return ops.tanh_shrink(x)


def hard_tanh(x: ArrayLike) -> Array:
    """Return `clip(x, -1, 1)`."""
    return ops.hard_tanh(x)


def exponential(x: ArrayLike) -> Array:
    """Return `e^x`."""
    return ops.exp(x)
