from __future__ import annotations

import pytest

from ranvier import metrics
from ranvier.callbacks import EarlyStopping
from ranvier.callbacks.monitor import rises


@pytest.mark.parametrize(
    ("monitor", "up"),
    [
        ("loss", False),
        ("val_loss", False),
        ("head_loss", False),
        ("accuracy", True),
        ("val_acc", True),
        ("val_head_accuracy", True),
        ("auc_1", True),
        ("r2_score", True),
        ("mae", False),
        ("val_root_mean_squared_error", False),
        ("false_positives", False),
        ("accuracy_loss", False),
        ("score", None),
    ],
)
def test_direction_by_name(monitor, up):
    assert rises(monitor, []) is up


def test_direction_by_the_class_of_the_metric_with_that_name():
    known = [metrics.MeanSquaredError(name="good"), metrics.Precision(name="bad"), metrics.AUC(name="error")]
    assert rises("val_good", known) is False
    assert rises("bad", known) is True
    assert rises("val_error", known) is True


def test_an_unknown_mode_falls_back_to_auto_with_a_warning():
    with pytest.warns(UserWarning, match="'sideways'"):
        assert EarlyStopping(mode="sideways").mode == "auto"


@pytest.mark.parametrize(
    ("mode", "delta", "value", "reference", "better"),
    [
        ("min", 0, 1.0, 1.0, False),
        ("min", 0.1, 0.95, 1.0, False),
        ("min", 0.1, 0.85, 1.0, True),
        ("max", 0.1, 1.05, 1.0, False),
        ("max", -0.1, 1.15, 1.0, True),
        ("min", 0, 1.0, None, True),
        ("min", 0, float("nan"), None, False),
        ("min", 0, float("nan"), 1.0, False),
    ],
)
def test_what_is_better(mode, delta, value, reference, better):
    assert EarlyStopping(mode=mode, min_delta=delta).better(value, reference) is better
