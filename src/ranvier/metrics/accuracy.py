"""Accuracies: the share of right answers."""

from __future__ import annotations

from typing import final

from ranvier._typing import DType
from ranvier.metrics import functions
from ranvier.metrics.reduction import FixedMetric, MeanMetricWrapper

__all__ = [
    "Accuracy",
    "BinaryAccuracy",
    "CategoricalAccuracy",
    "SparseCategoricalAccuracy",
    "SparseTopKCategoricalAccuracy",
    "TopKCategoricalAccuracy",
]


@final
class Accuracy(FixedMetric):
    """The share of equal elements.

    Example:
        >>> float(Accuracy()([1, 2, 3, 4], [1, 2, 3, 0]))
        0.75
    """

    function = staticmethod(functions.accuracy)
    default_name = "accuracy"


@final
class BinaryAccuracy(MeanMetricWrapper):
    """The share of elements on the right side of `threshold`.

    Args:
        name: display name.
        dtype: type of the result.
        threshold: above it the answer is 1.

    Example:
        >>> float(BinaryAccuracy()([1, 1, 0, 0], [0.9, 0.4, 0.2, 0.1]))
        0.75
    """

    def __init__(
        self, name: str | None = "binary_accuracy", dtype: DType | None = None, threshold: float = 0.5
    ) -> None:
        super().__init__(functions.binary_accuracy, name=name, dtype=dtype, threshold=threshold)
        self.threshold = threshold


@final
class CategoricalAccuracy(FixedMetric):
    """The share of rows whose highest score is the one-hot target's class.

    Example:
        >>> float(CategoricalAccuracy()([[0, 1], [1, 0]], [[0.2, 0.8], [0.3, 0.7]]))
        0.5
    """

    function = staticmethod(functions.categorical_accuracy)
    default_name = "categorical_accuracy"


@final
class SparseCategoricalAccuracy(FixedMetric):
    """The share of rows whose highest score is the target's class number.

    Example:
        >>> float(SparseCategoricalAccuracy()([1, 0], [[0.2, 0.8], [0.3, 0.7]]))
        0.5
    """

    function = staticmethod(functions.sparse_categorical_accuracy)
    default_name = "sparse_categorical_accuracy"


@final
class TopKCategoricalAccuracy(MeanMetricWrapper):
    """The share of rows whose one-hot target is among the `k` highest scores.

    Args:
        k: how many guesses count.
        name: display name.
        dtype: type of the result.

    Example:
        >>> float(TopKCategoricalAccuracy(k=2)([[0, 0, 1], [0, 1, 0]], [[0.5, 0.2, 0.3], [0.5, 0.2, 0.3]]))
        0.5
    """

    def __init__(self, k: int = 5, name: str | None = "top_k_categorical_accuracy", dtype: DType | None = None) -> None:
        super().__init__(functions.top_k_categorical_accuracy, name=name, dtype=dtype, k=k)
        self.k = k


@final
class SparseTopKCategoricalAccuracy(MeanMetricWrapper):
    """The share of rows whose class number is among the `k` highest scores.

    Args:
        k: how many guesses count.
        name: display name.
        dtype: type of the result.
        from_sorted_ids: whether `y_pred` holds class numbers, best first, in place of scores.

    Example:
        >>> float(SparseTopKCategoricalAccuracy(k=2)([2, 1], [[0.5, 0.2, 0.3], [0.5, 0.2, 0.3]]))
        0.5
    """

    def __init__(
        self,
        k: int = 5,
        name: str | None = "sparse_top_k_categorical_accuracy",
        dtype: DType | None = None,
        from_sorted_ids: bool = False,
    ) -> None:
        super().__init__(
            functions.sparse_top_k_categorical_accuracy, name=name, dtype=dtype, k=k, from_sorted_ids=from_sorted_ids
        )
        self.k, self.from_sorted_ids = k, from_sorted_ids
