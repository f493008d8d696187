"""AUC: the area under a curve of two ratios, swept over thresholds.

Source: Davis and Goadrich, "The relationship between precision-recall and ROC curves", 2006 (interpolation of PR);
Flach and Kull, "Precision-recall-gain curves", 2015.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, final

import jax
import jax.numpy as jnp
import numpy as np

from ranvier import _config
from ranvier._errors import InvalidArgument
from ranvier._typing import Array, ArrayLike, DType
from ranvier.losses.reduction import divide_no_nan
from ranvier.metrics.base import Metric
from ranvier.metrics.counts import Counts, confusion_counts
from ranvier.state.variable import Variable, as_array

__all__ = ["AUC"]

_CURVES = ("ROC", "PR", "PRGAIN")
_METHODS = ("interpolation", "majoring", "minoring")


@final
class AUC(Metric):
    """The area under the ROC, precision-recall or precision-recall-gain curve, by a sum over thresholds.

    Args:
        num_thresholds: how many points of the curve are used; at least 2.
        curve: `"ROC"`, `"PR"` or `"PRGAIN"`.
        summation_method: heights between points: `"interpolation"` (trapezoids; on PR the interpolation of Davis and
            Goadrich), `"majoring"` (the higher end), `"minoring"` (the lower end).
        name: display name.
        dtype: type of the result.
        thresholds: inner thresholds within [0, 1], in place of `num_thresholds`.
        multi_label: whether each column has a curve of its own, whose areas are averaged.
        num_labels: number of columns with `multi_label`; taken from the first batch when None.
        label_weights: one weight per column.
        from_logits: whether `y_pred` are logits (a sigmoid is applied).

    Raises:
        InvalidArgument: an unknown curve or method, too few thresholds, or shapes that do not fit.

    Numerics:
        Scores are counted between thresholds, so the area is exact only as the thresholds are fine.

    Example:
        >>> float(AUC(num_thresholds=3)([0, 0, 1, 1], [0.0, 0.5, 0.3, 0.9]))
        0.75
    """

    keras_module = "keras.metrics"

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        dtype: DType | None = None,
        thresholds: Sequence[float] | None = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Any = None,
        from_logits: bool = False,
    ) -> None:
        super().__init__(dtype=dtype, name=name)
        inner = None if thresholds is None else sorted(float(t) for t in thresholds)
        self.num_thresholds = num_thresholds if inner is None else len(inner) + 2
        self.curve, self.summation_method = str(curve).upper(), str(summation_method).lower()
        self.multi_label, self.num_labels, self.from_logits = multi_label, num_labels, from_logits
        self.label_weights = None if label_weights is None else np.asarray(label_weights, np.float32)
        self._check()
        last = self.num_thresholds - 1
        inner = [i / last for i in range(1, last)] if inner is None else inner
        self._given = thresholds is not None
        # The outer two lie beyond 0 and 1, so that the curve reaches both corners.
        self.thresholds = [-_config.epsilon(), *inner, 1.0 + _config.epsilon()]
        self._totals: dict[str, Variable] = {}
        if not multi_label or num_labels:
            self._state((num_labels,) if multi_label else ())

    def _check(self) -> None:
        if (
            self.curve not in _CURVES
            or self.summation_method not in _METHODS
            or self.num_thresholds < 2
            or (self.num_labels and not self.multi_label)
        ):
            raise InvalidArgument(
                "AUC cannot be computed like this.",
                code="metric-argument",
                place=f"metric {self.name!r}",
                expected=f"curve one of {_CURVES}, summation_method one of {_METHODS}, num_thresholds > 1, "
                "num_labels only with multi_label=True",
                received=f"curve={self.curve!r}, summation_method={self.summation_method!r}, "
                f"num_thresholds={self.num_thresholds!r}, num_labels={self.num_labels!r}",
                fix="correct the argument",
            )

    def _state(self, columns: tuple[Any, ...]) -> dict[str, Variable]:
        """Return the four counts' variables, made when the number of columns is known."""
        if not self._totals:
            self._totals = {n: self.add_total((self.num_thresholds, *columns), n) for n in Counts._fields}
        return self._totals

    def update_state(self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None = None) -> None:
        """Add one batch: `(batch,)`, `(batch, 1)` or `(batch, labels)`."""
        scores = as_array(y_pred)
        if self.multi_label and scores.ndim != 2:
            raise InvalidArgument(
                "With multi_label=True each row has one score per label.",
                code="metric-shape",
                place=f"metric {self.name!r}",
                expected="(batch, labels)",
                received=f"y_pred of shape {scores.shape}",
                fix="leave multi_label out",
            )
        totals = self._state(scores.shape[1:] if self.multi_label else ())
        if self.from_logits:
            scores = jax.nn.sigmoid(scores)
        counts = confusion_counts(
            y_true,
            scores,
            self.thresholds,
            sample_weight,
            multi_label=self.multi_label,
            label_weights=self.label_weights,
        )
        for name, total in totals.items():
            self.accumulate(total, getattr(counts, name))

    def result(self) -> Array:
        """Return the area; averaged over labels with `multi_label`."""
        if not self._totals:
            return jnp.zeros((), self.dtype)
        counts = Counts(*(total.value for total in self._totals.values()))
        areas = _areas(counts, self.curve, self.summation_method)
        if self.multi_label and self.label_weights is not None:
            weights = jnp.asarray(self.label_weights)
            areas = divide_no_nan(jnp.sum(areas * weights), jnp.sum(weights))
        return jnp.mean(areas).astype(self.dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments; inner thresholds only where they were given."""
        config = super().get_config()
        del config["thresholds"]
        return config | {"thresholds": self.thresholds[1:-1]} if self._given else config


@partial(jax.jit, static_argnums=(1, 2))
def _areas(counts: Counts, curve: str, method: str) -> Array:
    """Return the area under the curve, one per label where labels are kept apart."""
    if curve == "PR" and method == "interpolation":
        return jnp.sum(_interpolated_pr(counts), axis=0)
    return jnp.sum(_strips(*_points(counts, curve), method), axis=0)


def _points(counts: Counts, curve: str) -> tuple[Array, Array]:
    """Return x and y of the curve at each threshold, from the lowest threshold on."""
    tp, fp, tn, fn = counts
    recall = divide_no_nan(tp, tp + fn)
    if curve == "ROC":
        return divide_no_nan(fp, fp + tn), recall
    if curve == "PR":
        return recall, divide_no_nan(tp, tp + fp)
    odds = divide_no_nan(tp + fn, tn + fp)
    recall_gain = jnp.where(tp == 0, 0, 1 - odds * divide_no_nan(fn, tp))
    precision_gain = jnp.where(tp == 0, 1, 1 - odds * divide_no_nan(fp, tp))
    return jnp.maximum(recall_gain, 0), precision_gain


def _strips(x: Array, y: Array, method: str) -> Array:
    """Return the area between neighbouring points."""
    left, right = y[:-1], y[1:]
    if method == "interpolation":
        height = (left + right) / 2
    elif method == "majoring":
        height = jnp.maximum(left, right)
    else:
        height = jnp.minimum(left, right)
    return (x[:-1] - x[1:]) * height


def _interpolated_pr(counts: Counts) -> Array:
    """Return the areas under precision-recall where true positives grow in proportion to all positives."""
    tp, fp, _, fn = counts
    positives = tp + fp
    gained = tp[:-1] - tp[1:]
    slope = divide_no_nan(gained, jnp.maximum(positives[:-1] - positives[1:], 0))
    intercept = tp[1:] - slope * positives[1:]
    both = (positives[:-1] > 0) & (positives[1:] > 0)
    ratio = jnp.where(both, divide_no_nan(positives[:-1], positives[1:]), 1)
    return divide_no_nan(slope * (gained + intercept * jnp.log(ratio)), tp[1:] + fn[1:])
