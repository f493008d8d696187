"""True and false positives and negatives at many thresholds, in one pass over a batch."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ranvier import _config
from ranvier._errors import InvalidArgument
from ranvier._typing import Array, ArrayLike
from ranvier.losses.reduction import broadcast_weights
from ranvier.losses.shapes import require_equal_shapes, same_rank
from ranvier.state.variable import as_array

__all__ = ["NEVER", "Counts", "confusion_counts", "evenly_spread", "parse_thresholds"]

NEVER = -1e10
"""A score below every threshold; as a threshold, one that every score passes."""


class Counts(NamedTuple):
    """Weighted counts, each of shape `(thresholds,)`, or `(thresholds, labels)` where labels are kept apart."""

    true_positives: Array
    false_positives: Array
    true_negatives: Array
    false_negatives: Array


def parse_thresholds(thresholds: Any, default: float) -> list[float]:
    """Return thresholds as a list.

    Raises:
        InvalidArgument: one of them is not within [0, 1].
    """
    if thresholds is None:
        return [default]
    listed = list(thresholds) if isinstance(thresholds, (list, tuple, np.ndarray)) else [thresholds]
    if any(t is None or t < 0 or t > 1 for t in listed):
        raise InvalidArgument(
            "A threshold is not a probability.",
            code="metric-threshold",
            expected="numbers within [0, 1]",
            received=repr(thresholds),
            fix="give thresholds of probabilities; for logits put a sigmoid or softmax behind the last layer",
        )
    return listed


def evenly_spread(thresholds: Any) -> bool:
    """Whether three or more thresholds divide [0, 1] evenly, so that a score's place follows by one product."""
    count = len(thresholds)
    even = np.arange(count, dtype=np.float32) / max(count - 1, 1)
    return count >= 3 and bool(np.allclose(thresholds, even, atol=_config.epsilon()))


def confusion_counts(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    thresholds: Any,
    sample_weight: ArrayLike | None = None,
    *,
    top_k: int | None = None,
    class_id: int | None = None,
    multi_label: bool = False,
    label_weights: Any = None,
    dtype: Any = jnp.float32,
) -> Counts:
    """Return how much weight is on which side of each threshold.

    Args:
        y_true: 0 or 1, `(batch,)` or `(batch, labels)`.
        y_pred: scores; above a threshold means positive.
        thresholds: numbers; evenly spread ones cost one pass, others one comparison per score and threshold.
        sample_weight: `(batch,)` or the shape of `y_pred`.
        top_k: only the `top_k` highest scores of a row can be positive.
        class_id: look at this column alone.
        multi_label: count each label by itself.
        label_weights: one weight per label, where labels are not counted by themselves.
        dtype: type of the counts.
    """
    scores, labels = same_rank(as_array(y_pred).astype(dtype), as_array(y_true).astype(dtype))
    require_equal_shapes(labels, scores)
    weights = jnp.ones((), dtype)
    if sample_weight is not None:
        weights = same_rank(labels, as_array(sample_weight).astype(dtype), expand_rank_1=False)[1]
    if top_k is not None:
        scores = _only_top(scores, top_k)
    if class_id is not None:
        labels, scores = _column(labels, class_id), _column(scores, class_id)
    weights = broadcast_weights(weights, scores.shape)
    if label_weights is not None and not multi_label:
        weights = weights * jnp.asarray(label_weights, dtype)
    positive = labels.astype(bool)
    if not multi_label:
        positive, scores, weights = positive.reshape(-1), scores.reshape(-1), weights.reshape(-1)
    if evenly_spread(np.clip(thresholds, 0, 1)):
        beyond = thresholds[0] < 0 or thresholds[-1] > 1
        return Counts(*_by_bucket(positive, scores, weights, len(thresholds), bool(beyond)))
    return Counts(*_by_comparison(positive, scores, weights, np.asarray(thresholds, np.float32)))


# The two are compiled as wholes, so that a batch counted outside of a program costs one call, not one per operation.
@partial(jax.jit, static_argnums=(3, 4))
def _by_bucket(positive: Array, scores: Array, weights: Array, size: int, beyond: bool) -> Counts:
    """Count scores between neighbouring thresholds and sum from the top; the outer ones may lie beyond 0 and 1."""
    bucket = jnp.ceil(jnp.clip(scores, 0, 1) * jnp.asarray(size - 1, scores.dtype)) - 1
    if beyond:
        bucket = jnp.maximum(bucket, 0)
    bucket = bucket.astype(jnp.int32)

    def above(amounts: Array) -> Array:
        def one(data: Array, places: Array) -> Array:
            return jax.ops.segment_sum(data, places, size)

        sums = (one if amounts.ndim == 1 else jax.vmap(one, in_axes=1, out_axes=1))(amounts, bucket)
        return lax.cumsum(sums, axis=0, reverse=True)

    yes, no = jnp.where(positive, weights, 0), jnp.where(positive, 0, weights)
    hits, alarms = above(yes), above(no)
    return Counts(hits, alarms, jnp.sum(no, axis=0) - alarms, jnp.sum(yes, axis=0) - hits)


@jax.jit
def _by_comparison(positive: Array, scores: Array, weights: Array, thresholds: Array) -> Counts:
    """Compare every score with every threshold; the compiler makes no array of that size."""
    limits = thresholds.astype(scores.dtype).reshape(-1, *(1,) * scores.ndim)
    called = scores > limits

    def total(chosen: Array) -> Array:
        return jnp.sum(jnp.where(chosen, weights, 0), axis=1)

    return Counts(
        total(positive & called), total(~positive & called), total(~positive & ~called), total(positive & ~called)
    )


def _only_top(scores: Array, k: int) -> Array:
    """Return scores with all but the `k` highest of each row below every threshold."""
    _, places = lax.top_k(scores, k)
    kept = jnp.put_along_axis(jnp.zeros_like(scores, dtype=bool), places, True, axis=-1, inplace=False)
    return jnp.where(kept, scores, NEVER)


def _column(array: Array, class_id: int) -> Array:
    if array.ndim < 2:
        raise InvalidArgument(
            "class_id picks a column, but there is none.",
            code="metric-shape",
            expected="(batch, classes)",
            received=f"shape {array.shape}",
            fix="leave class_id out",
        )
    return array[..., class_id, None]
