"""Accuracies (1 where a row is right, 0 where it is not) and correlations as pure functions."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import lax

from ranvier import _config
from ranvier._typing import Array, ArrayLike
from ranvier.losses.shapes import align, same_rank
from ranvier.state.symbolic import op
from ranvier.state.variable import as_array

__all__ = [
    "accuracy",
    "binary_accuracy",
    "categorical_accuracy",
    "concordance_correlation",
    "pearson_correlation",
    "sparse_categorical_accuracy",
    "sparse_top_k_categorical_accuracy",
    "top_k_categorical_accuracy",
]


@op
def accuracy(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """`y_true == y_pred`, elementwise.

    Args:
        y_true: `(batch, ...)`; `(batch,)` beside `(batch, 1)` is one column.
        y_pred: `(batch, ...)`.

    Example:
        >>> accuracy([1, 2, 3], [1, 2, 4]).tolist()
        [1.0, 1.0, 0.0]
    """
    labels, guesses = same_rank(as_array(y_true), as_array(y_pred))
    return (labels == guesses).astype(_config.floatx())


@op
def binary_accuracy(y_true: ArrayLike, y_pred: ArrayLike, threshold: float = 0.5) -> Array:
    """`y_true == (y_pred > threshold)`, elementwise.

    Args:
        y_true: 0 or 1, `(batch, ..., units)`.
        y_pred: `(batch, ..., units)`.
        threshold: above it the answer is 1.

    Example:
        >>> binary_accuracy([1, 1, 0], [0.9, 0.5, 0.2]).tolist()
        [1.0, 0.0, 1.0]
    """
    labels, scores = same_rank(as_array(y_true), as_array(y_pred))
    return (labels == (scores > threshold).astype(labels.dtype)).astype(_config.floatx())


@op
def categorical_accuracy(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """`argmax(y_true) == argmax(y_pred)` over the last axis.

    Args:
        y_true: one-hot, `(batch, ..., classes)`.
        y_pred: scores, `(batch, ..., classes)`.

    Example:
        >>> categorical_accuracy([[0, 1], [1, 0]], [[0.2, 0.8], [0.3, 0.7]]).tolist()
        [1.0, 0.0]
    """
    return _is_best(jnp.argmax(as_array(y_true), axis=-1), as_array(y_pred))


@op
def sparse_categorical_accuracy(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """`y_true == argmax(y_pred)` over the last axis.

    Args:
        y_true: class numbers, `(batch, ...)` or `(batch, ..., 1)`.
        y_pred: scores, `(batch, ..., classes)`.

    Example:
        >>> sparse_categorical_accuracy([1, 0], [[0.2, 0.8], [0.3, 0.7]]).tolist()
        [1.0, 0.0]
    """
    labels, scores = as_array(y_true), as_array(y_pred)
    if labels.ndim == scores.ndim and labels.shape[-1] == 1:
        labels = labels[..., 0]
    right = _is_best(labels, scores)
    return right[..., 0] if right.ndim > 1 and right.shape[-1] == 1 else right


@op
def top_k_categorical_accuracy(y_true: ArrayLike, y_pred: ArrayLike, k: int = 5) -> Array:
    """Whether fewer than `k` classes score higher than `argmax(y_true)`.

    Args:
        y_true: one-hot, `(batch, ..., classes)`.
        y_pred: scores, `(batch, ..., classes)`.
        k: how many guesses count.

    Example:
        >>> top_k_categorical_accuracy([[0, 0, 1]], [[0.5, 0.2, 0.3]], k=2).tolist()
        [1.0]
    """
    return _is_among(jnp.argmax(as_array(y_true), axis=-1), as_array(y_pred), k)


@op
def sparse_top_k_categorical_accuracy(
    y_true: ArrayLike, y_pred: ArrayLike, k: int = 5, from_sorted_ids: bool = False
) -> Array:
    """Whether fewer than `k` classes score higher than `y_true`.

    Args:
        y_true: class numbers, `(batch, ...)` or `(batch, ..., 1)`.
        y_pred: scores, `(batch, ..., classes)`; with `from_sorted_ids` class numbers, best first.
        k: how many guesses count.
        from_sorted_ids: whether `y_pred` holds class numbers.

    Returns:
        The shape of `y_true`.

    Example:
        >>> sparse_top_k_categorical_accuracy([2], [[0.5, 0.2, 0.3]], k=2).tolist()
        [1.0]
    """
    labels, scores = as_array(y_true), as_array(y_pred)
    rows = labels[..., 0] if labels.ndim == scores.ndim and labels.shape[-1] == 1 else labels
    if from_sorted_ids:
        right = jnp.any(rows[..., None] == scores[..., :k], axis=-1).astype(_config.floatx())
    else:
        right = _is_among(rows, scores, k)
    return right.reshape(labels.shape)


@op
def pearson_correlation(y_true: ArrayLike, y_pred: ArrayLike, axis: Any = -1) -> Array:
    """`mean((y_true - mean(y_true)) · (y_pred - mean(y_pred))) / (std(y_true) · std(y_pred))` over `axis`.

    Args:
        y_true: `(batch, ..., units)`.
        y_pred: `(batch, ..., units)`.
        axis: the axis, or the axes, of each correlation.

    Raises:
        InvalidArgument: the shapes do not fit.

    Numerics:
        NaN where targets or outputs are constant, as in Keras: there is no correlation.

    Example:
        >>> round(float(pearson_correlation([[0.0, 1.0, 2.0]], [[1.0, 3.0, 5.0]])[0]), 4)
        1.0

    Source: Pearson, "Notes on regression and inheritance in the case of two parents", 1895.
    """
    scores = [_centered(values, axis) / jnp.std(values, axis=axis, keepdims=True) for values in align(y_true, y_pred)]
    return jnp.mean(scores[0] * scores[1], axis=axis)


@op
def concordance_correlation(y_true: ArrayLike, y_pred: ArrayLike, axis: Any = -1) -> Array:
    """`2 · covariance / (var(y_true) + var(y_pred) + (mean(y_true) - mean(y_pred))² + epsilon)` over `axis`.

    Args:
        y_true: `(batch, ..., units)`.
        y_pred: `(batch, ..., units)`.
        axis: the axis, or the axes, of each concordance.

    Raises:
        InvalidArgument: the shapes do not fit.

    Example:
        >>> round(float(concordance_correlation([[0.0, 2.0]], [[1.0, 3.0]])[0]), 4)  # 2 · 1 / (1 + 1 + 1)
        0.6667

    Source: Lin, "A concordance correlation coefficient to evaluate reproducibility", 1989.
    """
    y_true, y_pred = align(y_true, y_pred)
    covariance = jnp.mean(_centered(y_true, axis) * _centered(y_pred, axis), axis=axis)
    spread = jnp.var(y_true, axis=axis) + jnp.var(y_pred, axis=axis)
    shift = jnp.mean(y_true, axis=axis) - jnp.mean(y_pred, axis=axis)
    return 2 * covariance / (spread + jnp.square(shift) + _config.epsilon())


def _centered(values: Array, axis: Any) -> Array:
    return values - jnp.mean(values, axis=axis, keepdims=True)


def _score_of(labels: Array, scores: Array) -> tuple[Array, Array]:
    """Return the score of each row's label, and whether there is such a class."""
    classes = scores.shape[-1]
    index = labels.astype(jnp.int32)
    known = (index == labels) & (index >= 0) & (index < classes)
    return jnp.take_along_axis(scores, jnp.clip(index, 0, classes - 1)[..., None], axis=-1), known


def _is_best(labels: Array, scores: Array) -> Array:
    """Return 1 where `labels` is the first of the highest scores."""
    if labels.shape != scores.shape[:-1]:
        return (labels == jnp.argmax(scores, axis=-1)).astype(_config.floatx())
    # Comparing with the label's own score is up to 17 times as fast as argmax, which XLA does not vectorize on a CPU.
    own, known = _score_of(labels, scores)
    earlier = lax.broadcasted_iota(jnp.int32, scores.shape, scores.ndim - 1) < labels[..., None].astype(jnp.int32)
    beaten = (scores < own) | ((scores == own) & ~earlier)
    return (jnp.all(beaten, axis=-1) & known).astype(_config.floatx())


def _is_among(labels: Array, scores: Array, k: int) -> Array:
    """Return 1 where fewer than `k` scores are higher than the label's."""
    own, known = _score_of(labels, scores)
    higher = jnp.sum(scores > jnp.where(jnp.isnan(own), -jnp.inf, own), axis=-1)
    return ((higher < k) & known).astype(_config.floatx())
