"""One ratio at the threshold where another is good enough: an operating point on a curve."""

from __future__ import annotations

from typing import ClassVar, final

import jax.numpy as jnp

from ranvier._errors import InvalidArgument
from ranvier._typing import Array, DType
from ranvier.losses.reduction import divide_no_nan
from ranvier.metrics.confusion import CountingMetric
from ranvier.metrics.counts import Counts

__all__ = ["PrecisionAtRecall", "RecallAtPrecision", "SensitivityAtSpecificity", "SpecificityAtSensitivity"]

_RATIOS = {
    "sensitivity": ("true_positives", "false_negatives"),
    "specificity": ("true_negatives", "false_positives"),
    "precision": ("true_positives", "false_positives"),
    "recall": ("true_positives", "false_negatives"),
}


class _OperatingPoint(CountingMetric):
    """The best `wanted` ratio among the thresholds whose `held` ratio reaches `least`."""

    counted = Counts._fields
    wanted: ClassVar[str]
    held: ClassVar[str]

    def __init__(
        self, least: float, num_thresholds: int, class_id: int | None, name: str | None, dtype: DType | None
    ) -> None:
        super().__init__(dtype=dtype, name=name)
        if not 0 <= least <= 1 or num_thresholds <= 0:
            raise InvalidArgument(
                f"{type(self).__name__} cannot hold this {self.held}.",
                code="metric-argument",
                place=f"metric {self.name!r}",
                expected=f"{self.held} within [0, 1], num_thresholds > 0",
                received=f"{self.held}={least!r}, num_thresholds={num_thresholds!r}",
                fix="correct the argument",
            )
        self.least, self.num_thresholds, self.class_id = least, num_thresholds, class_id
        last = num_thresholds - 1
        self.thresholds = [0.5] if num_thresholds == 1 else [i / last for i in range(num_thresholds)]
        self.add_totals()

    def _ratio(self, name: str) -> Array:
        part, other = (self.totals[count].value for count in _RATIOS[name])
        return divide_no_nan(part, part + other)

    def result(self) -> Array:
        """Return the best value; 0 where no threshold reaches the other ratio."""
        reached = self._ratio(self.held) >= self.least
        return jnp.max(jnp.where(reached, self._ratio(self.wanted), 0)).astype(self.dtype)


@final
class SensitivityAtSpecificity(_OperatingPoint):
    """The best `tp / (tp + fn)` where `tn / (tn + fp)` reaches `specificity`.

    Args:
        specificity: what must be reached, within [0, 1].
        num_thresholds: how many thresholds are tried.
        class_id: look at this column alone.
        name: display name.
        dtype: type of the result.

    Example:
        >>> float(SensitivityAtSpecificity(0.5)([0, 0, 0, 1, 1], [0.0, 0.3, 0.8, 0.3, 0.8]))
        0.5
    """

    held, wanted = "specificity", "sensitivity"

    def __init__(
        self,
        specificity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__(specificity, num_thresholds, class_id, name, dtype)
        self.specificity = specificity


@final
class SpecificityAtSensitivity(_OperatingPoint):
    """The best `tn / (tn + fp)` where `tp / (tp + fn)` reaches `sensitivity`.

    Args:
        sensitivity: what must be reached, within [0, 1].
        num_thresholds: how many thresholds are tried.
        class_id: look at this column alone.
        name: display name.
        dtype: type of the result.

    Example:
        >>> float(SpecificityAtSensitivity(0.6)([0, 0, 1, 1], [0.1, 0.6, 0.5, 0.8]))
        0.5
    """

    held, wanted = "sensitivity", "specificity"

    def __init__(
        self,
        sensitivity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__(sensitivity, num_thresholds, class_id, name, dtype)
        self.sensitivity = sensitivity


@final
class PrecisionAtRecall(_OperatingPoint):
    """The best `tp / (tp + fp)` where `tp / (tp + fn)` reaches `recall`.

    Args:
        recall: what must be reached, within [0, 1].
        num_thresholds: how many thresholds are tried.
        class_id: look at this column alone.
        name: display name.
        dtype: type of the result.

    Example:
        >>> float(PrecisionAtRecall(0.5)([0, 0, 0, 1, 1], [0.0, 0.3, 0.8, 0.3, 0.8]))
        0.5
    """

    held, wanted = "recall", "precision"

    def __init__(
        self,
        recall: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__(recall, num_thresholds, class_id, name, dtype)
        self.recall = recall


@final
class RecallAtPrecision(_OperatingPoint):
    """The best `tp / (tp + fn)` where `tp / (tp + fp)` reaches `precision`.

    Args:
        precision: what must be reached, within [0, 1].
        num_thresholds: how many thresholds are tried.
        class_id: look at this column alone.
        name: display name.
        dtype: type of the result.

    Example:
        >>> float(RecallAtPrecision(0.8)([0, 0, 1, 1], [0.1, 0.6, 0.5, 0.8]))
        0.5
    """

    held, wanted = "precision", "recall"

    def __init__(
        self,
        precision: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__(precision, num_thresholds, class_id, name, dtype)
        self.precision = precision
