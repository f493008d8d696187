"""Classes as vectors, and the cross-entropies between them and predictions.

From probabilities the cross-entropies clip to `[epsilon, 1 - epsilon]`, epsilon 1e-7, as Keras does.
"""

from __future__ import annotations

from typing import Any

import jax.nn as jnn
import jax.numpy as jnp

from ranvier import _config
from ranvier._errors import InvalidArgument
from ranvier._typing import Array, ArrayLike, DType
from ranvier.ops.core import floating, operand
from ranvier.ops.refusals import dense_only, no_more
from ranvier.state.symbolic import op
from ranvier.state.variable import dtype_name

__all__ = [
    "binary_crossentropy",
    "categorical_crossentropy",
    "multi_hot",
    "one_hot",
    "sparse_categorical_crossentropy",
]


@op
def one_hot(x: ArrayLike, num_classes: int, axis: int = -1, dtype: DType | None = None, sparse: bool = False) -> Array:
    """Return classes as vectors of 0 and one 1 along a new `axis`; a class out of range gives zeros.

    Example:
        >>> one_hot([0, 2], 3).tolist()
        [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    dense_only(sparse)
    return jnn.one_hot(operand(x), num_classes, dtype=dtype_name(dtype), axis=axis)


@op
def multi_hot(
    inputs: ArrayLike,
    num_classes: int | None = None,
    axis: int = -1,
    dtype: DType | None = None,
    sparse: bool = False,
    **kwargs: Any,
) -> Array:
    """Return sets of classes [row, member] as vectors [row, class] with a 1 for each member.

    Args:
        inputs: class numbers.
        num_classes: how many classes there are; `num_tokens=`, its old name, works too.
        axis: where the classes go.
        dtype: floatx when None.
        sparse: only False.

    Raises:
        InvalidArgument: there is no `num_classes`.
    """
    dense_only(sparse)
    count = kwargs.pop("num_tokens", None) if num_classes is None else num_classes
    no_more(kwargs, "multi_hot")
    if count is None:
        raise InvalidArgument("The number of classes is missing.", code="multi-hot-classes", place="num_classes=")
    x = operand(inputs).astype("int32")
    members = 1 if x.ndim > 1 else 0
    return jnp.max(jnn.one_hot(x, count, dtype=dtype_name(dtype), axis=axis), axis=members)


@op
def binary_crossentropy(target: ArrayLike, output: ArrayLike, from_logits: bool = False) -> Array:
    """Return `-target * log(output) - (1 - target) * log(1 - output)`, number by number.

    Args:
        target: labels 0 to 1, of the shape of `output`.
        output: probabilities, or logits when `from_logits`.

    Raises:
        InvalidArgument: the shapes differ.
    """
    y, logits_or_p = operand(target), floating(output)
    _same_shape("binary_crossentropy", y, logits_or_p)
    if from_logits:
        return -y * jnn.log_sigmoid(logits_or_p) - (1.0 - y) * jnn.log_sigmoid(-logits_or_p)
    p = jnp.clip(logits_or_p, _config.epsilon(), 1.0 - _config.epsilon())
    return -(y * jnp.log(p) + (1.0 - y) * jnp.log(1.0 - p))


@op
def categorical_crossentropy(target: ArrayLike, output: ArrayLike, from_logits: bool = False, axis: int = -1) -> Array:
    """Return `-sum(target * log(output))` over `axis`, the classes.

    Args:
        target: class probabilities, of the shape of `output`.
        output: probabilities, scaled to sum to one, or logits when `from_logits`.

    Raises:
        InvalidArgument: the shapes differ.
    """
    target, output = operand(target), floating(output)
    _same_shape("categorical_crossentropy", target, output)
    return -jnp.sum(target * _log_probabilities(output, from_logits, axis), axis=axis)


@op
def sparse_categorical_crossentropy(
    target: ArrayLike, output: ArrayLike, from_logits: bool = False, axis: int = -1
) -> Array:
    """Return `-log(output[target])`, 0 for a class out of range.

    Args:
        target: class numbers, of the shape of `output` without its class axis (or with size 1 there).
        output: probabilities, scaled to sum to one, or logits when `from_logits`.
        axis: the class axis of `output`.

    Raises:
        InvalidArgument: the shapes do not fit.
    """
    target, output = operand(target).astype("int32"), floating(output)
    if target.ndim == output.ndim and target.shape[-1] == 1:
        target = jnp.squeeze(target, -1)
    if output.ndim < 1 or target.shape != output.shape[:-1]:
        raise InvalidArgument(
            "The class numbers do not fit the predictions.",
            code="crossentropy-shape",
            place="sparse_categorical_crossentropy",
            expected=f"target of shape {output.shape[:-1]}",
            received=f"target {target.shape}, output {output.shape}",
            fix="one-hot targets belong to categorical_crossentropy",
        )
    log_p = _log_probabilities(output, from_logits, axis)
    return -jnp.sum(jnn.one_hot(target, output.shape[axis], dtype=log_p.dtype, axis=axis) * log_p, axis=axis)


def _log_probabilities(output: Array, from_logits: bool, axis: int) -> Array:
    if from_logits:
        return jnn.log_softmax(output, axis=axis)
    p = output / jnp.sum(output, axis=axis, keepdims=True)
    return jnp.log(jnp.clip(p, _config.epsilon(), 1.0 - _config.epsilon()))


def _same_shape(place: str, target: Array, output: Array) -> None:
    if target.shape != output.shape or (place == "categorical_crossentropy" and target.ndim < 1):
        raise InvalidArgument(
            "Targets and predictions have different shapes.",
            code="crossentropy-shape",
            place=place,
            expected=f"target of shape {output.shape}",
            received=f"target {target.shape}, output {output.shape}",
            fix="reshape the targets; they are never broadcast",
        )
