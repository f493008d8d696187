"""Intersection over union and correlations beside plain NumPy: what Keras was not asked, or answers otherwise."""

import json

import numpy as np
import pytest

from ranvier import metrics

_rng = np.random.default_rng(4)
_labels, _guesses = _rng.integers(-1, 5, (6, 3)), _rng.integers(-1, 5, (6, 3))


def shares(weights: np.ndarray, ignored: int | None) -> list[float]:
    """The share of each of four classes, counted place by place."""
    kept = (_labels >= 0) & (_labels < 4) & (_guesses >= 0) & (_guesses < 4) & (_labels != ignored)
    found = []
    for number in range(4):
        both = weights[kept & (_labels == number) & (_guesses == number)].sum()
        found.append(both / weights[kept & ((_labels == number) | (_guesses == number))].sum())
    return found


@pytest.mark.parametrize("ignored", [None, 2])
@pytest.mark.parametrize("dtype", [None, "float32", "int32"])
def test_fractional_row_weights_count_in_every_place(ignored: int | None, dtype: str | None) -> None:
    weights = _rng.uniform(0.1, 0.9, 6).astype("float32")
    metric = metrics.IoU(4, [0, 1, 3], ignore_class=ignored, dtype=dtype)
    metric.update_state(_labels[:2], _guesses[:2], weights[:2])
    metric.update_state(_labels[2:], _guesses[2:], weights[2:, None])
    everywhere = np.broadcast_to(weights[:, None], _labels.shape)
    expected = np.mean([shares(everywhere, ignored)[number] for number in (0, 1, 3)])
    assert float(metric.result()) == pytest.approx(expected, rel=1e-5)
    assert metric.result().dtype == "float32"


def test_a_class_that_never_occurred_is_left_out() -> None:
    assert float(metrics.MeanIoU(5)([0, 0, 1], [0, 0, 1])) == pytest.approx(1.0, abs=1e-6)
    assert float(metrics.IoU(5, [4])([0, 0, 1], [0, 0, 1])) == 0.0


def test_configurations_that_keras_writes() -> None:
    written = {"class_name": "BinaryIoU", "config": {"target_class_ids": [0, 1], "threshold": 0.3, "dtype": "int32"}}
    metric = metrics.get(json.loads(json.dumps(written)))
    assert isinstance(metric, metrics.BinaryIoU) and metric.threshold == 0.3
    assert type(metrics.get("mean_absolute_error")) is metrics.MeanAbsoluteError


def test_correlations_are_numpy_s() -> None:
    y_true, y_pred = _rng.normal(size=(2, 5, 8))
    rows = [np.corrcoef(a, b)[0, 1] for a, b in zip(y_true, y_pred, strict=True)]
    np.testing.assert_allclose(metrics.pearson_correlation(y_true, y_pred), rows, rtol=1e-5)
    columns = metrics.pearson_correlation(y_true, y_pred, axis=0)
    np.testing.assert_allclose(
        columns, [np.corrcoef(a, b)[0, 1] for a, b in zip(y_true.T, y_pred.T, strict=True)], 1e-5
    )
    concordance = float(metrics.concordance_correlation(y_true, y_true + 1)[0])
    assert concordance == pytest.approx(2 * y_true[0].var() / (2 * y_true[0].var() + 1), rel=1e-5)
    assert np.isnan(metrics.pearson_correlation([[1.0, 1.0]], [[1.0, 2.0]])).all()


def test_a_column_of_row_weights_reaches_the_f_score() -> None:
    y_true, y_pred, weights = _rng.integers(0, 2, (6, 3)), _rng.uniform(size=(6, 3)), _rng.uniform(0.5, 2, 6)
    flat = metrics.F1Score(average="macro", threshold=0.5)(y_true, y_pred, weights)
    np.testing.assert_array_equal(
        metrics.F1Score(average="macro", threshold=0.5)(y_true, y_pred, weights[:, None]), flat
    )
