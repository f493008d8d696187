"""Baselines: what a network must beat, measured on the same held-out rows."""

from __future__ import annotations

import time
import warnings
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # comes with scikit-learn

from ranvier.recipes.schema import Kind
from ranvier.recipes.scoring import amount, score
from ranvier.recipes.split import Split
from ranvier.recipes.subject import Subject

__all__ = ["Baseline", "measure"]

LARGEST_TABLE = 16_000_000
"""Input values that the linear model may see; more rows are left out by chance."""
_WORK = 1e10
"""Rows times columns times classes times passes that the linear model may take: some seconds."""
_STRENGTHS = (1.0, 0.01)
"""Inverse strengths of the L2 penalty, of which the validation rows choose one."""


@dataclass(frozen=True)
class Baseline:
    """One simple model and its test scores.

    Args:
        name: `"guess"` or `"linear"`.
        title: what it is, in words.
        note: what to know about it, such as rows left out.
        scores: its scores on the held-out rows.
        seconds: how long it took to fit.
    """

    name: str
    title: str
    note: str
    scores: dict[str, float]
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as JSON-ready data."""
        return asdict(self)


def measure(subject: Subject, split: Split, seed: int) -> tuple[Baseline, Baseline]:
    """Fit both baselines to the rows that the network learns from, and score them on the held-out rows."""
    # Beside JAX's own threads, those of the linear algebra library wait for each other: one is 15 times as fast.
    with threadpool_limits(1):
        return _guess(subject, split), _linear(subject, split, seed)


def _guess(subject: Subject, split: Split) -> Baseline:
    """Predict the same for every row: the frequencies of the classes, or the mean."""
    kind, y, rows = subject.schema.kind, subject.y_train[split.train], len(subject.y_test)
    if kind == "classification":
        shares = np.bincount(y.astype(np.int64), minlength=subject.schema.outputs) / len(y)
        predictions, title = np.tile(shares, (rows, 1)), "always the most frequent class"
        note = (
            f"class {subject.schema.class_names[int(shares.argmax())]!r}, {100 * shares.max():.1f} % of training rows"
        )
    else:
        mean = float(y.mean(dtype=np.float64))
        predictions, title, note = np.full(rows, mean), "always the mean", amount(mean)
    return Baseline("guess", title, note, score(kind, subject.y_test, predictions), 0.0)


def _linear(subject: Subject, split: Split, seed: int) -> Baseline:
    """Fit a linear model to standardised inputs, in bounded time."""
    schema = subject.schema
    started = time.perf_counter()
    rows = _chosen_rows(split.train, subject.y_train, schema.kind, LARGEST_TABLE // schema.size, seed)
    scaler = StandardScaler().fit(_flat(subject.x_train[rows]))
    x, x_test = (scaler.transform(_flat(part)) for part in (subject.x_train[rows], subject.x_test))
    y = subject.y_train[rows]
    notes = ["standardised inputs"]
    if len(rows) < len(split.train):
        notes.append(f"fitted to {len(rows):,} of {len(split.train):,} rows, drawn by chance")
    if schema.kind == "regression":
        title, predictions = "linear model (ridge regression)", Ridge(alpha=1.0).fit(x, y).predict(x_test)
    else:
        title = "linear model (logistic regression)"
        x_validation = scaler.transform(_flat(subject.x_train[split.validation]))
        model, note = _logistic(x, y, x_validation, subject.y_train[split.validation], schema.outputs)
        predictions = np.zeros((len(x_test), schema.outputs))
        predictions[:, model.classes_.astype(np.int64)] = model.predict_proba(x_test)
        notes.append(note)
    scores = score(schema.kind, subject.y_test, predictions)
    return Baseline("linear", title, "; ".join(notes), scores, time.perf_counter() - started)


def _flat(rows: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    return rows.reshape(len(rows), -1).astype(np.float32)


def _chosen_rows(
    rows: npt.NDArray[np.intp], y: npt.NDArray[Any], kind: Kind, most: int, seed: int
) -> npt.NDArray[np.intp]:
    """Return all rows, or at most `most` of them with every class in its share."""
    if len(rows) <= most:
        return rows
    stratified = kind == "classification" and np.unique(y[rows], return_counts=True)[1].min() >= 2
    chosen, _ = train_test_split(rows, train_size=most, random_state=seed, stratify=y[rows] if stratified else None)
    return np.sort(chosen)


def _logistic(
    x: npt.NDArray[Any],
    y: npt.NDArray[Any],
    x_validation: npt.NDArray[Any],
    y_validation: npt.NDArray[Any],
    classes: int,
) -> tuple[Any, str]:
    """Return the model whose penalty does best on the validation rows, and what to know about it."""
    passes = int(np.clip(_WORK / (x.size * classes), 20, 200))
    if len(np.unique(y)) == 1:
        return DummyClassifier().fit(x, y), "one class only"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        models = [LogisticRegression(C=strength, max_iter=passes).fit(x, y) for strength in _STRENGTHS]
    best = max(models, key=lambda model: float(model.score(x_validation, y_validation)))
    note = f"C={best.C:g}, chosen by the validation rows"
    stopped = any(issubclass(warning.category, ConvergenceWarning) for warning in caught)
    return best, note + (f"; at most {passes} passes" if stopped else "")
