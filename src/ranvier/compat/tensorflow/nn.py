"""`tf.nn`: activations, losses from logits, and the small functions around them."""

from __future__ import annotations

from typing import Any

from ranvier import activations, ops, random
from ranvier.compat.tensorflow.math import in_top_k, l2_normalize, top_k
from ranvier.compat.tensorflow.named import all_named

_SAME = ("elu", "relu", "relu6", "selu", "sigmoid", "silu", "softplus", "softsign", "swish", "tanh")
globals().update(all_named({name: getattr(ops, name) for name in _SAME}))

__all__ = [
    "batch_normalization",
    "bias_add",
    "dropout",
    "embedding_lookup",
    "gelu",
    "in_top_k",
    "l2_loss",
    "l2_normalize",
    "leaky_relu",
    "log_softmax",
    "moments",
    "sigmoid_cross_entropy_with_logits",
    "softmax",
    "softmax_cross_entropy_with_logits",
    "sparse_softmax_cross_entropy_with_logits",
    "top_k",
    "weighted_cross_entropy_with_logits",
    "zero_fraction",
]
__all__ += _SAME


def leaky_relu(features: Any, alpha: float = 0.2, name: str | None = None) -> Any:
    """Return `x` where positive, `alpha · x` elsewhere."""
    return ops.leaky_relu(features, alpha)


def gelu(features: Any, approximate: bool = False, name: str | None = None) -> Any:
    """Return `x · Φ(x)`."""
    return activations.gelu(features, approximate)


def softmax(logits: Any, axis: int | None = None, name: str | None = None) -> Any:
    """Return probabilities `exp(x) / sum(exp(x))` along an axis, the last when None."""
    return ops.softmax(logits, -1 if axis is None else axis)


def log_softmax(logits: Any, axis: int | None = None, name: str | None = None) -> Any:
    """Return the logarithm of `softmax`."""
    return ops.log_softmax(logits, -1 if axis is None else axis)


def sigmoid_cross_entropy_with_logits(labels: Any = None, logits: Any = None, name: str | None = None) -> Any:
    """Return `max(x, 0) - x · z + log(1 + exp(-|x|))` of each logit `x` with its label `z`.

    Example:
        >>> round(float(sigmoid_cross_entropy_with_logits(labels=1.0, logits=0.0)), 4)
        0.6931
    """
    positive = ops.subtract(ops.relu(logits), ops.multiply(logits, ops.cast(labels, ops.dtype(logits))))
    return ops.add(positive, ops.log1p(ops.exp(ops.negative(ops.abs(logits)))))


def weighted_cross_entropy_with_logits(labels: Any, logits: Any, pos_weight: Any, name: str | None = None) -> Any:
    """Return the cross-entropy of each logit, where labels of 1 count `pos_weight` times."""
    weight = ops.add(1.0, ops.multiply(ops.subtract(pos_weight, 1.0), labels))
    tail = ops.add(ops.log1p(ops.exp(ops.negative(ops.abs(logits)))), ops.relu(ops.negative(logits)))
    return ops.add(ops.multiply(ops.subtract(1.0, labels), logits), ops.multiply(weight, tail))


def softmax_cross_entropy_with_logits(labels: Any, logits: Any, axis: int = -1, name: str | None = None) -> Any:
    """Return `-sum(labels · log_softmax(logits))` along an axis, one value per row."""
    return ops.negative(ops.sum(ops.multiply(labels, ops.log_softmax(logits, axis)), axis=axis))


def sparse_softmax_cross_entropy_with_logits(labels: Any, logits: Any, name: str | None = None) -> Any:
    """Return `-log_softmax(logits)` at the class of each row."""
    places = ops.expand_dims(ops.cast(labels, "int32"), -1)
    return ops.negative(ops.squeeze(ops.take_along_axis(ops.log_softmax(logits, -1), places, axis=-1), -1))


def l2_loss(t: Any, name: str | None = None) -> Any:
    """Return half the sum of squares."""
    return ops.multiply(0.5, ops.sum(ops.square(t)))


def bias_add(value: Any, bias: Any, data_format: str | None = None, name: str | None = None) -> Any:
    """Return the sum of a tensor and one number per unit of the last axis."""
    return ops.add(value, bias)


def dropout(x: Any, rate: float, noise_shape: Any = None, seed: int | None = None, name: str | None = None) -> Any:
    """Return the tensor with a share of its numbers set to 0 and the rest scaled up."""
    return random.dropout(x, rate, noise_shape, seed)


def moments(x: Any, axes: Any, shift: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """Return mean and variance over axes."""
    return ops.moments(x, axes, keepdims)


def batch_normalization(
    x: Any, mean: Any, variance: Any, offset: Any, scale: Any, variance_epsilon: float, name: str | None = None
) -> Any:
    """Return `(x - mean) / sqrt(variance + variance_epsilon) · scale + offset`."""
    factor = ops.rsqrt(ops.add(variance, variance_epsilon))
    factor = factor if scale is None else ops.multiply(factor, scale)
    result = ops.multiply(ops.subtract(x, mean), factor)
    return result if offset is None else ops.add(result, offset)


def embedding_lookup(params: Any, ids: Any, max_norm: Any = None, name: str | None = None) -> Any:
    """Return the rows of a table at these numbers."""
    return ops.take(params, ids, axis=0)


def zero_fraction(value: Any, name: str | None = None) -> Any:
    """Return the share of zeros."""
    return ops.mean(ops.cast(ops.equal(value, 0), "float32"))
