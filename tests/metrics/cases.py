"""One row per metric: how to make it, and one batch of data that it takes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ranvier import losses, metrics

_rng = np.random.default_rng(5)
ROWS, _CLASSES = 6, 4


@dataclass(frozen=True)
class Case:
    make: Callable[..., metrics.Metric]
    data: tuple[Any, ...]
    config: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.make.__name__}-{'-'.join(map(str, self.config))}".rstrip("-")

    def rows(self, index: Any) -> tuple[Any, ...]:
        """Those rows of the batch."""
        return tuple(array[index] for array in self.data)


def _case(make: Any, *data: Any, **config: Any) -> Case:
    return Case(make, data, config)


_real = _rng.normal(size=(ROWS, 3)).astype("float32")
_other = _rng.normal(size=(ROWS, 3)).astype("float32")
_positive = _rng.uniform(0.5, 2, (ROWS, 3)).astype("float32")
_binary = np.array([[0, 1, 0], [1, 1, 0], [0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 0]], "float32")
_probability = _rng.uniform(0.1, 0.9, (ROWS, 3)).astype("float32")
_labels = np.array([0, 3, 1, 1, 2, 0], "int32")
_one_hot = np.eye(_CLASSES, dtype="float32")[_labels]
_simplex = _rng.dirichlet(np.ones(_CLASSES), ROWS).astype("float32")
_flat = (_binary[:, 0], _probability[:, 0])

CASES = [
    _case(metrics.Mean, _real),
    _case(metrics.Sum, _real),
    _case(metrics.MeanMetricWrapper, _real, _other, fn=losses.huber, delta=0.5),
    _case(metrics.Accuracy, _labels, _labels[::-1]),
    _case(metrics.BinaryAccuracy, _binary, _probability, threshold=0.4),
    _case(metrics.CategoricalAccuracy, _one_hot, _simplex),
    _case(metrics.SparseCategoricalAccuracy, _labels, _simplex),
    _case(metrics.TopKCategoricalAccuracy, _one_hot, _simplex, k=2),
    _case(metrics.SparseTopKCategoricalAccuracy, _labels, _simplex, k=2),
    _case(metrics.MeanSquaredError, _real, _other),
    _case(metrics.RootMeanSquaredError, _real, _other),
    _case(metrics.MeanAbsoluteError, _real, _other),
    _case(metrics.MeanAbsolutePercentageError, _real, _other),
    _case(metrics.MeanSquaredLogarithmicError, _positive, _positive[::-1]),
    _case(metrics.LogCoshError, _real, _other),
    _case(metrics.R2Score, _real, _other, class_aggregation="variance_weighted_average"),
    _case(metrics.KLDivergence, _simplex[::-1], _simplex),
    _case(metrics.Poisson, _positive, _positive[::-1]),
    _case(metrics.Hinge, 2 * _binary - 1, _other),
    _case(metrics.SquaredHinge, 2 * _binary - 1, _other),
    _case(metrics.CategoricalHinge, _one_hot, _simplex),
    _case(metrics.BinaryCrossentropy, _binary, _other, from_logits=True, label_smoothing=0.1),
    _case(metrics.CategoricalCrossentropy, _one_hot, _simplex, label_smoothing=0.1),
    _case(metrics.SparseCategoricalCrossentropy, _labels, _simplex, ignore_class=None),
    _case(metrics.TruePositives, *_flat, thresholds=[0.3, 0.5]),
    _case(metrics.FalsePositives, *_flat),
    _case(metrics.TrueNegatives, *_flat),
    _case(metrics.FalseNegatives, *_flat),
    _case(metrics.Precision, *_flat, thresholds=0.3),
    _case(metrics.Precision, _one_hot, _simplex, top_k=2, class_id=1),
    _case(metrics.Recall, *_flat, thresholds=0.3),
    _case(metrics.SensitivityAtSpecificity, *_flat, specificity=0.5),
    _case(metrics.SpecificityAtSensitivity, *_flat, sensitivity=0.5, num_thresholds=20),
    _case(metrics.PrecisionAtRecall, *_flat, recall=0.5),
    _case(metrics.RecallAtPrecision, *_flat, precision=0.5),
    _case(metrics.AUC, *_flat, num_thresholds=20),
    _case(metrics.AUC, _binary, _probability, multi_label=True, label_weights=[1.0, 2.0, 0.5], thresholds=[0.2, 0.6]),
    _case(metrics.AUC, *_flat, curve="PR", summation_method="majoring", num_thresholds=20),
    _case(metrics.F1Score, _binary, _probability, average="micro", threshold=0.5),
    _case(metrics.FBetaScore, _binary, _probability, average="weighted", beta=2.0),
    _case(metrics.CosineSimilarity, _real, _other, axis=-1),
    _case(metrics.PearsonCorrelation, _real, _other),
    _case(metrics.ConcordanceCorrelation, _real, _other, axis=1),
    _case(metrics.BinaryIoU, *_flat, target_class_ids=[1], threshold=0.4),
    _case(metrics.IoU, _labels, _labels[::-1], num_classes=4, target_class_ids=[0, 1], ignore_class=3),
    _case(metrics.MeanIoU, _labels, _simplex, num_classes=4, sparse_y_pred=False),
    _case(metrics.OneHotIoU, _one_hot, _simplex, num_classes=4, target_class_ids=[1, 2]),
    _case(metrics.OneHotMeanIoU, _one_hot, _simplex, num_classes=4),
]
# Sums and counts: more rows, more of them.
EXTENSIVE = {"Sum", "TruePositives", "FalsePositives", "TrueNegatives", "FalseNegatives"}
