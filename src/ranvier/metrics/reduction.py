"""Sums and means over all rows of all batches: what most metrics are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import jax.numpy as jnp

from ranvier import _lookup
from ranvier._typing import Array, ArrayLike, DType
from ranvier.losses import choose
from ranvier.losses.base import shows_name, some_pass
from ranvier.losses.reduction import apply_mask, broadcast_weights, divide_no_nan
from ranvier.losses.shapes import same_rank
from ranvier.metrics import functions
from ranvier.metrics.base import Metric
from ranvier.ops.core import traceable
from ranvier.state import masking
from ranvier.state.variable import as_array

__all__ = ["FixedMetric", "Mean", "MeanMetricWrapper", "Sum"]

_FUNCTIONS: dict[str, Any] = choose.TABLE | {name: getattr(functions, name) for name in functions.__all__}


def _per_row(
    values: ArrayLike, sample_weight: ArrayLike | None, reduce: Callable[..., Array], dtype: Any
) -> tuple[Array, Array | None]:
    """Return one weighted value per row, and one weight per row; inner axes by `reduce` (mean or sum)."""
    mask = masking.of(values)
    array: Array = as_array(values).astype(dtype)
    weights: Array | None = None
    if sample_weight is not None:
        weights = apply_mask(as_array(sample_weight).astype(dtype), mask, dtype, "sum")
        assert weights is not None
        array, weights = same_rank(array, weights)
        axes = weights.ndim
        if array.ndim > axes:
            array = reduce(array, axis=tuple(range(axes, array.ndim)))
        weights = broadcast_weights(weights, array.shape)
        array = array * weights
        if axes > 1:
            weights = reduce(weights, axis=tuple(range(1, axes)))
    if array.ndim > 1:
        array = reduce(array, axis=tuple(range(1, array.ndim)))
    return array, weights


class Sum(Metric):
    """`Σᵢ wᵢ · valueᵢ` over all batches.

    Args:
        name: display name.
        dtype: type of the result.

    Example:
        >>> float(Sum()([1.0, 3.0, 5.0], sample_weight=[1.0, 1.0, 0.0]))
        4.0
    """

    keras_module = "keras.metrics"

    def __init__(self, name: str | None = "sum", dtype: DType | None = None) -> None:
        super().__init__(dtype=dtype, name=name)
        self.total = self.add_total((), "total")

    def update_state(self, values: ArrayLike, sample_weight: ArrayLike | None = None) -> None:
        """Add values: a scalar or `(batch, ...)`; weights: any first axes of it."""
        rows, _ = _per_row(values, sample_weight, jnp.sum, self.total.dtype)
        self.accumulate(self.total, jnp.sum(rows))

    def result(self) -> Array:
        """Return the sum."""
        return self.total.value.astype(self.dtype)


class Mean(Metric):
    """`Σᵢ wᵢ · valueᵢ / Σᵢ wᵢ` over all rows of all batches; 0 before the first.

    Args:
        name: display name.
        dtype: type of the result.

    Example:
        >>> mean = Mean()
        >>> mean.update_state([1.0, 3.0])
        >>> float(mean([5.0], sample_weight=[2.0]))  # (1 + 3 + 2 · 5) / 4
        3.5
    """

    keras_module = "keras.metrics"

    def __init__(self, name: str | None = "mean", dtype: DType | None = None) -> None:
        super().__init__(dtype=dtype, name=name)
        self.total = self.add_total((), "total")
        self.count = self.add_total((), "count")

    def update_state(self, values: ArrayLike, sample_weight: ArrayLike | None = None) -> None:
        """Add values: a scalar or `(batch, ...)`; weights: any first axes of it."""
        rows, weights = _per_row(values, sample_weight, jnp.mean, self.total.dtype)
        self.accumulate(self.total, jnp.sum(rows))
        if weights is None:
            self.accumulate(self.count, rows.shape[0] if rows.ndim else 1)
        else:
            self.accumulate(self.count, jnp.sum(weights))

    def result(self) -> Array:
        """Return the mean."""
        return divide_no_nan(self.total.value, self.count.value).astype(self.dtype)


class MeanMetricWrapper(Mean):
    """The mean of a function's values; what a plain function in `compile(metrics=[...])` becomes.

    Args:
        fn: `(y_true, y_pred, **kwargs) -> values`, one per row.
        name: display name.
        dtype: type of the result.
        **kwargs: handed to `fn`.

    Numerics:
        A mask of `y_pred` weighs rows and steps with 0 or 1. Places that `fn` itself masks (`ignore_class`) are left
        out only where weights are given, as in Keras; without weights they count as zeros.

    Example:
        >>> metric = MeanMetricWrapper(lambda y_true, y_pred: (y_true - y_pred) ** 2, name="squared")
        >>> float(metric(jnp.array([1.0, 2.0]), jnp.array([1.0, 4.0])))
        2.0
    """

    def __init__(
        self, fn: Callable[..., Any], name: str | None = None, dtype: DType | None = None, **kwargs: Any
    ) -> None:
        super().__init__(name=name or choose.object_name(fn), dtype=dtype)
        self.fn, self.arguments = fn, kwargs

    def update_state(  # type: ignore[override]
        self, y_true: Any, y_pred: Any, sample_weight: ArrayLike | None = None
    ) -> None:
        """Add one batch."""
        with some_pass():
            with traceable(f"metric {self.name!r}"):
                values = self.fn(y_true, y_pred, **self.arguments)
            weights = None if sample_weight is None else as_array(sample_weight)
            super().update_state(values, apply_mask(weights, masking.of(y_pred), self.total.dtype, "sum"))

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, a function in Keras's form."""
        config = super().get_config()
        if "fn" not in config:
            return config
        return {**config, "fn": _lookup.identify(self.fn), **_lookup.plain(self.arguments)}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> MeanMetricWrapper:
        """Build an equal metric; a function is one of ours or a custom object."""
        if "fn" not in config:
            return cls(**config)
        return cls(**{**config, "fn": _lookup.get(config["fn"], "metric function", _FUNCTIONS, choose.ALIASES)})


class FixedMetric(MeanMetricWrapper):
    """The mean of one function without arguments of its own.

    Args:
        name: display name; `default_name` when None.
        dtype: type of the result.
    """

    function: ClassVar[Callable[..., Array]]
    default_name: ClassVar[str]

    def __init_subclass__(cls) -> None:
        shows_name(cls, cls.default_name)

    def __init__(self, name: str | None = None, dtype: DType | None = None) -> None:
        super().__init__(self.function, name=name or self.default_name, dtype=dtype)
