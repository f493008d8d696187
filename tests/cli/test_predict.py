"""`ranvier predict`: classes with probabilities, as CSV, JSON lines or one object."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

import ranvier as keras
from ranvier.data.datasets import load
from tests.cli.conftest import Call


@pytest.fixture
def truth(run: Path) -> np.ndarray:
    """Return what the saved model says of the test rows."""
    return np.asarray(keras.models.load_model(run / "model.keras").predict(load("digits").x_test, verbose=0))


def test_csv_goes_to_standard_output(run: Path, call: Call, truth: np.ndarray) -> None:
    result = call("predict", run, "digits")
    rows = list(csv.DictReader(result.stdout.splitlines()))
    assert result.exit_code == 0 and len(rows) == 360 and not result.stderr
    assert [row["prediction"] for row in rows] == [str(best) for best in truth.argmax(axis=1)]
    given = np.array([[float(row[f"p({digit})"]) for digit in range(10)] for row in rows], np.float32)
    np.testing.assert_array_equal(given, truth)


def test_files_hold_the_same_as_standard_output(run: Path, call: Call, tmp_path: Path) -> None:
    said = call("predict", run, "digits").stdout
    result = call("predict", run, "digits", "-o", tmp_path / "p.csv", "--json")
    assert (tmp_path / "p.csv").read_text() == said
    assert json.loads(result.stdout) == {
        "run": str(run), "data": "digits (test rows)", "rows": 360, "out": str(tmp_path / "p.csv"),
    }  # fmt: skip
    assert "360 predictions" in call("predict", run, "digits", "-o", tmp_path / "p.jsonl").stdout
    lines = [json.loads(line) for line in (tmp_path / "p.jsonl").read_text().splitlines()]
    assert json.loads(call("predict", run, "digits", "--json").stdout)["predictions"] == lines
    assert lines[0]["probability"] == max(lines[0]["probabilities"].values())


def test_a_target_is_ignored_and_not_needed(run: Path, call: Call, tmp_path: Path) -> None:
    x = load("digits").x_test[:4].reshape(4, -1)
    np.savetxt(tmp_path / "plain.csv", x, delimiter=",", fmt="%d")
    np.savetxt(tmp_path / "more.csv", np.column_stack([x, [1, 2, 3, 4]]), delimiter=",", fmt="%d")
    np.save(tmp_path / "flat.npy", x)
    np.save(tmp_path / "pictures.npy", x.reshape(4, 8, 8))
    answers = [
        call("predict", run, tmp_path / name).stdout for name in ("plain.csv", "more.csv", "flat.npy", "pictures.npy")
    ]
    assert len(answers[0].splitlines()) == 5 and len(set(answers)) == 1


@pytest.mark.parametrize(
    ("out", "code", "words"),
    [("p.parquet", 2, "neither in .csv nor in .jsonl"), ("no/such/folder/p.csv", 7, "No such file or directory")],
)
def test_an_output_that_cannot_be(run: Path, call: Call, tmp_path: Path, out: str, code: int, words: str) -> None:
    result = call("predict", run, "digits", "-o", tmp_path / out)
    assert result.exit_code == code and words in result.stderr and not list(tmp_path.iterdir())
