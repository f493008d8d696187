"""Losses of directions: cosine similarity between vectors, and the circle loss between rows of a batch."""

from __future__ import annotations

from typing import Any, final

import jax
import jax.numpy as jnp

from ranvier._errors import InvalidArgument
from ranvier._typing import Array, ArrayLike
from ranvier.losses.base import Loss
from ranvier.losses.shapes import align, floats
from ranvier.ops.normalization import normalize
from ranvier.state import masking
from ranvier.state.symbolic import op
from ranvier.state.variable import as_array

__all__ = ["Circle", "CosineSimilarity", "circle", "cosine_similarity"]


@op
def cosine_similarity(y_true: ArrayLike, y_pred: ArrayLike, axis: int = -1) -> Array:
    """`-Σ y_true · y_pred / (|y_true| · |y_pred|)` over `axis`: -1 for equal directions, 1 for opposite ones.

    Args:
        y_true: `(batch, ..., units)`.
        y_pred: `(batch, ..., units)`.
        axis: the axis of the vectors.

    Raises:
        InvalidArgument: the shapes do not fit.

    Numerics:
        A vector of zeros gives 0 and a finite gradient.

    Example:
        >>> cosine_similarity([[0.0, 2.0], [1.0, 0.0]], [[0.0, 3.0], [0.0, 1.0]]).tolist()
        [-1.0, -0.0]
    """
    y_true, y_pred = align(y_true, y_pred)
    return -jnp.sum(normalize(y_true, axis=axis) * normalize(y_pred, axis=axis), axis=axis)


@op
def circle(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    ref_labels: ArrayLike | None = None,
    ref_embeddings: ArrayLike | None = None,
    remove_diagonal: bool = True,
    gamma: float = 80,
    margin: float = 0.4,
) -> Array:
    """`log(1 + Σₙ exp(gamma · aₙ(1 - margin - dₙ)) · Σₚ exp(-gamma · aₚ(margin - dₚ)))`.

    `d = max(1 - y_pred · reference, 0)`; `p` runs over the references with the row's label, `aₚ = margin + dₚ`;
    `n` runs over the others, `aₙ = max(1 + margin - dₙ, 0)`.

    Args:
        y_true: class numbers, `(batch,)` or `(batch, 1)`.
        y_pred: vectors of length 1, `(batch, units)`.
        ref_labels: class numbers of the references, `(references,)`; `y_true` when None.
        ref_embeddings: vectors of the references, `(references, units)`; `y_pred` when None.
        remove_diagonal: whether a row is no reference for itself.
        gamma: scale of the exponents.
        margin: how near the same and how far other classes must be.

    Returns:
        `(batch,)`.

    Raises:
        InvalidArgument: `y_pred` is not one vector per row.

    Numerics:
        A row without a partner of its own or of another class gives 0 and no gradient (Keras: a gradient of NaN).
        Within a `Loss` rows of loss 0 do not count.

    Example:
        >>> vectors = [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]
        >>> [round(v, 4) for v in circle([0, 0, 1], vectors, gamma=1.0).tolist()]  # log(1 + exp(-0.16) · exp(-0.16))
        [0.5459, 0.5459, 0.0]

    Source: Sun et al., "Circle loss: a unified perspective of pair similarity optimization", 2020.
    """
    y_pred = floats(y_pred)
    if y_pred.ndim != 2:
        raise InvalidArgument(
            "The circle loss compares one vector per row.",
            code="circle-rank",
            place="circle(y_pred=...)",
            expected="(batch, units)",
            received=y_pred.shape,
            fix="flatten the outputs: layers.Flatten()",
        )
    references = y_pred if ref_embeddings is None else as_array(ref_embeddings).astype(y_pred.dtype)
    labels = as_array(y_true).astype(jnp.int32).reshape(-1, 1)
    others = labels if ref_labels is None else as_array(ref_labels).astype(jnp.int32)
    same = labels == others.reshape(1, -1)
    distant = ~same
    if remove_diagonal:
        same = same & ~jnp.eye(same.shape[0], same.shape[1], dtype=bool)
    distance = jnp.maximum(1 - y_pred @ references.T, 0)
    pull = -gamma * (margin + distance) * (margin - distance)
    push = gamma * jnp.maximum(1 + margin - distance, 0) * (1 - margin - distance)
    complete = jnp.any(same, axis=1) & jnp.any(distant, axis=1)

    def pooled(exponents: Array, pairs: Array) -> Array:
        exponents = jnp.where(pairs, exponents, -jnp.inf)
        return jax.nn.logsumexp(jnp.where(complete[:, None], exponents, 0), axis=1)

    losses = jnp.where(complete, jax.nn.softplus(pooled(pull, same) + pooled(push, distant)), 0)
    masking.attach(losses, losses > 0)
    return losses


@final
class CosineSimilarity(Loss):
    """`-cos(y_true, y_pred)`, see `cosine_similarity`.

    Args:
        axis: the axis of the vectors.
        reduction: see `Loss`.
        name: display name.
        dtype: type in which the loss computes.

    Example:
        >>> float(CosineSimilarity()([[0.0, 2.0], [1.0, 0.0]], [[0.0, 3.0], [0.0, 1.0]]))
        -0.5
    """

    keras_module = "keras.losses"

    def __init__(
        self,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "cosine_similarity",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.axis = axis

    def call(self, y_true: Array, y_pred: Array) -> Array:
        """Return the negative cosine similarity of each row."""
        return cosine_similarity(y_true, y_pred, self.axis)


@final
class Circle(Loss):
    """Pulls rows of one class together and pushes others apart, the more the worse they lie; see `circle`.

    Args:
        gamma: scale of the exponents.
        margin: how near the same and how far other classes must be.
        remove_diagonal: whether a row is no reference for itself.
        reduction: see `Loss`; rows of loss 0 do not count.
        name: display name.
        dtype: type in which the loss computes.

    Example:
        >>> loss = Circle(gamma=1.0)
        >>> round(float(loss([0, 0, 1], [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])), 4)
        0.5459
    """

    keras_module = "keras.losses"

    def __init__(
        self,
        gamma: float = 80.0,
        margin: float = 0.4,
        remove_diagonal: bool = True,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "circle",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.gamma, self.margin, self.remove_diagonal = gamma, margin, remove_diagonal

    def call(self, y_true: Array, y_pred: Array) -> Array:
        """Return the loss of each row among the rows of the batch."""
        return circle(y_true, y_pred, remove_diagonal=self.remove_diagonal, gamma=self.gamma, margin=self.margin)
