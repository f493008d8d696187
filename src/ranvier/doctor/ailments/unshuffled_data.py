"""unshuffled-data: rows in the order of their labels, where the order decides what is trained and what is measured."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from ranvier.doctor.finding import Finding, Severity
from ranvier.doctor.pairing import Family, family
from ranvier.doctor.rows import listed
from ranvier.doctor.subject import Output, Subject

__all__ = ["CHANCE", "CODE", "DISTANCE", "FEW", "RUNS", "SMOOTH", "order", "split"]

CODE = "unshuffled-data"
DISTANCE = 0.3
"""Total-variation (or Kolmogorov) distance between both parts that is reported. Source: DOCTOR.md, section 3."""
RUNS = 10.0
"""How many times longer than by chance runs of equal labels may be. Source: DOCTOR.md, section 3."""
CHANCE = 1e-4
"""Probability below which a class missing from one part is no accident of few rows."""
FEW = 20
"""Fewest rows of a part, and fewest rows per class on average, that are judged."""
SMOOTH = 0.5
"""Correlation of neighbouring targets above which rows look like a time series. Its order is meant: advice only."""

_RECURRENT = ("RNN", "SimpleRNN", "LSTM", "GRU", "Bidirectional", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")


# --- validation_split ------------------------------------------------------------------------------------------------


def split(head: Any, tail: Any, loss: Any) -> list[Finding]:
    """Return a finding when the tail of the rows, on which training is validated, has other targets than the head.

    Args:
        head: targets that are trained on.
        tail: targets of the last rows.
        loss: what `compile` was given.
    """
    found = []
    kind = family(loss)
    heads = jax.tree_util.tree_leaves_with_path(head)
    for (path, first), second in zip(heads, jax.tree_util.tree_leaves(tail), strict=True):
        place = "validation_split, y" + jax.tree_util.keystr(path)
        found += _split(np.asarray(first), np.asarray(second), kind if len(heads) == 1 else "unknown", place)
    return found


def _split(head: np.ndarray, tail: np.ndarray, kind: Family, place: str) -> list[Finding]:
    if min(len(head), len(tail)) < FEW or head.dtype.kind not in "iubf":
        return []
    if head[0].size != 1 and not _may_be_classes(head, kind):
        return []
    labels = _labels(np.concatenate([head, tail]), kind)
    if labels is None and kind in ("sparse", "categorical", "binary"):
        return []
    if labels is None:
        values = _one_number_per_row(head), _one_number_per_row(tail)
        return [] if values[0] is None or values[1] is None else _split_numbers(values[0], values[1], place)
    return _split_labels(labels[: len(head)], labels[len(head) :], place)


def _may_be_classes(y: np.ndarray, kind: Family) -> bool:
    """Return whether wide targets are class shares, as far as the first row tells: a look at all may be long."""
    one_hot = bool(np.isin(y[0], (0, 1)).all() and y[0].sum() == 1)
    return y.ndim == 2 and (kind == "categorical" or (kind == "unknown" and one_hot))


def _labels(y: np.ndarray, kind: Family) -> np.ndarray | None:
    """Return one label per row where targets are classes: few of them, and many rows of each."""
    if y.ndim == 2 and y.shape[1] > 1 and kind in ("categorical", "unknown"):
        one_hot = bool(np.isin(y, (0, 1)).all() and (y.sum(axis=1) == 1).all())
        return y.argmax(axis=1) if one_hot or kind == "categorical" else None
    numbers = _one_number_per_row(y)
    if numbers is None or not np.isfinite(numbers).all() or (numbers != np.floor(numbers)).any():
        return None
    classes = np.unique(numbers)
    return numbers if len(classes) > 1 and len(numbers) >= FEW * len(classes) else None


def _one_number_per_row(y: np.ndarray) -> np.ndarray | None:
    flat = y.reshape(len(y), -1)
    if flat.shape[1] != 1:
        return None
    return flat[:, 0].astype(np.int8) if y.dtype == bool else flat[:, 0]


def _split_labels(head: np.ndarray, tail: np.ndarray, place: str) -> list[Finding]:
    classes = np.unique(np.concatenate([head, tail]))
    shares = [np.array([(part == c).mean() for c in classes]) for part in (head, tail)]
    distance = float(np.abs(shares[0] - shares[1]).sum() / 2)
    both = (shares[0] * len(head) + shares[1] * len(tail)) / (len(head) + len(tail))
    # What two random parts of these sizes would show: E|p - q| of a normal difference, summed over classes.
    noise = float(np.sqrt(2 / np.pi * both * (1 - both) * (1 / len(head) + 1 / len(tail))).sum() / 2)
    gone = [c for c, p, q in zip(classes, *shares, strict=True) if q == 0 and (1 - p) ** len(tail) < CHANCE]
    new = [c for c, p, q in zip(classes, *shares, strict=True) if p == 0 and (1 - q) ** len(head) < CHANCE]
    if not gone and not new and distance <= max(DISTANCE, 3 * noise):
        return []
    evidence = [
        f"training rows:   {_distribution(classes, shares[0])}",
        f"validation rows: {_distribution(classes, shares[1])}",
        f"distance of both distributions {distance:.2f} (0 equal, 1 nothing in common)",
    ]
    evidence += [f"classes without a validation row: {listed(gone)}"] if gone else []
    evidence += [f"classes without a training row: {listed(new)}"] if new else []
    return [_split_finding(place, "warning", evidence)]


def _distribution(classes: np.ndarray, shares: np.ndarray) -> str:
    return listed((f"{label:g}: {share:.0%}" for label, share in zip(classes, shares, strict=True)), most=10)


def _split_numbers(head: np.ndarray, tail: np.ndarray, place: str) -> list[Finding]:
    head, tail = head[np.isfinite(head)], tail[np.isfinite(tail)]
    if min(len(head), len(tail)) < FEW:
        return []
    points = np.sort(np.concatenate([head, tail]))
    below = [np.searchsorted(np.sort(part), points, side="right") / len(part) for part in (head, tail)]
    distance = float(np.abs(below[0] - below[1]).max())
    # Smirnov (1948): at this distance two random parts of these sizes differ with probability CHANCE.
    noise = float(np.sqrt(-np.log(CHANCE / 2) / 2 * (1 / len(head) + 1 / len(tail))))
    if distance <= max(DISTANCE, noise):
        return []
    smooth = max(_smoothness(head), _smoothness(tail)) > SMOOTH
    quantiles = [listed(np.quantile(part, (0.05, 0.5, 0.95)).tolist()) for part in (head, tail)]
    evidence = [
        f"training rows:   5 %, 50 %, 95 % quantiles {quantiles[0]}",
        f"validation rows: 5 %, 50 %, 95 % quantiles {quantiles[1]}",
        f"largest distance of both distributions {distance:.2f}",
    ]
    evidence += ["Neighbouring rows are alike, as in a time series: there the order is right."] if smooth else []
    return [_split_finding(place, "advice" if smooth else "warning", evidence)]


def _smoothness(values: np.ndarray) -> float:
    """Return the correlation of each value with the next one, by ranks."""
    ranks = np.argsort(np.argsort(values)).astype(np.float64)
    return float(np.corrcoef(ranks[:-1], ranks[1:])[0, 1]) if len(np.unique(values)) > 1 else 0.0


def _split_finding(place: str, severity: Severity, evidence: list[str]) -> Finding:
    return Finding(
        CODE,
        severity,
        "The last rows, on which training is validated, have other targets than the rows before.",
        place,
        tuple(evidence),
        "validation_split takes the last rows as they lie. Shuffle x and y together first, or pass validation_data of "
        "a random (stratified) split; keep the order only where time decides.",
    )


# --- shuffle=False ---------------------------------------------------------------------------------------------------


def order(subject: Subject) -> list[Finding]:
    """Return a finding when rows sorted by their labels are trained on in that order."""
    if subject.shuffle or not subject.whole:
        return []
    return [found for output in subject.outputs if (found := _order(output, subject)) is not None]


def _order(output: Output, subject: Subject) -> Finding | None:
    y = output.y
    if y is None or 2 * subject.batch > len(y) or output.family not in ("sparse", "categorical", "binary"):
        return None
    labels = _labels(y, output.family)
    if labels is None:
        return None
    shares = np.unique(labels, return_counts=True)[1] / len(labels)
    run = len(labels) / (1 + int((labels[1:] != labels[:-1]).sum()))
    expected = 1 / max(1 - float((shares**2).sum()), 1 / len(labels))
    if run <= RUNS * expected:
        return None
    meant = subject.has_layer(*_RECURRENT)
    return Finding(
        CODE,
        "advice" if meant else "warning",
        "The rows are sorted by their labels, and shuffle=False trains on them in that order.",
        f"fit(shuffle=False), {output.place}",
        (f"runs of {run:.0f} equal labels on average; by chance {expected:.1f}",),
        "Leave shuffle=True, or shuffle x and y together once; keep the order only where time decides.",
    )
