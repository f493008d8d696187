"""F-scores: precision and recall in one number.

Source: van Rijsbergen, Information Retrieval, 1979.
"""

from __future__ import annotations

from typing import Any, final

import jax.numpy as jnp

from ranvier import _config
from ranvier._errors import InvalidArgument
from ranvier._typing import Array, ArrayLike, DType
from ranvier.losses.shapes import require_equal_shapes
from ranvier.metrics.base import Metric
from ranvier.state.variable import Variable, as_array

__all__ = ["F1Score", "FBetaScore"]

_AVERAGES = (None, "micro", "macro", "weighted")
_COUNTS = ("true_positives", "false_positives", "false_negatives", "intermediate_weights")


class FBetaScore(Metric):
    """`(1 + beta²) · precision · recall / (beta² · precision + recall)`.

    Args:
        average: how classes become one number: `"micro"` (count all together), `"macro"` (mean), `"weighted"` (mean by
            the classes' weight), or None for one number per class.
        beta: weight of recall against precision; a float above 0.
        threshold: above it a score is positive; when None the highest score of each row is.
        name: display name.
        dtype: type of the result.

    Raises:
        InvalidArgument: an argument outside of what is named above, or data that is not `(batch, classes)`.

    Example:
        >>> metric = FBetaScore(beta=2.0, threshold=0.5)
        >>> [round(f, 4) for f in metric([[1], [1], [0]], [[0.9], [0.2], [0.7]]).tolist()]
        [0.5]
    """

    keras_module = "keras.metrics"

    def __init__(
        self,
        average: str | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str | None = "fbeta_score",
        dtype: DType | None = None,
    ) -> None:
        super().__init__(dtype=dtype, name=name)
        right_threshold = threshold is None or (isinstance(threshold, float) and 0 < threshold <= 1)
        if average not in _AVERAGES or not isinstance(beta, float) or beta <= 0 or not right_threshold:
            raise InvalidArgument(
                f"{type(self).__name__} cannot be computed like this.",
                code="metric-argument",
                place=f"metric {self.name!r}",
                expected=f"average one of {_AVERAGES}, beta a float > 0, threshold None or a float within (0, 1]",
                received=f"average={average!r}, beta={beta!r}, threshold={threshold!r}",
                fix="correct the argument",
            )
        self.average, self.beta, self.threshold = average, beta, threshold
        self._totals: dict[str, Variable] = {}

    def _state(self, classes: int) -> dict[str, Variable]:
        """Return the variables of the four sums, made at the first batch."""
        if not self._totals:
            shape = () if self.average == "micro" else (classes,)
            self._totals = {name: self.add_total(shape, name) for name in _COUNTS}
        return self._totals

    def update_state(self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None = None) -> None:
        """Add one batch: `(batch, classes)`, weights `(batch,)`."""
        labels, scores = (as_array(array).astype(self.dtype) for array in (y_true, y_pred))
        require_equal_shapes(labels, scores)
        if scores.ndim != 2:
            raise InvalidArgument(
                f"{type(self).__name__} wants one column per class.",
                code="metric-shape",
                place=f"metric {self.name!r}",
                expected="(batch, classes)",
                received=f"shape {scores.shape}",
                fix="add an axis of one column",
            )
        if self.threshold is None:
            called = (scores >= jnp.max(scores, axis=-1, keepdims=True)) & (jnp.abs(scores) > 1e-9)
        else:
            called = scores > self.threshold
        self._count(labels, called.astype(self.dtype), self._row_weights(sample_weight, scores.shape[0]))

    def _row_weights(self, sample_weight: ArrayLike | None, rows: int) -> Array | float:
        if sample_weight is None:
            return 1.0
        weights = as_array(sample_weight).astype(self.dtype)
        if weights.shape not in ((), (rows,), (rows, 1)):
            raise InvalidArgument(
                f"{type(self).__name__} weighs rows, all their classes alike.",
                code="weight-shape",
                place=f"metric {self.name!r}",
                expected=f"sample_weight of shape ({rows},)",
                received=f"shape {weights.shape}",
                fix="give one weight per row",
            )
        return weights.reshape(-1, 1)

    def _count(self, labels: Array, called: Array, weights: Any) -> None:
        axis = None if self.average == "micro" else 0
        amounts = (called * labels, called * (1 - labels), (1 - called) * labels, labels)
        totals = self._state(labels.shape[1])
        for name, amount in zip(_COUNTS, amounts, strict=True):
            self.accumulate(totals[name], jnp.sum(amount * weights, axis=axis))

    def result(self) -> Array:
        """Return the score: one number, or one per class with `average=None`."""
        if not self._totals:
            return jnp.zeros((), self.dtype)
        tp, fp, fn, present = (total.value for total in self._totals.values())
        epsilon = _config.epsilon()
        precision, recall = tp / (tp + fp + epsilon), tp / (tp + fn + epsilon)
        square = self.beta**2
        score = precision * recall / (square * precision + recall + epsilon) * (1 + square)
        if self.average == "weighted":
            score = jnp.sum(score * present / (jnp.sum(present) + epsilon))
        elif self.average is not None:
            score = jnp.mean(score)
        return score.astype(self.dtype)


@final
class F1Score(FBetaScore):
    """`2 · precision · recall / (precision + recall)`.

    Args:
        average: see `FBetaScore`.
        threshold: see `FBetaScore`.
        name: display name.
        dtype: type of the result.

    Example:
        >>> metric = F1Score(average="micro", threshold=0.5)
        >>> round(float(metric([[1], [1], [0]], [[0.9], [0.2], [0.7]])), 4)
        0.5
    """

    def __init__(
        self,
        average: str | None = None,
        threshold: float | None = None,
        name: str | None = "f1_score",
        dtype: DType | None = None,
    ) -> None:
        super().__init__(average=average, beta=1.0, threshold=threshold, name=name, dtype=dtype)
