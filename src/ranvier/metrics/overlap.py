"""Intersection over union: which share of a class's true and answered places agree.

Source: Jaccard, "The distribution of the flora in the alpine zone", 1912; Everingham et al., "The PASCAL visual object
classes (VOC) challenge", 2010, section 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import jax
import jax.numpy as jnp

from ranvier import _config
from ranvier._errors import InvalidArgument
from ranvier._typing import Array, ArrayLike, DType
from ranvier.losses.reduction import broadcast_weights
from ranvier.losses.shapes import same_rank
from ranvier.metrics.base import Metric
from ranvier.state.variable import as_array

__all__ = ["BinaryIoU", "IoU", "MeanIoU", "OneHotIoU", "OneHotMeanIoU"]


class IoU(Metric):
    """Mean over the target classes of `tp / (tp + fp + fn)`.

    Args:
        num_classes: number of classes `n`; the state is a matrix `(n, n)` of true and answered classes.
        target_class_ids: the classes that are averaged.
        name: display name.
        dtype: type of the result.
        ignore_class: places with this true class count for nothing.
        sparse_y_true: whether `y_true` are class numbers; else scores, whose highest counts.
        sparse_y_pred: whether `y_pred` are class numbers; else scores, whose highest counts.
        axis: the axis of the classes where there are scores.

    Raises:
        InvalidArgument: a target class that does not exist, or shapes that do not fit.

    Numerics:
        Numbers outside of [0, n) count for nothing, and a class that never occurred is left out of the mean. Weights
        count as they are (Keras's default type of the counts is an integer, which cuts fractions off).

    Example:
        >>> round(float(IoU(num_classes=2, target_class_ids=[1])([0, 0, 1, 1], [0, 1, 0, 1])), 4)  # 1 / (1 + 1 + 1)
        0.3333
    """

    keras_module = "keras.metrics"

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: DType | None = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__(dtype=dtype, name=name)
        self.num_classes, self.target_class_ids = num_classes, list(target_class_ids)
        if not self.target_class_ids or not all(0 <= number < num_classes for number in self.target_class_ids):
            raise InvalidArgument(
                "A target class does not exist.",
                code="metric-argument",
                place=f"metric {self.name!r}, target_class_ids=",
                expected=f"numbers from 0 to {num_classes - 1}",
                received=repr(self.target_class_ids),
                fix="correct target_class_ids or num_classes",
            )
        self.ignore_class, self.axis = ignore_class, axis
        self.sparse_y_true, self.sparse_y_pred = sparse_y_true, sparse_y_pred
        self.total_cm = self.add_total((num_classes, num_classes), "total_confusion_matrix")

    def update_state(self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None = None) -> None:
        """Add one batch: class numbers `(batch, ...)` or scores `(batch, ..., classes)`; weights: its first axes."""
        labels = _classes(y_true, self.sparse_y_true, self.axis)
        guesses = _classes(y_pred, self.sparse_y_pred, self.axis)
        if labels.size != guesses.size:
            raise InvalidArgument(
                f"{type(self).__name__} wants one answer per true class.",
                code="metric-shape",
                place=f"metric {self.name!r}",
                expected=f"classes of shape {labels.shape}",
                received=f"classes of shape {guesses.shape}",
                fix="say with sparse_y_true and sparse_y_pred which side holds scores, and with axis where",
            )
        if sample_weight is None:
            weights = jnp.ones(labels.shape, self.total_cm.dtype)
        else:
            labels, weights = same_rank(labels, as_array(sample_weight).astype(self.total_cm.dtype))
            weights = broadcast_weights(weights, labels.shape)
        self._count(labels.reshape(-1), guesses.reshape(-1), weights.reshape(-1))

    def _count(self, labels: Array, guesses: Array, weights: Array) -> None:
        size = self.num_classes
        known = (labels >= 0) & (labels < size) & (guesses >= 0) & (guesses < size)
        if self.ignore_class is not None:
            known &= labels != self.ignore_class
        cells = jnp.where(known, labels * size + guesses, 0)
        counts = jax.ops.segment_sum(jnp.where(known, weights, 0), cells, size * size)
        self.accumulate(self.total_cm, counts.reshape(size, size))

    def result(self) -> Array:
        """Return the mean over the target classes that occurred."""
        counts, targets = self.total_cm.value, jnp.asarray(self.target_class_ids)
        both = jnp.diagonal(counts)
        union = (jnp.sum(counts, axis=0) + jnp.sum(counts, axis=1) - both)[targets]
        epsilon = _config.epsilon()
        occurred = union > 1e-9
        shares = jnp.where(occurred, both[targets] / (union + epsilon), 0)
        mean = jnp.sum(shares) / (jnp.sum(occurred) + epsilon)
        return mean.astype(self.dtype if jnp.issubdtype(self.dtype, jnp.floating) else _config.floatx())


def _classes(values: ArrayLike, sparse: bool, axis: int) -> Array:
    """Return class numbers, of scores those of the highest."""
    array = as_array(values)
    return array.astype(jnp.int32) if sparse else jnp.argmax(array, axis=axis).astype(jnp.int32)


@final
class BinaryIoU(IoU):
    """`IoU` of the classes 0 and 1, where outputs from `threshold` on mean 1.

    Args:
        target_class_ids: the classes that are averaged: `[0]`, `[1]` or `[0, 1]`.
        threshold: where class 1 begins.
        name: display name.
        dtype: type of the result.

    Example:
        >>> round(float(BinaryIoU(target_class_ids=[0])([0, 1, 0, 0], [0.1, 0.2, 0.4, 0.7])), 4)  # 2 / (2 + 1 + 1)
        0.5
    """

    def __init__(
        self,
        target_class_ids: Sequence[int] = (0, 1),
        threshold: float = 0.5,
        name: str | None = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__(2, target_class_ids, name, dtype)
        self.threshold = threshold

    def update_state(self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None = None) -> None:
        """Add one batch: 0 or 1 and scores, `(batch, ...)`."""
        super().update_state(y_true, as_array(y_pred).astype(self.total_cm.dtype) >= self.threshold, sample_weight)


class MeanIoU(IoU):
    """Mean over all classes of `tp / (tp + fp + fn)`, see `IoU`.

    Args:
        num_classes: number of classes.
        name: display name.
        dtype: type of the result.
        ignore_class: places with this true class count for nothing.
        sparse_y_true: whether `y_true` are class numbers; else scores, whose highest counts.
        sparse_y_pred: whether `y_pred` are class numbers; else scores, whose highest counts.
        axis: the axis of the classes where there are scores.

    Example:
        >>> round(float(MeanIoU(num_classes=2)([0, 0, 0, 1], [0, 0, 1, 1])), 4)  # (2 / 3 + 1 / 2) / 2
        0.5833
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: DType | None = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__(num_classes, range(num_classes), name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis)


@final
class OneHotIoU(IoU):
    """`IoU` of one-hot targets.

    Args:
        num_classes: number of classes.
        target_class_ids: the classes that are averaged.
        name: display name.
        dtype: type of the result.
        ignore_class: places with this true class count for nothing.
        sparse_y_pred: whether `y_pred` are class numbers; else scores, whose highest counts.
        axis: the axis of the classes.

    Example:
        >>> y_true, y_pred = [[1, 0], [1, 0], [0, 1]], [[0.8, 0.2], [0.4, 0.6], [0.1, 0.9]]
        >>> round(float(OneHotIoU(num_classes=2, target_class_ids=[1])(y_true, y_pred)), 4)  # 1 / (1 + 1)
        0.5
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: DType | None = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(num_classes, target_class_ids, name, dtype, ignore_class, False, sparse_y_pred, axis)


@final
class OneHotMeanIoU(MeanIoU):
    """`MeanIoU` of one-hot targets.

    Args:
        num_classes: number of classes.
        name: display name.
        dtype: type of the result.
        ignore_class: places with this true class count for nothing.
        sparse_y_pred: whether `y_pred` are class numbers; else scores, whose highest counts.
        axis: the axis of the classes.

    Example:
        >>> y_true, y_pred = [[1, 0], [1, 0], [0, 1]], [[0.8, 0.2], [0.4, 0.6], [0.1, 0.9]]
        >>> round(float(OneHotMeanIoU(num_classes=2)(y_true, y_pred)), 4)  # (1 / 2 + 1 / 2) / 2
        0.5
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: DType | None = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(num_classes, name, dtype, ignore_class, False, sparse_y_pred, axis)
