"""loss-task-mismatch: a loss that measures something else than the task of the targets."""

from __future__ import annotations

import numpy as np

from ranvier.doctor.ailments import HEAD
from ranvier.doctor.finding import Finding, Severity
from ranvier.doctor.pairing import loss_name
from ranvier.doctor.rows import chunks
from ranvier.doctor.subject import Output

__all__ = ["CODE", "findings"]

CODE = "loss-task-mismatch"
_OF_AMOUNTS = {
    "mean_absolute_percentage_error": "a percentage of a target that is 0",
    "mean_squared_logarithmic_error": "ratios of amounts",
    "poisson": "counts",
}
"""Losses of positive amounts, and what they measure."""
_OF_NUMBERS = ("mean_squared_error", "mean_absolute_error", "hinge", "squared_hinge", "huber", "log_cosh")


def findings(output: Output) -> list[Finding]:
    """Return a finding when the loss cannot mean these targets (error), or when another one is usual (advice)."""
    if output.family == "categorical" and output.shape and output.shape[-1] == 1:
        return [_always_zero(output)]
    if output.y is None or output.y.dtype.kind not in "iufb":
        return []
    name = loss_name(output.loss)
    if name in _OF_AMOUNTS and _zeros_and_ones(output.y):
        return [_amounts(output, _OF_AMOUNTS[name])]
    if (name in _OF_NUMBERS or output.family == "binary") and _one_hot(output.y):
        return [_one_class_per_row(output)] if output.activation == "softmax" or name in _OF_NUMBERS else []
    return []


def _finding(output: Output, title: str, evidence: tuple[str, ...], cure: str, severity: Severity = "error") -> Finding:
    return Finding(CODE, severity, title, output.place, evidence, cure, explains=HEAD if severity == "error" else ())


def _always_zero(output: Output) -> Finding:
    return _finding(
        output,
        "A crossentropy over one class is always 0, so nothing can be learned.",
        (f"outputs of shape {output.shape}, loss {output.loss.name!r}", "log(p / sum(p)) = log(1) = 0"),
        'For two classes, one unit with activation="sigmoid" and loss="binary_crossentropy"; for k classes, k '
        "units with softmax.",
    )


def _amounts(output: Output, measured: str) -> Finding:
    return _finding(
        output,
        "The targets are 0 and 1, but the loss is one of positive amounts.",
        (f"loss {output.loss.name!r} measures {measured}",),
        'For yes or no, activation="sigmoid" and loss="binary_crossentropy".',
    )


def _one_class_per_row(output: Output) -> Finding:
    return _finding(
        output,
        "The targets are one class per row; a crossentropy over the classes is the usual loss.",
        (f"loss {output.loss.name!r}, targets {output.y.shape if output.y is not None else ()}, each row has one 1",),
        'Take activation="softmax" and loss="categorical_crossentropy".',
        "advice",
    )


def _zeros_and_ones(y: np.ndarray) -> bool:
    return all(((values == 0) | (values == 1)).all() for _, values in chunks(y))


def _one_hot(y: np.ndarray) -> bool:
    """Whether every row is one 1 among zeros, over three classes or more."""
    if y.ndim != 2 or y.shape[-1] < 3 or not len(y):
        return False
    return all((np.asarray(values).sum(-1) == 1).all() for _, values in chunks(y)) and _zeros_and_ones(y)
