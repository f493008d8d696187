"""Counts of right and wrong answers at thresholds, and precision and recall made of them."""

from __future__ import annotations

from typing import Any, ClassVar, final

from ranvier._typing import Array, ArrayLike, DType
from ranvier.losses.reduction import divide_no_nan
from ranvier.metrics.base import Metric
from ranvier.metrics.counts import NEVER, confusion_counts, parse_thresholds
from ranvier.state.variable import Variable

__all__ = [
    "CountingMetric",
    "FalseNegatives",
    "FalsePositives",
    "Precision",
    "Recall",
    "TrueNegatives",
    "TruePositives",
]


class CountingMetric(Metric):
    """A metric whose state are some of the four counts at each threshold."""

    keras_module = "keras.metrics"
    counted: ClassVar[tuple[str, ...]]
    thresholds: list[float]
    top_k: int | None = None
    class_id: int | None = None

    def add_totals(self) -> None:
        """Add the variables of `counted`; `thresholds` must be set."""
        self.totals: dict[str, Variable] = {n: self.add_total((len(self.thresholds),), n) for n in self.counted}

    def update_state(self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None = None) -> None:
        """Add one batch."""
        counts = confusion_counts(
            y_true, y_pred, self.thresholds, sample_weight, top_k=self.top_k, class_id=self.class_id
        )
        for name, total in self.totals.items():
            self.accumulate(total, getattr(counts, name))

    def shown(self, values: Array) -> Array:
        """Return one number for one threshold, an array for several."""
        return (values[0] if len(self.thresholds) == 1 else values).astype(self.dtype)


class _OneCount(CountingMetric):
    """One of the four counts.

    Args:
        thresholds: above it a score is positive; a number or a list, 0.5 when None.
        name: display name.
        dtype: type of the result.
    """

    def __init__(self, thresholds: Any = None, name: str | None = None, dtype: DType | None = None) -> None:
        super().__init__(dtype=dtype, name=name)
        self.init_thresholds = thresholds
        self.thresholds = parse_thresholds(thresholds, 0.5)
        self.add_totals()

    def result(self) -> Array:
        """Return the count."""
        return self.shown(self.totals[self.counted[0]].value)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {**super().get_config(), "thresholds": self.init_thresholds}


@final
class TruePositives(_OneCount):
    """Weight of the rows with target 1 and a score above the threshold.

    Example:
        >>> float(TruePositives()([0, 1, 1, 1], [1.0, 0.0, 1.0, 1.0]))
        2.0
    """

    counted = ("true_positives",)


@final
class FalsePositives(_OneCount):
    """Weight of the rows with target 0 and a score above the threshold.

    Example:
        >>> float(FalsePositives()([0, 1, 0, 0], [0.0, 0.0, 1.0, 1.0]))
        2.0
    """

    counted = ("false_positives",)


@final
class TrueNegatives(_OneCount):
    """Weight of the rows with target 0 and a score not above the threshold.

    Example:
        >>> float(TrueNegatives()([0, 1, 0, 0], [1.0, 1.0, 0.0, 0.0]))
        2.0
    """

    counted = ("true_negatives",)


@final
class FalseNegatives(_OneCount):
    """Weight of the rows with target 1 and a score not above the threshold.

    Example:
        >>> float(FalseNegatives()([0, 1, 1, 1], [0.0, 1.0, 0.0, 0.0]))
        2.0
    """

    counted = ("false_negatives",)


class _Share(CountingMetric):
    """`true_positives / (true_positives + other)`.

    Args:
        thresholds: above it a score is positive; a number or a list, 0.5 when None (with `top_k`: every score).
        top_k: only the `top_k` highest scores of a row can be positive.
        class_id: look at this column alone.
        name: display name.
        dtype: type of the result.

    Raises:
        InvalidArgument: a threshold outside [0, 1], or shapes that do not fit.
    """

    def __init__(
        self,
        thresholds: Any = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__(dtype=dtype, name=name)
        self.init_thresholds, self.top_k, self.class_id = thresholds, top_k, class_id
        self.thresholds = parse_thresholds(thresholds, 0.5 if top_k is None else NEVER)
        self.add_totals()

    def result(self) -> Array:
        """Return the share; 0 where nothing was counted."""
        part, other = (total.value for total in self.totals.values())
        return self.shown(divide_no_nan(part, part + other))

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {**super().get_config(), "thresholds": self.init_thresholds}


@final
class Precision(_Share):
    """Which share of the positive answers is right: `tp / (tp + fp)`.

    Example:
        >>> round(float(Precision()([0, 1, 1, 1], [1.0, 0.0, 1.0, 1.0])), 4)
        0.6667
    """

    counted = ("true_positives", "false_positives")


@final
class Recall(_Share):
    """Which share of the positive rows is found: `tp / (tp + fn)`.

    Example:
        >>> round(float(Recall()([0, 1, 1, 1], [1.0, 0.0, 1.0, 1.0])), 4)
        0.6667
    """

    counted = ("true_positives", "false_negatives")
