"""Cross-entropies that turn away from some rows: focal ones from the easy rows, the generalized one from wrong labels.

Source: Lin et al., "Focal loss for dense object detection", 2017; Zhang and Sabuncu, "Generalized cross entropy loss
for training deep neural networks with noisy labels", 2018.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, final

import jax
import jax.numpy as jnp
from jax import lax

from ranvier._errors import InvalidArgument
from ranvier._typing import Array, ArrayLike
from ranvier.losses.base import Loss
from ranvier.losses.crossentropy import class_numbers
from ranvier.losses.probabilities import check_axis, inside, power, smoothed
from ranvier.losses.shapes import align, floats, require_equal_shapes
from ranvier.state.symbolic import op
from ranvier.state.variable import as_array

__all__ = [
    "BinaryFocalCrossentropy",
    "CategoricalFocalCrossentropy",
    "CategoricalGeneralizedCrossEntropy",
    "binary_focal_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_generalized_cross_entropy",
]


@op
def binary_focal_crossentropy(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Array:
    """Mean over `axis` of `-(1 - q)^gamma · log(q)`, where `q` is the probability given to the right answer.

    Args:
        y_true: 0 or 1, or a probability, `(batch, ..., units)`.
        y_pred: `p`, or with `from_logits` the logit `x` with `p = sigmoid(x)`, `(batch, ..., units)`.
        apply_class_balancing: whether rows of class 1 weigh `alpha` and rows of class 0 `1 - alpha`.
        alpha: weight of class 1.
        gamma: how far easy rows are turned down; 0 gives `binary_crossentropy`.
        from_logits: whether `y_pred` are logits.
        label_smoothing: share of each label that is moved to 1/2.
        axis: axis of the mean.

    Raises:
        InvalidArgument: the shapes differ.

    Numerics:
        With `y = y_true`: `(1 - q)^gamma · (-y · log(p) - (1 - y) · log(1 - p))`, `q = y · p + (1 - y)(1 - p)`. As in
        Keras, logits pass through the sigmoid, so the logarithm ends at `log(epsilon)`.

    Example:
        >>> round(float(binary_focal_crossentropy([[1.0]], [[0.5]])[0]), 4)  # log(2) / 4
        0.1733
    """
    y_true, y_pred = align(y_true, y_pred)
    require_equal_shapes(y_true, y_pred)
    y_true = smoothed(y_true, label_smoothing, 2)
    p = jax.nn.sigmoid(y_pred) if from_logits else y_pred
    safe = inside(p)
    losses = -(y_true * jnp.log(safe) + (1.0 - y_true) * jnp.log(1.0 - safe))
    losses = losses * power(1.0 - (y_true * p + (1.0 - y_true) * (1.0 - p)), gamma)
    if apply_class_balancing:
        losses = losses * (y_true * alpha + (1.0 - y_true) * (1.0 - alpha))
    return jnp.mean(losses, axis=axis)


@op
def categorical_focal_crossentropy(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    alpha: float | Sequence[float] = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Array:
    """Sum over `axis` of `-alpha · (1 - p)^gamma · y_true · log(p)`.

    Args:
        y_true: one-hot or probabilities, `(batch, ..., classes)`.
        y_pred: `p` up to its sum, or with `from_logits` the logits with `p = softmax(logits)`.
        alpha: one weight, or one per class.
        gamma: how far easy rows are turned down.
        from_logits: whether `y_pred` are logits.
        label_smoothing: share of each label that is spread over all classes.
        axis: the axis of the classes.

    Raises:
        InvalidArgument: the shapes differ, or `axis` is not an integer.

    Example:
        >>> round(float(categorical_focal_crossentropy([[0.0, 1.0]], [[0.5, 0.5]])[0]), 4)  # log(2) / 16
        0.0433
    """
    y_true, y_pred = align(y_true, y_pred)
    require_equal_shapes(y_true, y_pred)
    check_axis(axis)
    y_true = smoothed(y_true, label_smoothing, y_true.shape[-1])
    if from_logits:
        y_pred = jax.nn.softmax(y_pred, axis=axis)
    p = inside(y_pred / jnp.sum(y_pred, axis=axis, keepdims=True))
    weights = jnp.asarray(alpha, p.dtype) * jnp.power(1.0 - p, gamma)
    return -jnp.sum(weights * y_true * jnp.log(p), axis=axis)


@op
def categorical_generalized_cross_entropy(y_true: ArrayLike, y_pred: ArrayLike, q: float) -> Array:
    """`(1 - p[y_true]^q) / q`: the cross-entropy for `q` near 0, the absolute error for `q` near 1.

    Args:
        y_true: class numbers, `(batch, ...)` or `(batch, ..., 1)`.
        y_pred: probabilities `p`, `(batch, ..., classes)`.
        q: within (0, 1); the larger, the less a wrong label matters.

    Returns:
        `(batch, ...)`.

    Raises:
        InvalidArgument: `y_true` does not have the shape of `y_pred` without its last axis.

    Numerics:
        A label outside of [0, classes) gives `1 / q`, as in Keras; the slope at `p = 0` is 0 (Keras: not finite).
        Labels of shape `(batch, 1)` are taken as `(batch,)` (Keras returns `(batch, batch)`).

    Example:
        >>> categorical_generalized_cross_entropy([1], [[0.75, 0.25]], q=0.5).tolist()  # (1 - 0.5) / 0.5
        [1.0]
    """
    y_pred = floats(y_pred)
    labels = class_numbers(as_array(y_true), y_pred, -1)
    hit = lax.broadcasted_iota(jnp.int32, y_pred.shape, y_pred.ndim - 1) == labels[..., None]
    return (1.0 - power(jnp.sum(jnp.where(hit, y_pred, 0), axis=-1), q)) / q


@final
class BinaryFocalCrossentropy(Loss):
    """`-(1 - q)^gamma · log(q)` for the probability `q` of the right answer, see `binary_focal_crossentropy`.

    Args:
        apply_class_balancing: whether rows of class 1 weigh `alpha` and rows of class 0 `1 - alpha`.
        alpha: weight of class 1.
        gamma: how far easy rows are turned down.
        from_logits: whether `y_pred` are logits.
        label_smoothing: share of each label that is moved to 1/2.
        axis: axis of the mean.
        reduction: see `Loss`.
        name: display name.
        dtype: type in which the loss computes.

    Example:
        >>> round(float(BinaryFocalCrossentropy(from_logits=True)([[1.0], [0.0]], [[0.0], [0.0]])), 4)  # log(2) / 4
        0.1733
    """

    keras_module = "keras.losses"

    def __init__(
        self,
        apply_class_balancing: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "binary_focal_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.apply_class_balancing, self.alpha, self.gamma = apply_class_balancing, alpha, gamma
        self.from_logits, self.label_smoothing, self.axis = from_logits, label_smoothing, axis

    def call(self, y_true: Array, y_pred: Array) -> Array:
        """Return the focal cross-entropy of each row."""
        return binary_focal_crossentropy(
            y_true,
            y_pred,
            self.apply_class_balancing,
            self.alpha,
            self.gamma,
            self.from_logits,
            self.label_smoothing,
            self.axis,
        )


@final
class CategoricalFocalCrossentropy(Loss):
    """`-Σ alpha · (1 - p)^gamma · y_true · log(p)` for one-hot targets, see `categorical_focal_crossentropy`.

    Args:
        alpha: one weight, or one per class.
        gamma: how far easy rows are turned down.
        from_logits: whether `y_pred` are logits.
        label_smoothing: share of each label that is spread over all classes.
        axis: the axis of the classes.
        reduction: see `Loss`.
        name: display name.
        dtype: type in which the loss computes.

    Example:
        >>> round(float(CategoricalFocalCrossentropy(alpha=[1.0, 2.0])([[0.0, 1.0]], [[0.5, 0.5]])), 4)  # log(2) / 2
        0.3466
    """

    keras_module = "keras.losses"

    def __init__(
        self,
        alpha: float | Sequence[float] = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_focal_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.alpha, self.gamma = alpha, gamma
        self.from_logits, self.label_smoothing, self.axis = from_logits, label_smoothing, axis

    def call(self, y_true: Array, y_pred: Array) -> Array:
        """Return the focal cross-entropy of each row."""
        return categorical_focal_crossentropy(
            y_true, y_pred, self.alpha, self.gamma, self.from_logits, self.label_smoothing, self.axis
        )


@final
class CategoricalGeneralizedCrossEntropy(Loss):
    """`(1 - p[y_true]^q) / q` for class numbers, some of which may be wrong: `categorical_generalized_cross_entropy`.

    Args:
        q: within (0, 1); the larger, the less a wrong label matters.
        reduction: see `Loss`.
        name: display name.
        dtype: type in which the loss computes.

    Raises:
        InvalidArgument: `q` is not within (0, 1).

    Example:
        >>> float(CategoricalGeneralizedCrossEntropy()([1, 0], [[0.75, 0.25], [1.0, 0.0]]))  # (1 + 0) / 2
        0.5
    """

    keras_module = "keras.losses"

    def __init__(
        self,
        q: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_generalized_cross_entropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        if not 0 < q < 1:
            raise InvalidArgument(
                "The generalized cross-entropy has no such power.",
                code="loss-argument",
                place=f"loss {self.name!r}, q=",
                expected="a number within (0, 1)",
                received=repr(q),
                fix="0.5 lies in the middle; for q = 0 take SparseCategoricalCrossentropy",
            )
        self.q = q

    def call(self, y_true: Array, y_pred: Array) -> Array:
        """Return the generalized cross-entropy of each row."""
        return categorical_generalized_cross_entropy(y_true, y_pred, self.q)
