"""One row per loss: how to make it, and data that it takes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ranvier import losses

_rng = np.random.default_rng(3)
_ROWS, _CLASSES = 6, 4


@dataclass(frozen=True)
class Case:
    make: Callable[..., losses.Loss]
    y_true: Any
    y_pred: Any
    function: Callable[..., Any]
    config: dict[str, Any]
    rowwise: bool = True
    """Whether a row's value does not depend on the other rows."""

    @property
    def name(self) -> str:
        return f"{self.make.__name__}-{'-'.join(map(str, self.config.values()))}".rstrip("-")


def _case(make: Any, y_true: Any, y_pred: Any, function: Any, rowwise: bool = True, **config: Any) -> Case:
    return Case(make, y_true, np.asarray(y_pred, "float32"), function, config, rowwise)


_real = _rng.normal(size=(_ROWS, 3)).astype("float32")
_other = _rng.normal(size=(_ROWS, 3))
_positive = _rng.uniform(0.5, 2, (_ROWS, 3)).astype("float32")
_binary = _rng.integers(0, 2, (_ROWS, 3)).astype("float32")
_probability = _rng.uniform(0.1, 0.9, (_ROWS, 3))
_one_hot = np.eye(_CLASSES, dtype="float32")[_rng.integers(0, _CLASSES, _ROWS)]
_simplex = _rng.dirichlet(np.ones(_CLASSES), _ROWS)
_logits = _rng.normal(size=(_ROWS, _CLASSES))
_labels = np.array([0, 3, 1, 1, 2, 0], "int32")
_pairs = np.array([0, 1, 2, 1, 2, 0], "int32")
_unit = _other / np.linalg.norm(_other, axis=-1, keepdims=True)
_letters = np.array([[1, 2], [3, 0], [2, 2], [1, 0], [3, 1], [0, 0]], "int32")
_steps = _rng.normal(size=(_ROWS, 5, _CLASSES))

CASES = [
    _case(losses.MeanSquaredError, _real, _other, losses.mean_squared_error),
    _case(losses.MeanAbsoluteError, _real, _other, losses.mean_absolute_error),
    _case(losses.MeanAbsolutePercentageError, _real, _other, losses.mean_absolute_percentage_error),
    _case(losses.MeanSquaredLogarithmicError, _positive, _positive[::-1], losses.mean_squared_logarithmic_error),
    _case(losses.Huber, _real, _other, losses.huber, delta=0.7),
    _case(losses.LogCosh, _real, _other, losses.log_cosh),
    _case(losses.BinaryCrossentropy, _binary, _probability, losses.binary_crossentropy, label_smoothing=0.1),
    _case(losses.BinaryCrossentropy, _binary, _other, losses.binary_crossentropy, from_logits=True),
    _case(losses.CategoricalCrossentropy, _one_hot, _simplex, losses.categorical_crossentropy, label_smoothing=0.1),
    _case(losses.CategoricalCrossentropy, _one_hot, _logits, losses.categorical_crossentropy, from_logits=True),
    _case(losses.SparseCategoricalCrossentropy, _labels, _simplex, losses.sparse_categorical_crossentropy),
    _case(
        losses.SparseCategoricalCrossentropy, _labels, _logits, losses.sparse_categorical_crossentropy, from_logits=True
    ),
    _case(
        losses.SparseCategoricalCrossentropy, _labels, _simplex, losses.sparse_categorical_crossentropy, ignore_class=1
    ),
    _case(losses.KLDivergence, _simplex[::-1].astype("float32"), _simplex, losses.kl_divergence),
    _case(losses.Poisson, _positive, _positive[::-1], losses.poisson),
    _case(losses.Hinge, 2 * _binary - 1, _other, losses.hinge),
    _case(losses.SquaredHinge, 2 * _binary - 1, _other, losses.squared_hinge),
    _case(losses.CategoricalHinge, _one_hot, _logits, losses.categorical_hinge),
    _case(losses.BinaryFocalCrossentropy, _binary, _probability, losses.binary_focal_crossentropy, gamma=1.5),
    _case(
        losses.BinaryFocalCrossentropy,
        _binary,
        _other,
        losses.binary_focal_crossentropy,
        apply_class_balancing=True,
        from_logits=True,
        label_smoothing=0.1,
    ),
    _case(
        losses.CategoricalFocalCrossentropy,
        _one_hot,
        _simplex,
        losses.categorical_focal_crossentropy,
        alpha=[0.1, 0.5, 1.0, 2.0],
    ),
    _case(
        losses.CategoricalFocalCrossentropy, _one_hot, _logits, losses.categorical_focal_crossentropy, from_logits=True
    ),
    _case(
        losses.CategoricalGeneralizedCrossEntropy,
        _labels,
        _simplex,
        losses.categorical_generalized_cross_entropy,
        q=0.3,
    ),
    _case(losses.Circle, _pairs, _unit, losses.circle, rowwise=False, gamma=2.0),
    _case(losses.CosineSimilarity, _real, _other, losses.cosine_similarity, axis=-1),
    _case(losses.Dice, _binary, _probability, losses.dice, axis=-1),
    _case(losses.Tversky, _binary, _probability, losses.tversky, alpha=0.7, beta=0.2, axis=-1),
    _case(losses.CTC, _letters, _steps, losses.ctc),
]
