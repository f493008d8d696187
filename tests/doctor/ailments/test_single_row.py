"""One row in all is told; one row per batch or in a stream is not."""

from __future__ import annotations

from ranvier import layers
from ranvier.models import Sequential
from tests.doctor.patients import X, dense, examine


def test_one_row_is_advised_of():
    (found,) = examine(dense(1), "mse", x=X[:1], y=X[:1, 0])
    assert (found.code, found.severity) == ("single-row", "advice")
    assert "(1, 4)" in found.evidence[0]


def test_a_normalization_over_one_row_is_named():
    model = Sequential([layers.Dense(3), layers.BatchNormalization(), layers.Dense(1)])
    (found,) = examine(model, "mse", x=X[:1], y=X[:1, 0])
    assert "BatchNormalization" in found.evidence[1]


def test_two_rows_and_batches_of_one_row_are_left_alone():
    assert examine(dense(1), "mse", x=X[:2], y=X[:2, 0]) == []
    assert examine(dense(1), "mse", y=X[:, 0], batch_size=1) == []
    assert examine(dense(1), "mse", x=iter([(X[:1], X[:1, 0])] * 2)) == []
