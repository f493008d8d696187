"""Means of row-wise similarities: the cosine, and Pearson's and Lin's correlations."""

from __future__ import annotations

from typing import Any, final

from ranvier._typing import Array, ArrayLike, DType
from ranvier.losses.similarity import cosine_similarity
from ranvier.metrics import functions
from ranvier.metrics.reduction import MeanMetricWrapper

__all__ = ["ConcordanceCorrelation", "CosineSimilarity", "PearsonCorrelation"]


def _cosine(y_true: ArrayLike, y_pred: ArrayLike, axis: int = -1) -> Array:
    """Return the cosine: 1 for equal directions, where the loss of this name gives -1."""
    return -cosine_similarity(y_true, y_pred, axis)


@final
class CosineSimilarity(MeanMetricWrapper):
    """Mean of `Σ y_true · y_pred / (|y_true| · |y_pred|)`: 1 for equal directions, -1 for opposite ones.

    Args:
        name: display name.
        dtype: type of the result.
        axis: the axis of the vectors.

    Example:
        >>> float(CosineSimilarity()([[0.0, 2.0], [1.0, 0.0]], [[0.0, 3.0], [0.0, 1.0]]))
        0.5
    """

    def __init__(self, name: str | None = "cosine_similarity", dtype: DType | None = None, axis: int = -1) -> None:
        super().__init__(_cosine, name=name, dtype=dtype, axis=axis)
        self.axis = axis


@final
class PearsonCorrelation(MeanMetricWrapper):
    """Mean of the correlations of the rows' targets and outputs, see `pearson_correlation`.

    Args:
        name: display name.
        dtype: type of the result.
        axis: the axis along which each correlation runs; for outputs of one unit take 0.

    Numerics:
        NaN from the first constant row on, as in Keras. With `axis=0` the correlations of the batches are averaged.

    Example:
        >>> y_true, y_pred = [[0.0, 1.0, 2.0], [0.0, 1.0, 2.0]], [[1.0, 3.0, 5.0], [2.0, 1.0, 0.0]]
        >>> abs(round(float(PearsonCorrelation()(y_true, y_pred)), 4))  # (1 - 1) / 2
        0.0
    """

    def __init__(self, name: str | None = "pearson_correlation", dtype: DType | None = None, axis: Any = -1) -> None:
        super().__init__(functions.pearson_correlation, name=name, dtype=dtype, axis=axis)
        self.axis = axis


@final
class ConcordanceCorrelation(MeanMetricWrapper):
    """Mean of the concordances of the rows' targets and outputs, see `concordance_correlation`.

    Args:
        name: display name.
        dtype: type of the result.
        axis: the axis along which each concordance runs; for outputs of one unit take 0.

    Numerics:
        A row of constant and equal targets and outputs gives 0. With `axis=0` the concordances of the batches are
        averaged.

    Example:
        >>> round(float(ConcordanceCorrelation()([[0.0, 2.0]], [[1.0, 3.0]])), 4)  # 2 · 1 / (1 + 1 + 1)
        0.6667
    """

    def __init__(
        self, name: str | None = "concordance_correlation", dtype: DType | None = None, axis: Any = -1
    ) -> None:
        super().__init__(functions.concordance_correlation, name=name, dtype=dtype, axis=axis)
        self.axis = axis
