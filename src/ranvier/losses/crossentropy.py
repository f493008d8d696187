"""Cross-entropies: the negative log-likelihood of labels, from probabilities or from logits.

Source: Bridle, "Training stochastic model recognition algorithms as networks", 1990; label smoothing: Szegedy et al.,
"Rethinking the Inception architecture", 2016, section 7.
"""

from __future__ import annotations

from typing import Any, final

import jax
import jax.numpy as jnp
from jax import lax

from ranvier._errors import InvalidArgument
from ranvier._typing import Array, ArrayLike
from ranvier.kernels.cross_entropy import cross_entropy
from ranvier.losses.base import Loss
from ranvier.losses.probabilities import check_axis, inside, smoothed
from ranvier.losses.shapes import align, floats, require_equal_shapes
from ranvier.state import masking
from ranvier.state.symbolic import op
from ranvier.state.variable import as_array

__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "SparseCategoricalCrossentropy",
    "binary_crossentropy",
    "categorical_crossentropy",
    "sparse_categorical_crossentropy",
]


@op
def binary_crossentropy(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Array:
    """Mean over `axis` of `-y_true · log(p) - (1 - y_true) · log(1 - p)`.

    Args:
        y_true: 0 or 1, or a probability, `(batch, ..., units)`.
        y_pred: `p`, or with `from_logits` the logit `x` with `p = sigmoid(x)`, `(batch, ..., units)`.
        from_logits: whether `y_pred` are logits.
        label_smoothing: share of each label that is moved to 1/2.
        axis: axis of the mean.

    Raises:
        InvalidArgument: the shapes differ.

    Numerics:
        From logits: `max(x, 0) - x · y_true + log(1 + exp(-|x|))`, exact for large |x|.

    Example:
        >>> round(float(binary_crossentropy([[1.0]], [[0.5]])[0]), 4)  # log(2)
        0.6931
    """
    y_true, y_pred = align(y_true, y_pred)
    require_equal_shapes(y_true, y_pred)
    y_true = smoothed(y_true, label_smoothing, 2)
    if from_logits:
        losses = jnp.maximum(y_pred, 0) - y_pred * y_true + jnp.log1p(jnp.exp(-jnp.abs(y_pred)))
    else:
        p = inside(y_pred)
        losses = -(y_true * jnp.log(p) + (1.0 - y_true) * jnp.log(1.0 - p))
    return jnp.mean(losses, axis=axis)


@op
def categorical_crossentropy(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Array:
    """Sum over `axis` of `-y_true · log(p)`.

    Args:
        y_true: one-hot or probabilities, `(batch, ..., classes)`.
        y_pred: `p` up to its sum, or with `from_logits` the logits with `p = softmax(logits)`.
        from_logits: whether `y_pred` are logits.
        label_smoothing: share of each label that is spread over all classes.
        axis: the axis of the classes.

    Raises:
        InvalidArgument: the shapes differ, or `axis` is not an integer.

    Example:
        >>> round(float(categorical_crossentropy([[0.0, 1.0]], [[0.5, 0.5]])[0]), 4)  # log(2)
        0.6931
    """
    y_true, y_pred = align(y_true, y_pred)
    require_equal_shapes(y_true, y_pred)
    check_axis(axis)
    y_true = smoothed(y_true, label_smoothing, y_true.shape[-1])
    if from_logits:
        log_p = jax.nn.log_softmax(y_pred, axis=axis)
    else:
        log_p = jnp.log(inside(y_pred / jnp.sum(y_pred, axis=axis, keepdims=True)))
    return -jnp.sum(y_true * log_p, axis=axis)


@op
def sparse_categorical_crossentropy(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    from_logits: bool = False,
    ignore_class: int | None = None,
    axis: int = -1,
) -> Array:
    """`-log(p[y_true])`.

    Args:
        y_true: class numbers, `(batch, ...)` or `(batch, ..., 1)`.
        y_pred: `p` up to its sum, or with `from_logits` the logits, `(batch, ..., classes)`.
        from_logits: whether `y_pred` are logits.
        ignore_class: a class number whose places give 0 and, within a `Loss`, count for nothing.
        axis: the axis of the classes in `y_pred`.

    Returns:
        `(batch, ...)`.

    Raises:
        InvalidArgument: `y_true` does not have the shape of `y_pred` without the axis of the classes.

    Numerics:
        A label outside of [0, classes) gives 0, as in Keras; no one-hot array is made.

    Example:
        >>> round(float(sparse_categorical_crossentropy([1], [[0.75, 0.25]])[0]), 4)  # log(4)
        1.3863
    """
    check_axis(axis)
    y_pred = jnp.moveaxis(floats(y_pred), axis, -1)
    labels = class_numbers(as_array(y_true), y_pred, axis)
    if ignore_class is None:
        return _negative_log(y_pred, labels, from_logits)
    valid = labels != ignore_class
    # Rows that do not count become uniform: whatever they hold, neither value nor gradient sees it.
    losses = _negative_log(jnp.where(valid[..., None], y_pred, 1), jnp.where(valid, labels, 0), from_logits)
    losses = jnp.where(valid, losses, 0)
    masking.attach(losses, valid)
    return losses


def _negative_log(y_pred: Array, labels: Array, from_logits: bool) -> Array:
    """Return `-log(p[label])` along the last axis; 0 where no class has the label's number."""
    if from_logits:
        return cross_entropy(y_pred, labels)
    # A masked sum rather than a gather: its gradient is a plain subtraction, a gather's is a scatter.
    hit = lax.broadcasted_iota(jnp.int32, y_pred.shape, y_pred.ndim - 1) == labels[..., None]
    chosen = jnp.sum(jnp.where(hit, y_pred, 0), axis=-1)
    losses = -jnp.log(inside(chosen / jnp.sum(y_pred, axis=-1)))
    return jnp.where((labels >= 0) & (labels < y_pred.shape[-1]), losses, 0)


def class_numbers(y_true: Array, y_pred: Array, axis: int) -> Array:
    """Return class numbers of the shape of `y_pred` (classes last) without its last axis."""
    wanted = y_pred.shape[:-1]
    if y_true.ndim == y_pred.ndim and y_true.shape[axis] == 1:
        y_true = jnp.squeeze(y_true, axis)
    if y_true.shape != wanted:
        raise InvalidArgument(
            "A sparse loss wants one class number per row of the outputs.",
            code="loss-shape",
            expected=f"y_true of shape {wanted} or {(*wanted, 1)}",
            received=f"y_true of shape {y_true.shape}, y_pred of shape {(*wanted, y_pred.shape[-1])}",
            fix="for one-hot targets take categorical_crossentropy, for one unit binary_crossentropy",
        )
    return y_true.astype(jnp.int32)


@final
class BinaryCrossentropy(Loss):
    """`-y_true · log(p) - (1 - y_true) · log(1 - p)`, see `binary_crossentropy`.

    Args:
        from_logits: whether `y_pred` are logits.
        label_smoothing: share of each label that is moved to 1/2.
        axis: axis of the mean.
        reduction: see `Loss`.
        name: display name.
        dtype: type in which the loss computes.

    Example:
        >>> round(float(BinaryCrossentropy(from_logits=True)([[1.0], [0.0]], [[0.0], [0.0]])), 4)  # log(2)
        0.6931
    """

    keras_module = "keras.losses"

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "binary_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.from_logits, self.label_smoothing, self.axis = from_logits, label_smoothing, axis

    def call(self, y_true: Array, y_pred: Array) -> Array:
        """Return the binary cross-entropy of each row."""
        return binary_crossentropy(y_true, y_pred, self.from_logits, self.label_smoothing, self.axis)


@final
class CategoricalCrossentropy(Loss):
    """`-Σ y_true · log(p)` for one-hot targets, see `categorical_crossentropy`.

    Args:
        from_logits: whether `y_pred` are logits.
        label_smoothing: share of each label that is spread over all classes.
        axis: the axis of the classes.
        reduction: see `Loss`.
        name: display name.
        dtype: type in which the loss computes.

    Example:
        >>> round(float(CategoricalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])), 4)  # log(2)
        0.6931
    """

    keras_module = "keras.losses"

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.from_logits, self.label_smoothing, self.axis = from_logits, label_smoothing, axis

    def call(self, y_true: Array, y_pred: Array) -> Array:
        """Return the cross-entropy of each row."""
        return categorical_crossentropy(y_true, y_pred, self.from_logits, self.label_smoothing, self.axis)


@final
class SparseCategoricalCrossentropy(Loss):
    """`-log(p[y_true])` for class numbers, see `sparse_categorical_crossentropy`.

    Args:
        from_logits: whether `y_pred` are logits.
        ignore_class: a class number whose places count for nothing: the mean runs over the others.
        reduction: see `Loss`.
        axis: the axis of the classes in `y_pred`.
        name: display name.
        dtype: type in which the loss computes.

    Example:
        >>> round(float(SparseCategoricalCrossentropy(ignore_class=-1)([1, -1], [[0.75, 0.25], [0.5, 0.5]])), 4)
        1.3863
    """

    keras_module = "keras.losses"

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str | None = "sum_over_batch_size",
        axis: int = -1,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.from_logits, self.ignore_class, self.axis = from_logits, ignore_class, axis

    def call(self, y_true: Array, y_pred: Array) -> Array:
        """Return the negative log-likelihood of each row's class."""
        return sparse_categorical_crossentropy(y_true, y_pred, self.from_logits, self.ignore_class, self.axis)
