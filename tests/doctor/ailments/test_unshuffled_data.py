from __future__ import annotations

import numpy as np
import pytest

from ranvier.doctor import exam
from tests.doctor.patients import BINARY, CLASSES, X, alarms, dense, examine

SPARSE, BCE = "sparse_categorical_crossentropy", "binary_crossentropy"


def split(y, loss, share=0.2):
    """Return the findings of `validation_split=share`."""
    y = np.asarray(y)
    cut = int(len(y) * (1 - share))
    return exam.validation_split(y, y[:cut], y[cut:], loss)


def labels(seed=0, rows=500, classes=10):
    return np.random.default_rng(seed).integers(0, classes, rows)


def trend(seed=0, rows=500):
    return np.linspace(0, 5, rows) + np.random.default_rng(seed).normal(0, 0.3, rows)


def two_sources(seed=0):
    """Return targets of one source before those of another, each shuffled in itself."""
    generator = np.random.default_rng(seed)
    return np.concatenate([generator.normal(0, 1, 400), generator.normal(6, 1, 100)])


SORTED = {
    "class numbers": (np.sort(labels()), SPARSE),
    "a column": (np.sort(labels())[:, None], SPARSE),
    "one-hot": (np.eye(10)[np.sort(labels())], "categorical_crossentropy"),
    "yes and no": (np.arange(500) >= 400, BCE),
    "a rare class at the end": (np.arange(500) >= 480, BCE),
    "by mse": (np.sort(labels(classes=2)), "mse"),
    "by a loss of one's own": (np.sort(labels(classes=3)), lambda y_true, y_pred: 0.0),
    "another share, nothing missing": (np.concatenate([labels(classes=2, rows=400) * 0, labels(classes=2)]), BCE),
    "numbers of two sources": (two_sources(), "mse"),
}


@pytest.mark.parametrize("name", SORTED)
def test_a_tail_with_other_targets(name):
    (found,) = split(*SORTED[name])
    assert (found.code, found.severity) == ("unshuffled-data", "warning")


def test_the_evidence_is_both_distributions():
    (found,) = split(np.arange(500) >= 400, BCE)
    assert found.evidence[:2] == ("training rows:   0: 100%, 1: 0%", "validation rows: 0: 0%, 1: 100%")
    assert found.evidence[3:] == ("classes without a validation row: 0", "classes without a training row: 1")


HEALTHY = {
    "numbers": ([np.random.default_rng(seed).normal(size=200) for seed in range(40)], "mse"),
    "skewed numbers": ([np.random.default_rng(seed).lognormal(0, 2, 120) for seed in range(40)], "mse"),
    "ten classes": ([labels(seed, 200) for seed in range(40)], SPARSE),
    "ten classes in few rows": ([labels(seed, 110) for seed in range(40)], SPARSE),
    "a hundred classes": ([labels(seed, 2000, 100) for seed in range(10)], SPARSE),
    "a rare class": ([np.random.default_rng(seed).random(400) < 0.02 for seed in range(40)], BCE),
    "an own number per row": ([np.arange(500)], SPARSE),
    "five rows": ([np.array([0, 0, 0, 1, 1])], BCE),
    "several labels per row": ([np.random.default_rng(0).random((300, 5)) < 0.3], BCE),
    "pictures as targets": ([np.random.default_rng(0).random((60, 4, 4))], "mse"),
    "one class": ([np.zeros(200)], BCE),
}


@pytest.mark.parametrize("name", HEALTHY)
def test_shuffled_rows_raise_nothing(name):
    samples, loss = HEALTHY[name]
    assert [seed for seed, y in enumerate(samples) if split(y, loss)] == []


@pytest.mark.parametrize("y", [trend(), np.arange(500.0), np.cumsum(np.random.default_rng(1).normal(size=500))])
def test_of_a_time_series_it_is_advice(y):
    assert [found.severity for found in split(y, "mse")] in (["advice"], [])
    assert alarms(split(y, "mse")) == []


def test_a_trend_is_told():
    assert [found.severity for found in split(trend(), "mse")] == ["advice"]


def test_each_array_of_a_nest_has_its_place():
    y = {"a": labels(), "b": np.sort(labels())}
    cut = {name: (value[:400], value[400:]) for name, value in y.items()}
    head, tail = ({name: parts[side] for name, parts in cut.items()} for side in (0, 1))
    (found,) = exam.validation_split(y, head, tail, {"a": SPARSE, "b": SPARSE})
    assert found.place == "validation_split, y['b']"


def test_no_targets_no_finding():
    assert exam.validation_split(None, None, None, None) == []


def sorted_rows(loss=BCE, y=None, **options):
    return examine(dense(1, "sigmoid"), loss, y=np.sort(BINARY) if y is None else y, shuffle=False, **options)


def test_sorted_rows_without_shuffling():
    (found,) = sorted_rows()
    assert (found.code, found.severity) == ("unshuffled-data", "warning")
    assert found.place == "fit(shuffle=False), y"


def test_where_the_order_does_not_matter_or_is_no_sorting():
    assert examine(dense(1, "sigmoid"), BCE, y=np.sort(BINARY), shuffle=True) == []
    assert sorted_rows(batch_size=120) == []
    assert sorted_rows(y=BINARY) == []
    assert sorted_rows(y=np.repeat(BINARY[:30], 4)) == []
    assert sorted_rows("mse") == []
    assert examine(dense(3, "softmax"), SPARSE, y=CLASSES, shuffle=False) == []
    assert sorted_rows(x=X[:16], y=np.arange(16) >= 8, batch_size=4) == []
