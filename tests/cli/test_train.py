"""`ranvier train`: the run folder, what is said, what is refused, and what a killed run leaves."""

from __future__ import annotations

import filecmp
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import Result

import ranvier as keras
from ranvier.cli import train as command
from ranvier.data.datasets import load
from tests.cli.conftest import Call
from tests.project.source_tree import ROOT

FILES = {"model.keras", "history.csv", "report.html", "card.md", "run.json"}


def test_the_run_folder_is_complete(run: Path) -> None:
    assert {path.name for path in run.iterdir()} == FILES
    assert [path for path in run.parent.iterdir()] == [run]


def test_standard_output_is_the_record(finished: tuple[Path, dict[str, Any], Result]) -> None:
    folder, said, result = finished
    assert said == {"run": str(folder), **json.loads((folder / "run.json").read_text())}
    assert said["plan"]["seed"] == 3 and said["training"]["epochs"] == 2
    assert said["data"]["rows"] == {"train": 1221, "validation": 216, "test": 360}
    assert "The plan for digits" in result.stderr and "epoch 2/2" in result.stderr


def test_the_saved_model_takes_raw_rows_and_has_the_scores_of_the_record(
    finished: tuple[Path, dict[str, Any], Result],
) -> None:
    folder, said, _ = finished
    digits = load("digits")
    predictions = keras.models.load_model(folder / "model.keras").predict(digits.x_test, verbose=0)
    assert np.mean(predictions.argmax(axis=1) == digits.y_test) == said["scores"]["test"]["accuracy"] > 0.5
    low, high = said["scores"]["accuracy_interval_95"]
    assert low < said["scores"]["test"]["accuracy"] < high
    assert [baseline["name"] for baseline in said["baselines"]] == ["guess", "linear"]
    assert said["baselines"][0]["scores"]["accuracy"] == pytest.approx(36 / 360, abs=0.01)
    assert said["baselines"][1]["scores"]["accuracy"] > 0.9


def test_the_history_has_a_line_per_epoch(run: Path) -> None:
    head, *lines = (run / "history.csv").read_text().splitlines()
    assert head.split(",") == ["epoch", "accuracy", "loss", "val_accuracy", "val_loss"]
    assert [line.split(",")[0] for line in lines] == ["1", "2"]


def test_the_same_seed_gives_the_same_weights(run: Path, call: Call, tmp_path: Path) -> None:
    result = call("train", "digits", "--epochs", 2, "--seed", 3, "--out", tmp_path / "again")
    assert result.exit_code == 0, result.stderr
    assert filecmp.cmp(tmp_path / "again" / "model.keras", run / "model.keras", shallow=False)
    for word in ("The plan for digits", "Preprocessing", "its weights are kept", "linear model", "bit for bit"):
        assert word in result.stdout


def test_an_earlier_run_is_replaced_only_on_demand(run: Path, call: Call, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    shutil.copytree(run, mine)
    (mine / "note.txt").write_text("old")
    refused = call("train", "digits", "--epochs", 1, "--out", mine)
    assert refused.exit_code == 2 and "--overwrite" in refused.stderr and (mine / "note.txt").exists()
    assert call("train", "digits", "--epochs", 1, "--out", mine, "--overwrite").exit_code == 0
    assert {path.name for path in mine.iterdir()} == FILES
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_folder_with_other_things_is_never_replaced(call: Call, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    result = call("train", "digits", "--out", tmp_path, "--overwrite")
    assert result.exit_code == 2 and "holds something else" in result.stderr
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["adult.csv"], "There is no data set named 'adult.csv'"),
        (["imdb"], "digits, mnist, fashion_mnist, cifar10, cifar100, california_housing, boston_housing"),
        (["digits", "--epochs", "0"], "--epochs"),
        (["digits", "--seed", "-1"], "--seed"),
        ([], "DATA"),
    ],
)
def test_what_cannot_be_trained_is_one_line(call: Call, tmp_path: Path, arguments: list[str], words: str) -> None:
    result = call("train", *arguments, *(["--out", tmp_path / "run"] if arguments else []))
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1 and words in result.stderr
    assert not list(tmp_path.iterdir())


def test_a_failure_on_the_way_leaves_nothing(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ranvier.recipes.training.train", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    result = call("train", "digits", "--out", tmp_path / "run")
    assert result.exit_code == 130 and "interrupted" in result.stderr
    assert not list(tmp_path.iterdir())
    assert command.train.name == "train"


@pytest.mark.skipif(os.name == "nt", reason="signals of Unix")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_killed_run_leaves_no_folder(tmp_path: Path, number: int, code: int) -> None:
    program = "from ranvier.cli.main import main; main()"
    child = subprocess.Popen(
        [sys.executable, "-c", program, "train", "digits", "--epochs", "5000", "--out", str(tmp_path / "run")],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    limit = time.monotonic() + 120
    # The hidden folder is made just before training.
    while not list(tmp_path.iterdir()) and child.poll() is None and time.monotonic() < limit:
        time.sleep(0.02)
    time.sleep(0.2)
    child.send_signal(number)
    _, errors = child.communicate(timeout=120)
    assert child.returncode == code, errors
    assert "Traceback" not in errors and errors.splitlines()[-1].startswith("ranvier: ")
    assert not list(tmp_path.iterdir())
