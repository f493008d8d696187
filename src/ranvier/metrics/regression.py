"""Metrics of numbers that are more than the mean of a loss: root mean squared error and R²."""

from __future__ import annotations

from typing import final

import jax.numpy as jnp

from ranvier._errors import InvalidArgument
from ranvier._typing import Array, ArrayLike, DType
from ranvier.losses.reduction import broadcast_weights, divide_no_nan
from ranvier.losses.shapes import align
from ranvier.metrics.base import Metric
from ranvier.metrics.reduction import Mean
from ranvier.state.variable import Variable, as_array

__all__ = ["R2Score", "RootMeanSquaredError"]

_AGGREGATIONS = (None, "uniform_average", "variance_weighted_average")


@final
class RootMeanSquaredError(Mean):
    """`sqrt(mean((y_true - y_pred)²))` over all batches.

    Args:
        name: display name.
        dtype: type of the result.

    Example:
        >>> float(RootMeanSquaredError()([0.0, 0.0], [1.0, 7.0]))  # sqrt(50 / 2)
        5.0
    """

    def __init__(self, name: str | None = "root_mean_squared_error", dtype: DType | None = None) -> None:
        super().__init__(name=name, dtype=dtype)

    def update_state(self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None = None) -> None:  # type: ignore[override]
        """Add one batch."""
        y_true, y_pred = align(y_true, as_array(y_pred).astype(self.total.dtype))
        super().update_state(jnp.square(y_pred - y_true), sample_weight)

    def result(self) -> Array:
        """Return the root of the mean."""
        return jnp.sqrt(super().result())


@final
class R2Score(Metric):
    """`R² = 1 - Σ w (y_true - y_pred)² / Σ w (y_true - mean(y_true))²`, over all batches.

    Args:
        class_aggregation: how the columns become one number: `"uniform_average"`, `"variance_weighted_average"`, or
            None for one number per column.
        num_regressors: number of predictors `p` for the adjusted R²: `1 - (1 - R²)(n - 1) / (n - p - 1)`; 0 for the
            plain one, which also stands where `n <= p + 1`.
        name: display name.
        dtype: type of the result.

    Raises:
        InvalidArgument: an unknown aggregation, negative `num_regressors`, or data that is not `(batch, columns)`.

    Numerics:
        Means and squared deviations are merged batch by batch, so a large mean costs no digits (Keras subtracts sums of
        squares). As in Keras, `n` counts the elements of `y_true`, and a constant target that is missed gives 0.

    Example:
        >>> round(float(R2Score()([[1.0], [2.0], [3.0]], [[1.0], [2.0], [2.0]])), 4)  # 1 - 1 / 2
        0.5

    Source: Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979.
    """

    keras_module = "keras.metrics"

    def __init__(
        self,
        class_aggregation: str | None = "uniform_average",
        num_regressors: int = 0,
        name: str | None = "r2_score",
        dtype: DType | None = None,
    ) -> None:
        super().__init__(dtype=dtype, name=name)
        if class_aggregation not in _AGGREGATIONS or num_regressors < 0:
            raise InvalidArgument(
                "R2Score cannot aggregate like this.",
                code="metric-argument",
                place=f"metric {self.name!r}",
                expected=f"class_aggregation one of {_AGGREGATIONS}, num_regressors >= 0",
                received=f"class_aggregation={class_aggregation!r}, num_regressors={num_regressors!r}",
                fix="correct the argument",
            )
        self.class_aggregation, self.num_regressors = class_aggregation, num_regressors
        self.num_samples = self.add_total((), "num_samples")
        self._columns: tuple[Variable, Variable, Variable, Variable] | None = None

    def _state(self, columns: int) -> tuple[Variable, Variable, Variable, Variable]:
        """Return count, mean, spread and residual of each column, made at the first batch."""
        if self._columns is None:
            mean = self.add_variable((columns,), "zeros", name="mean")
            count, spread, residual = (self.add_total((columns,), n) for n in ("count", "spread", "residual"))
            self._columns = (count, mean, spread, residual)
        return self._columns

    def update_state(self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None = None) -> None:
        """Add one batch: `(batch, columns)`, weights `(batch,)` or of the same shape."""
        y_true, y_pred = align(y_true, as_array(y_pred).astype(self.num_samples.dtype))
        if y_pred.ndim != 2 or y_true.ndim != 2:
            raise InvalidArgument(
                "R2Score compares tables.",
                code="metric-shape",
                place=f"metric {self.name!r}",
                expected="(batch, columns)",
                received=f"y_true of shape {y_true.shape}, y_pred of shape {y_pred.shape}",
                fix="add an axis of one column",
            )
        weights = jnp.ones((), y_pred.dtype) if sample_weight is None else as_array(sample_weight).astype(y_pred.dtype)
        weights = broadcast_weights(weights, y_true.shape)
        self._merge(y_true, jnp.square(y_true - y_pred), weights)

    def _merge(self, y_true: Array, errors: Array, weights: Array) -> None:
        count, mean, spread, residual = self._state(y_true.shape[1])
        weight = jnp.sum(weights, axis=0)
        center = divide_no_nan(jnp.sum(weights * y_true, axis=0), weight)
        shift = center - mean.value
        share = divide_no_nan(weight, count.value + weight)
        deviations = jnp.sum(weights * jnp.square(y_true - center), axis=0)
        self.accumulate(spread, deviations + jnp.square(shift) * count.value * share)
        mean.assign(mean.value + shift * share)
        self.accumulate(count, weight)
        self.accumulate(residual, jnp.sum(weights * errors, axis=0))
        self.accumulate(self.num_samples, y_true.size)

    def result(self) -> Array:
        """Return R², adjusted where `num_regressors` says so."""
        if self._columns is None:
            return jnp.asarray(jnp.nan, self.dtype)
        _, _, spread, residual = (variable.value for variable in self._columns)
        scores = 1 - residual / spread
        scores = jnp.where(jnp.isinf(scores), 0.0, scores)
        if self.class_aggregation == "uniform_average":
            scores = jnp.mean(scores)
        elif self.class_aggregation == "variance_weighted_average":
            scores = jnp.sum(spread * scores) / jnp.sum(spread)
        if self.num_regressors:
            n = self.num_samples.value
            free = n - self.num_regressors - 1
            adjusted = 1 - (1 - scores) * (n - 1) / jnp.where(free > 0, free, 1)
            scores = jnp.where(free > 0, adjusted, scores)
        return scores.astype(self.dtype)
