"""metric-task-mismatch: a metric whose number says nothing about these targets."""

from __future__ import annotations

from typing import Any

import numpy as np

from ranvier.doctor.finding import Finding
from ranvier.doctor.pairing import from_logits
from ranvier.doctor.rows import chunks, listed
from ranvier.doctor.subject import Output

__all__ = ["CODE", "DISTINCT", "findings"]

CODE = "metric-task-mismatch"
DISTINCT = 10
"""Fewest different values that make targets with fractions a quantity: ratings in halves are classes to some."""

_OF_ROWS = ("CategoricalAccuracy", "TopKCategoricalAccuracy")
_FLOATS = ("softmax", "sigmoid", "linear", "tanh")
_OF_PROBABILITIES = ("AUC", "BinaryAccuracy", "F1Score", "FBetaScore", "Precision", "Recall")
_OF_YES_AND_NO = (
    *("AUC", "BinaryIoU", "F1Score", "FBetaScore", "Precision", "PrecisionAtRecall", "Recall", "RecallAtPrecision"),
    *("SensitivityAtSpecificity", "SpecificityAtSensitivity"),
    *("FalseNegatives", "FalsePositives", "TrueNegatives", "TruePositives"),
)


def findings(output: Output) -> list[Finding]:
    """Return one finding per metric that cannot apply to this output."""
    if output.y is None or output.y.dtype.kind not in "iufb" or not output.shape:
        return []
    found = []
    for metric in output.metrics:
        reason = _reason(metric, output, output.y)
        if reason is not None:
            place = f"metric {metric.name!r} of {output.place}"
            found.append(Finding(CODE, "error", "A metric says nothing about these targets.", place, *reason))
        elif _on_logits(metric, output):
            found.append(_logits_measured(metric, output))
    return found


def _on_logits(metric: Any, output: Output) -> bool:
    """Whether a metric that counts from a probability of 0.5 on looks at logits."""
    kind = type(metric).__name__
    if kind not in _OF_PROBABILITIES or output.family != "binary" or not from_logits(output.loss):
        return False
    if output.activation in ("sigmoid", "softmax") or getattr(metric, "from_logits", False):
        return False
    return kind == "AUC" or getattr(metric, "threshold", getattr(metric, "thresholds", None)) in (None, 0.5, [0.5])


def _logits_measured(metric: Any, output: Output) -> Finding:
    kind = type(metric).__name__
    cure = "AUC(from_logits=True)" if kind == "AUC" else f"{kind} with a threshold of 0"
    return Finding(
        CODE,
        "advice",
        "A metric of probabilities looks at logits.",
        f"metric {metric.name!r} of {output.place}",
        ("the loss has from_logits=True; a probability of 0.5 is a logit of 0, and the metric counts from 0.5 on",),
        f"Take {cure}.",
    )


def _reason(metric: Any, output: Output, y: np.ndarray) -> tuple[tuple[str, ...], str] | None:
    """Return evidence and cure for one metric, None where it applies."""
    kind, row = type(metric).__name__, y.shape[1:]
    if kind in _OF_YES_AND_NO and (values := _beyond_yes_and_no(y, output.weight)):
        return (
            (f"{kind} counts yes and no, which are 1 and 0; the targets have values such as {values}",),
            'For numbers, metrics=["mae"] or keras.metrics.R2Score(); for yes and no, targets of 0 and 1.',
        )
    if "Accuracy" not in kind:
        return None
    if output.family in ("elementwise", "binary") and (values := _quantity(y)):
        return (
            (f"the targets are a quantity, {values}: no output hits one exactly, or lies on its side of a threshold",),
            'For numbers, metrics=["mae"] or keras.metrics.R2Score().',
        )
    if kind == "Accuracy" and output.activation in _FLOATS:
        return (
            ("Accuracy counts elements that are exactly equal; the outputs are fractions",),
            'Take metrics=["accuracy"], which chooses by the shapes of targets and outputs.',
        )
    width = output.shape[-1]
    classes = isinstance(width, int) and width > 1
    if kind in _OF_ROWS and classes and (row in ((), (1,))):
        return (
            (f"{kind} expects one-hot rows of {width}; the targets are class numbers of shape {y.shape}",),
            "Take SparseCategoricalAccuracy, or pass to_categorical(y).",
        )
    return None


def _beyond_yes_and_no(y: np.ndarray, weight: np.ndarray | None) -> str:
    """Return some of the values that are neither 0 nor 1, of rows that count."""
    start, first = next(chunks(y))
    if weight is not None and len(weight) == len(y):
        kept = np.asarray(weight[start : start + len(first)])
        first = first[kept.reshape(len(kept), -1).any(1)]
    others = np.unique(first[np.isfinite(first) & (first != 0) & (first != 1)])
    return listed(others, most=3) if others.size else ""


def _quantity(y: np.ndarray) -> str:
    """Return some of the values where targets are a quantity: fractions, and many different ones."""
    _, first = next(chunks(y))
    numbers = np.asarray(first, np.float64).ravel()
    numbers = numbers[np.isfinite(numbers)]
    fractions = numbers[numbers != np.floor(numbers)]
    distinct = np.unique(fractions[:1000])
    return f"such as {listed(fractions[:3])}" if len(distinct) > DISTINCT else ""
