"""Metrics that are the mean of a loss function."""

from __future__ import annotations

from typing import final

from ranvier._typing import DType
from ranvier.losses import crossentropy, divergence, margin, regression
from ranvier.metrics.reduction import FixedMetric, MeanMetricWrapper

__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalHinge",
    "Hinge",
    "KLDivergence",
    "LogCoshError",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
]


@final
class MeanSquaredError(FixedMetric):
    """Mean of `(y_true - y_pred)²`.

    Example:
        >>> float(MeanSquaredError()([[0.0], [1.0]], [[1.0], [3.0]]))
        2.5
    """

    function = staticmethod(regression.mean_squared_error)
    default_name = "mean_squared_error"


@final
class MeanAbsoluteError(FixedMetric):
    """Mean of `|y_true - y_pred|`.

    Example:
        >>> float(MeanAbsoluteError()([[0.0], [1.0]], [[1.0], [3.0]]))
        1.5
    """

    function = staticmethod(regression.mean_absolute_error)
    default_name = "mean_absolute_error"


@final
class MeanAbsolutePercentageError(FixedMetric):
    """Mean of `100 · |y_true - y_pred| / |y_true|`, in percent.

    Example:
        >>> float(MeanAbsolutePercentageError()([[2.0], [4.0]], [[1.0], [4.0]]))
        25.0
    """

    function = staticmethod(regression.mean_absolute_percentage_error)
    default_name = "mean_absolute_percentage_error"


@final
class MeanSquaredLogarithmicError(FixedMetric):
    """Mean of `(log(1 + y_true) - log(1 + y_pred))²`.

    Example:
        >>> round(float(MeanSquaredLogarithmicError()([[1.0]], [[3.0]])), 4)  # log(2)²
        0.4805
    """

    function = staticmethod(regression.mean_squared_logarithmic_error)
    default_name = "mean_squared_logarithmic_error"


@final
class LogCoshError(FixedMetric):
    """Mean of `log(cosh(y_pred - y_true))`.

    Example:
        >>> round(float(LogCoshError()([[0.0]], [[1.0]])), 4)
        0.4338
    """

    function = staticmethod(regression.log_cosh)
    default_name = "logcosh"


@final
class KLDivergence(FixedMetric):
    """Mean of `Σ y_true · log(y_true / y_pred)`.

    Example:
        >>> round(float(KLDivergence()([[0.5, 0.5]], [[0.25, 0.75]])), 4)
        0.1438
    """

    function = staticmethod(divergence.kl_divergence)
    default_name = "kl_divergence"


@final
class Poisson(FixedMetric):
    """Mean of `y_pred - y_true · log(y_pred)`.

    Example:
        >>> round(float(Poisson()([[2.0]], [[1.0]])), 4)
        1.0
    """

    function = staticmethod(divergence.poisson)
    default_name = "poisson"


@final
class Hinge(FixedMetric):
    """Mean of `max(1 - y_true · y_pred, 0)`.

    Example:
        >>> float(Hinge()([[-1.0, 1.0]], [[0.5, 2.0]]))
        0.75
    """

    function = staticmethod(margin.hinge)
    default_name = "hinge"


@final
class SquaredHinge(FixedMetric):
    """Mean of `max(1 - y_true · y_pred, 0)²`.

    Example:
        >>> float(SquaredHinge()([[-1.0, 1.0]], [[0.5, 2.0]]))
        1.125
    """

    function = staticmethod(margin.squared_hinge)
    default_name = "squared_hinge"


@final
class CategoricalHinge(FixedMetric):
    """Mean of `max(wrong - right + 1, 0)`.

    Example:
        >>> float(CategoricalHinge()([[0.0, 1.0]], [[0.5, 1.0]]))
        0.5
    """

    function = staticmethod(margin.categorical_hinge)
    default_name = "categorical_hinge"


@final
class BinaryCrossentropy(MeanMetricWrapper):
    """Mean of `-y_true · log(p) - (1 - y_true) · log(1 - p)`.

    Args:
        name: display name.
        dtype: type of the result.
        from_logits: whether `y_pred` are logits.
        label_smoothing: share of each label that is moved to 1/2.

    Example:
        >>> round(float(BinaryCrossentropy()([[1.0], [0.0]], [[0.5], [0.5]])), 4)  # log(2)
        0.6931
    """

    def __init__(
        self,
        name: str | None = "binary_crossentropy",
        dtype: DType | None = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
    ) -> None:
        super().__init__(
            crossentropy.binary_crossentropy,
            name=name,
            dtype=dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
        )
        self.from_logits, self.label_smoothing = from_logits, label_smoothing


@final
class CategoricalCrossentropy(MeanMetricWrapper):
    """Mean of `-Σ y_true · log(p)` for one-hot targets.

    Args:
        name: display name.
        dtype: type of the result.
        from_logits: whether `y_pred` are logits.
        label_smoothing: share of each label that is spread over all classes.
        axis: the axis of the classes.

    Example:
        >>> round(float(CategoricalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])), 4)  # log(2)
        0.6931
    """

    def __init__(
        self,
        name: str | None = "categorical_crossentropy",
        dtype: DType | None = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
        axis: int = -1,
    ) -> None:
        super().__init__(
            crossentropy.categorical_crossentropy,
            name=name,
            dtype=dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )
        self.from_logits, self.label_smoothing, self.axis = from_logits, label_smoothing, axis


@final
class SparseCategoricalCrossentropy(MeanMetricWrapper):
    """Mean of `-log(p[y_true])` for class numbers.

    Args:
        name: display name.
        dtype: type of the result.
        from_logits: whether `y_pred` are logits.
        ignore_class: a class number whose places give 0 (and weigh nothing where weights are given).
        axis: the axis of the classes.

    Example:
        >>> round(float(SparseCategoricalCrossentropy()([1], [[0.75, 0.25]])), 4)  # log(4)
        1.3863
    """

    def __init__(
        self,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: DType | None = None,
        from_logits: bool = False,
        ignore_class: int | None = None,
        axis: int = -1,
    ) -> None:
        super().__init__(
            crossentropy.sparse_categorical_crossentropy,
            name=name,
            dtype=dtype,
            from_logits=from_logits,
            ignore_class=ignore_class,
            axis=axis,
        )
        self.from_logits, self.ignore_class, self.axis = from_logits, ignore_class, axis
