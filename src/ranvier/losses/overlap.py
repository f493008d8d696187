"""Overlap losses: how little two sets have in common, for segmentation and rare classes.

Source: Milletari et al., "V-Net: fully convolutional neural networks for volumetric medical image segmentation", 2016;
Salehi et al., "Tversky loss function for image segmentation using 3D fully convolutional deep networks", 2017.
"""

from __future__ import annotations

from typing import Any, final

import jax.numpy as jnp

from ranvier import _config
from ranvier._typing import Array, ArrayLike
from ranvier.losses.base import Loss
from ranvier.losses.shapes import align
from ranvier.state.symbolic import op

__all__ = ["Dice", "Tversky", "dice", "tversky"]

Axes = int | tuple[int, ...] | list[int] | None


@op
def dice(y_true: ArrayLike, y_pred: ArrayLike, axis: Axes = None) -> Array:
    """`1 - 2 · Σ y_true · y_pred / (Σ y_true + Σ y_pred + epsilon)`, the sums over `axis`.

    Args:
        y_true: 0 or 1, or a probability, `(batch, ..., units)`.
        y_pred: probabilities, `(batch, ..., units)`.
        axis: the axes of the sums; None: all of them, the batch's too.

    Returns:
        The shape of `y_pred` without `axis`: a scalar for None.

    Raises:
        InvalidArgument: the shapes do not fit.

    Example:
        >>> round(float(dice([[1.0, 1.0, 0.0]], [[1.0, 0.0, 1.0]])), 4)  # 1 - 2 · 1 / (2 + 2)
        0.5
    """
    y_true, y_pred = align(y_true, y_pred)
    axes = _axes(axis)
    both = jnp.sum(y_true * y_pred, axis=axes)
    return 1 - 2 * both / (jnp.sum(y_true, axis=axes) + jnp.sum(y_pred, axis=axes) + _config.epsilon())


@op
def tversky(y_true: ArrayLike, y_pred: ArrayLike, alpha: float = 0.5, beta: float = 0.5, axis: Axes = None) -> Array:
    """`1 - both / (both + alpha · missed + beta · extra + epsilon)`, `both = Σ y_true · y_pred` over `axis`.

    `missed = Σ y_true · (1 - y_pred)` and `extra = Σ (1 - y_true) · y_pred`; `alpha = beta = 0.5` gives `dice`.

    Args:
        y_true: 0 or 1, or a probability, `(batch, ..., units)`.
        y_pred: probabilities, `(batch, ..., units)`.
        alpha: weight of what was missed.
        beta: weight of what was found beyond.
        axis: the axes of the sums; None: all of them, the batch's too.

    Returns:
        The shape of `y_pred` without `axis`: a scalar for None.

    Raises:
        InvalidArgument: the shapes do not fit.

    Numerics:
        As in Keras `alpha` weighs the false negatives; in the paper it weighs the false positives.

    Example:
        >>> round(float(tversky([[1.0, 1.0, 0.0]], [[1.0, 0.0, 1.0]], alpha=2.0, beta=1.0)), 4)  # 1 - 1 / (1 + 2 + 1)
        0.75
    """
    y_true, y_pred = align(y_true, y_pred)
    axes = _axes(axis)
    both = jnp.sum(y_true * y_pred, axis=axes)
    missed, extra = jnp.sum(y_true * (1 - y_pred), axis=axes), jnp.sum((1 - y_true) * y_pred, axis=axes)
    return 1 - both / (both + alpha * missed + beta * extra + _config.epsilon())


def _axes(axis: Axes) -> int | tuple[int, ...] | None:
    """Return axes as NumPy takes them; a saved configuration holds a list."""
    return tuple(axis) if isinstance(axis, list) else axis


@final
class Dice(Loss):
    """`1 - 2 · |A ∩ B| / (|A| + |B|)`, see `dice`.

    Args:
        reduction: see `Loss`; with `axis=None` there is one value for the whole batch.
        name: display name.
        axis: the axes of the sums, `(1, 2, 3)` for one value per image; None: all of them.
        dtype: type in which the loss computes.

    Example:
        >>> round(float(Dice()([[1.0, 1.0, 0.0]], [[1.0, 0.0, 1.0]])), 4)
        0.5
    """

    keras_module = "keras.losses"

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "dice",
        axis: Axes = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.axis = axis

    def call(self, y_true: Array, y_pred: Array) -> Array:
        """Return the Dice loss."""
        return dice(y_true, y_pred, self.axis)


@final
class Tversky(Loss):
    """`1 - both / (both + alpha · missed + beta · extra)`, see `tversky`.

    Args:
        alpha: weight of what was missed.
        beta: weight of what was found beyond.
        reduction: see `Loss`; with `axis=None` there is one value for the whole batch.
        name: display name.
        axis: the axes of the sums, `(1, 2, 3)` for one value per image; None: all of them.
        dtype: type in which the loss computes.

    Example:
        >>> round(float(Tversky(alpha=2.0, beta=1.0)([[1.0, 1.0, 0.0]], [[1.0, 0.0, 1.0]])), 4)
        0.75
    """

    keras_module = "keras.losses"

    def __init__(
        self,
        alpha: float = 0.5,
        beta: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "tversky",
        axis: Axes = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.alpha, self.beta, self.axis = alpha, beta, axis

    def call(self, y_true: Array, y_pred: Array) -> Array:
        """Return the Tversky loss."""
        return tversky(y_true, y_pred, self.alpha, self.beta, self.axis)
