"""Findings reach the person through `fit`: in `history.findings`, on standard error, or raised."""

from __future__ import annotations

import numpy as np
import pytest

from ranvier import layers
from ranvier._errors import DoctorError
from ranvier.models import Sequential
from ranvier.optimizers import SGD
from tests.doctor.patients import BINARY, CLASSES, X, dense


def fitted(model, loss, y, doctor="report", optimizer="sgd", **options):
    model.compile(optimizer, loss, doctor=doctor)
    return model.fit(X, y, epochs=2, verbose=0, **options)


def test_a_healthy_run_has_no_findings_and_says_nothing(capsys):
    history = fitted(dense(1, "sigmoid"), "binary_crossentropy", BINARY, validation_split=0.25)
    assert history.findings == []
    assert capsys.readouterr() == ("", "")
    assert len(history.history["val_loss"]) == 2


def test_what_keras_runs_runs_and_is_reported(capsys):
    history = fitted(dense(3), "mse", X[:, :1])
    assert [found.code for found in history.findings] == ["label-encoding"]
    assert len(history.history["loss"]) == 2
    assert capsys.readouterr().err.count("[error] label-encoding") == 1


def test_strict_raises_before_the_first_step():
    model = dense(3)
    with pytest.raises(DoctorError, match="shape of the outputs"):
        fitted(model, "mse", X[:, :1], doctor="strict")
    assert all(variable.pending for variable in model.weights)


def test_off_is_silent(capsys):
    assert fitted(dense(3), "mse", X[:, :1], doctor="off").findings == []
    assert capsys.readouterr().err == ""


def test_a_sorted_validation_split():
    history = fitted(dense(1, "sigmoid"), "binary_crossentropy", np.sort(BINARY), validation_split=0.25)
    assert [(found.code, found.severity) for found in history.findings] == [("unshuffled-data", "warning")]


def test_an_explosion_ends_the_run_with_a_finding_and_healthy_weights():
    model = Sequential([layers.Dense(6, activation="relu"), layers.Dense(1)])
    history = fitted(model, "mse", X[:, 0], optimizer=SGD(1e25))
    (found,) = history.findings
    assert (found.code, found.severity, found.epoch) == ("non-finite-values", "error", 0)
    assert "step" in str(found)
    assert all(np.isfinite(weight).all() for weight in model.get_weights())


def test_strict_raises_what_the_guard_found():
    model = Sequential([layers.Dense(6, activation="relu"), layers.Dense(1)])
    with pytest.raises(DoctorError) as caught:
        fitted(model, "mse", X[:, 0], doctor="strict", optimizer=SGD(1e25))
    assert caught.value.code == "non-finite-values"


def test_a_lambda_is_told_though_nothing_is_wrong(capsys):
    history = fitted(Sequential([layers.Lambda(lambda x: x * 2), layers.Dense(1)]), "mse", X[:, 0], doctor="strict")
    assert [found.code for found in history.findings] == ["unsavable-layer"]
    assert "[advice]" in capsys.readouterr().err


def test_out_of_range_labels_in_a_stream():
    model = dense(3, "softmax")
    model.compile("sgd", "sparse_categorical_crossentropy")
    history = model.fit(iter([(X[:32], CLASSES[:32] + 1)] * 2), steps_per_epoch=2, verbose=0)
    assert [found.code for found in history.findings] == ["label-encoding"]


def test_held_out_data_is_looked_at_too(capsys):
    model = dense(1)
    held = X.copy()
    held[3, 1] = np.nan
    model.compile("sgd", "mse")
    history = model.fit(X, X[:, :1], validation_data=(held, X[:, :1]), verbose=0)
    assert [(found.code, found.place) for found in history.findings] == [
        ("non-finite-data", "validation data, x, column 1")
    ]
    capsys.readouterr()
    model.evaluate(X, X[:, :3], verbose=0)
    assert "evaluation data, y" in capsys.readouterr().err


def test_held_out_rows_of_one_class_are_nothing_to_report():
    ones = np.flatnonzero(BINARY == 1)
    held = X[ones], BINARY[ones]
    history = fitted(dense(1, "sigmoid"), "binary_crossentropy", BINARY, validation_data=held)
    assert history.findings == []


def test_advice_is_given_once_per_compile(capsys):
    model = Sequential([layers.Lambda(lambda x: x), layers.Dense(1)])
    model.compile("sgd", "mse")
    codes = [[found.code for found in model.fit(X, X[:, :1], verbose=0).findings] for _ in range(2)]
    assert codes == [["unsavable-layer"]] * 2
    assert capsys.readouterr().err.count("unsavable-layer") == 1
