"""label-encoding: targets that the loss cannot mean: another shape, another encoding, or outside the classes.

Decided from the targets, the loss and the width of the output, before the first step. Soft labels, label smoothing,
several labels per row, targets per pixel or time step, and `(n,)` beside `(n, 1)` are as they should be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from ranvier.doctor.ailments import HEAD
from ranvier.doctor.finding import Finding, Severity
from ranvier.doctor.rows import NAMED, chunks, listed
from ranvier.doctor.subject import Output
from ranvier.losses import broadcasts

__all__ = ["CODE", "ONE_CLASS_ROWS", "ROW_SUM", "SLACK", "findings"]

CODE = "label-encoding"
SLACK = 1e-6
"""How far a soft label may lie outside [0, 1]: rounding."""
ROW_SUM = 1e-3
"""How far the sum of a row of class shares may lie above 1. Source: DOCTOR.md, `logits-and-probabilities`."""
ONE_CLASS_ROWS = 20
"""Fewest rows in which a single class says something."""

Test = Callable[[np.ndarray], np.ndarray]


def findings(output: Output) -> list[Finding]:
    """Return what is wrong with the targets of one output: one root cause, or none."""
    y = output.y
    if y is None or output.family == "unknown" or not output.shape:
        return []
    if getattr(output.loss, "axis", -1) not in (-1, len(output.shape) - 1):
        return []
    found = _wrong_shape(output, y)
    numbers = bool(np.issubdtype(y.dtype, np.number)) or y.dtype == bool
    if found is None and numbers and output.family != "elementwise":
        found = _wrong_values(output, y) or _single_class(output, y)
    return [] if found is None else [found]


def _finding(
    output: Output, title: str, evidence: list[str], cure: str, severity: Severity = "error", new_head: bool = False
) -> Finding:
    """Return a finding; where its cure is another last layer, what is wrong with this one is its consequence."""
    return Finding(CODE, severity, title, output.place, tuple(evidence), cure, explains=HEAD if new_head else ())


# --- shapes ----------------------------------------------------------------------------------------------------------


def _wrong_shape(output: Output, y: np.ndarray) -> Finding | None:
    row, expected = y.shape[1:], output.shape[1:]
    if output.family == "sparse":
        if _equal(row, expected[:-1]) or _equal(row, (*expected[:-1], 1)):
            return None
        if _equal(row, expected):
            return _one_hot_given(output, y)
    elif _fits(row, expected):
        return None
    elif output.family == "categorical" and _fits(row, (*expected[:-1], 1)):
        return _integers_given(output, y)
    return _other_shape(output, y)


def _equal(first: tuple[int | None, ...], second: tuple[int | None, ...]) -> bool:
    return len(first) == len(second) and all(a == b or None in (a, b) for a, b in zip(first, second, strict=True))


def _fits(row: tuple[int | None, ...], expected: tuple[int | None, ...]) -> bool:
    """Whether shapes are equal, up to a last axis of one element that one of them has not."""
    return _equal(row, expected) or _equal((*row, 1), expected) or _equal(row, (*expected, 1))


def _shapes(output: Output, y: np.ndarray) -> str:
    return f"targets of shape {y.shape}, outputs of shape {output.shape}, loss {output.loss.name!r}"


def _one_hot_given(output: Output, y: np.ndarray) -> Finding:
    return _finding(
        output,
        "The loss expects class numbers, but the targets are one-hot rows.",
        [_shapes(output, y), f"first row: {listed(y.reshape(-1, y.shape[-1])[0], most=10)}"],
        'Take loss="categorical_crossentropy", or pass y.argmax(-1).',
    )


def _integers_given(output: Output, y: np.ndarray) -> Finding:
    units = output.shape[-1]
    return _finding(
        output,
        "The loss expects one-hot rows, but the targets are class numbers.",
        [_shapes(output, y), f"first targets: {listed(y.reshape(-1))}"],
        f'Take loss="sparse_categorical_crossentropy", or pass to_categorical(y, {units}).',
    )


def _other_shape(output: Output, y: np.ndarray) -> Finding:
    rows: tuple[int | None, ...] = (None, *y.shape[1:])
    repeats = output.family not in ("sparse", "categorical") and broadcasts(rows, output.shape)
    evidence = [_shapes(output, y)]
    if repeats:
        evidence.append(
            "Where shapes differ, one side is repeated: outputs are compared with targets of other rows or columns."
        )
    return _finding(
        output,
        "The targets do not have the shape of the outputs.",
        evidence,
        _shape_cure(output, y),
        new_head=True,
    )


def _shape_cure(output: Output, y: np.ndarray) -> str:
    units = output.shape[-1]
    if y.ndim <= 2 and (y.ndim == 1 or y.shape[-1] == 1) and len(output.shape) == 2:
        if output.family == "binary" and np.issubdtype(y.dtype, np.integer):
            return (
                f"For class numbers, {units} units with softmax and loss='sparse_categorical_crossentropy'; for yes or "
                "no, one unit with sigmoid."
            )
        return "Let the last layer have 1 unit, one for the one target of each row."
    if len(output.shape) == y.ndim + 1:
        return "Reduce the outputs to one per row before the last layer (Flatten, pooling, or return_sequences=False)."
    return f"Bring the targets to the shape (rows, {', '.join(map(str, output.shape[1:]))}), or change the last layer."


# --- values ----------------------------------------------------------------------------------------------------------


def _wrong_values(output: Output, y: np.ndarray) -> Finding | None:
    if output.family == "sparse":
        return _outside_classes(output, y)
    wrong = _Rows(output, y, lambda values: (values < -SLACK) | (values > 1 + SLACK), fine=(0.0, 1.0))
    if wrong.count:
        return _outside_unit(output, y, wrong)
    return _several_per_row(output, y) if output.family == "categorical" else None


class _Rows:
    """The rows whose targets fail a test, rows of sample weight 0 and missing values left out.

    Pieces with all values in the range `fine` pass without a closer look, which keeps large targets cheap.
    """

    def __init__(
        self, output: Output, y: np.ndarray, test: Test, fine: tuple[float, float] = (np.inf, -np.inf)
    ) -> None:
        self.count = 0
        self.low, self.high = np.inf, -np.inf
        self.first: list[tuple[int, float]] = []
        for start, values in chunks(y):
            numbers = values if values.dtype.kind in "iuf" else values.astype(np.float32)
            low, high = float(numbers.min()), float(numbers.max())
            if low >= fine[0] and high <= fine[1]:
                self.low, self.high = min(self.low, low), max(self.high, high)
                continue
            counted = np.isfinite(numbers) & _counts(output, start, numbers)
            if counted.any():
                self.low = min(self.low, float(numbers[counted].min()))
                self.high = max(self.high, float(numbers[counted].max()))
                bad = test(numbers) & counted
                self.count += int(bad.reshape(len(bad), -1).any(axis=1).sum())
                self.first += [(start + int(i[0]), float(numbers[tuple(i)])) for i in np.argwhere(bad)[:NAMED]]

    def named(self) -> str:
        """Return the first rows with their values, in words."""
        return listed(f"row {row}: {value:g}" for row, value in self.first) + f" ({self.count} rows)"


def _counts(output: Output, start: int, values: np.ndarray) -> np.ndarray:
    """Return where targets count: everywhere but where the sample weight is 0."""
    everywhere: np.ndarray = np.ones(values.shape, bool)
    if output.weight is None or output.weight.ndim > values.ndim:
        return everywhere
    weight = np.asarray(output.weight[start : start + len(values)])
    weight = weight.reshape(weight.shape + (1,) * (values.ndim - weight.ndim))
    suits = np.logical_or(np.equal(weight.shape, 1), np.equal(weight.shape, values.shape)).all()
    counted: np.ndarray = everywhere * (weight != 0) if suits else everywhere
    return counted


def _outside_classes(output: Output, y: np.ndarray) -> Finding | None:
    units = output.shape[-1]
    if units is None:
        return None
    ignored: int | None = getattr(output.loss, "ignore_class", None)

    def test(values: np.ndarray) -> np.ndarray:
        outside: np.ndarray = (values < 0) | (values >= units) | (values != np.floor(values))
        return outside if ignored is None else outside & (values != ignored)

    wrong = _Rows(output, y, test)
    if not wrong.count:
        return None
    fractions = any(value != np.floor(value) for _, value in wrong.first)
    expected = f"class numbers from 0 to {units - 1} for {units} units"
    return _finding(
        output,
        "Targets are not class numbers." if fractions else "Labels lie outside the classes that the output has.",
        [f"expected {expected}; found {wrong.low:g} to {wrong.high:g}", wrong.named()],
        _class_cure(wrong, units, fractions),
        new_head=units == 1,
    )


def _class_cure(wrong: _Rows, units: int, fractions: bool) -> str:
    if fractions:
        return 'For numbers as targets, Dense(1) without activation and loss="mse"; for classes, number them from 0.'
    if wrong.low == 1 and wrong.high == units:
        return "The labels count from 1: pass y - 1."
    if wrong.low == 0 and wrong.high == 1:
        return 'For two classes, one unit with activation="sigmoid" and loss="binary_crossentropy".'
    if wrong.low >= 0:
        return f"Give the last layer {int(wrong.high) + 1} units, or number the classes from 0 without gaps."
    return "Number the classes from 0; to leave rows out, drop them or pass ignore_class to the loss."


def _outside_unit(output: Output, y: np.ndarray, wrong: _Rows) -> Finding:
    low, high, classes = wrong.low, wrong.high, int(wrong.high) + 1
    new_head = False
    if 1 < high <= 255 and low >= 0 and y.ndim > 2:
        cure = "Scale the targets to 0 to 1 (divide by 255 for pixels)."
    elif low == -1 and high == 1:
        cure = 'Pass (y + 1) / 2, or take loss="hinge" with a tanh or linear output.'
    elif low == 1 and high == 2:
        cure = "The labels count from 1: pass y - 1."
    elif low >= 0 and np.issubdtype(y.dtype, np.integer):
        new_head = True
        cure = f'For {classes} classes, Dense({classes}, "softmax") and loss="sparse_categorical_crossentropy".'
    else:
        new_head = True
        cure = 'For numbers as targets, an output without activation and loss="mse"; for labels, 0 and 1.'
    return _finding(
        output,
        "Labels lie outside 0 to 1, so the crossentropy has no meaning (and may fall below 0).",
        [f"expected numbers from 0 to 1; found {low:g} to {high:g}", wrong.named()],
        cure,
        new_head=new_head,
    )


def _several_per_row(output: Output, y: np.ndarray) -> Finding | None:
    """Advise where rows of class shares sum to more than 1: several labels per row want sigmoids."""
    sums = np.concatenate([chunk.astype(np.float64).sum(axis=-1).reshape(-1) for _, chunk in chunks(y)])
    several = np.flatnonzero(sums > 1 + ROW_SUM)
    if not len(several):
        return None
    return _finding(
        output,
        "Rows have several labels, but a softmax shares one label out among the classes.",
        [f"rows {listed(several)} sum to {listed(sums[several])} ({len(several)} rows)"],
        'For several labels per row, activation="sigmoid" and loss="binary_crossentropy".',
        "advice",
    )


def _single_class(output: Output, y: np.ndarray) -> Finding | None:
    """Report targets that are all one class; part of a GAN (frozen layers, other outputs) may be trained so."""
    if not (output.whole and output.alone) or len(y) < ONE_CLASS_ROWS:
        return None
    if output.family == "binary" and output.shape[-1] != 1:
        return None
    first = y[:1]
    if any((values != first).any() for values in _pieces(y)):
        return None
    label = listed(first.reshape(-1), most=10)
    return _finding(
        output,
        "All rows have the same label, so there is nothing to tell apart.",
        [f"{len(y)} rows, all {label}"],
        "Look at the step that made the labels: a filter, a split of sorted rows, or a wrong column.",
    )


def _pieces(y: np.ndarray) -> Iterator[np.ndarray]:
    for _, values in chunks(y):
        yield values
