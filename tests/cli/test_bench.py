"""`ranvier bench`: a table for people, one object for programs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import ranvier as keras
from ranvier.recipes import speed
from tests.cli.conftest import Call


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    small = {"ROUNDS": 1, "TRIP_SECONDS": 0.01, "PROFILED_SECONDS": 0.05, "_SIDE": 64, "MOST_STEPS": 4}
    for name, value in small.items():
        monkeypatch.setattr(speed, name, value)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = keras.Sequential([keras.Input((32,)), keras.layers.Dense(64, name="first"), keras.layers.Dense(3)])
    made.compile("adam", "mse")
    file = tmp_path_factory.mktemp("models") / "model.keras"
    made.save(file)
    return file


def test_the_table(call: Call, model: Path) -> None:
    before = model.read_bytes()
    result = call("bench", model, "--batch", "8")
    assert result.exit_code == 0, result.output
    assert "steps of 8 rows per second" in result.stdout and "GFLOP/s" in result.stdout
    assert {"first", "dense", "loss", "optimizer"} <= {
        line.split()[0] for line in result.stdout.splitlines() if line.strip()
    }
    assert "Kernels:" in result.stdout and model.read_bytes() == before


def test_the_object(call: Call, model: Path, tmp_path: Path) -> None:
    np.savez(tmp_path / "rows.npz", x=np.ones((6, 32), np.float32), y=np.ones((6, 3), np.float32))
    said = json.loads(call("bench", model, "--data", tmp_path / "rows.npz", "--json").stdout)
    assert said["batch"] == 6 and said["layers"][0]["layer"] == "first"
    assert said["rows_per_second"] == pytest.approx(6 * said["steps_per_second"])
    assert said["share_of_peak"] > 0 and said["flops_per_step"] > 0


@pytest.mark.parametrize("content", [b"no arrays", None])
def test_data_that_cannot_be_read(call: Call, model: Path, tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "rows.npz"
    file.write_bytes(content) if content else np.savez(file, x=np.ones(3))
    result = call("bench", model, "--data", file)
    assert result.exit_code == 3 and "arrays x and y" in result.stderr


def test_files_that_are_missing(call: Call, model: Path, tmp_path: Path) -> None:
    assert call("bench", tmp_path / "no.keras").exit_code in (4, 7)
    assert call("bench", model, "--data", tmp_path / "no.npz").exit_code == 7
