"""How fast a model trains: numbers that fit each other, whatever the machine."""

from __future__ import annotations

import numpy as np
import pytest

import ranvier as keras
from ranvier import layers
from ranvier.recipes import speed


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    small = {"ROUNDS": 1, "TRIP_SECONDS": 0.01, "PROFILED_SECONDS": 0.05, "_SIDE": 64, "MOST_STEPS": 4}
    for name, value in small.items():
        monkeypatch.setattr(speed, name, value)


def network() -> keras.Model:
    inner = keras.Sequential([layers.Dense(64, activation="relu", name="deep")], name="inner")
    return keras.Sequential([keras.Input((32,)), layers.Dense(64, name="first"), inner, layers.Dense(3, name="last")])


def test_parts_add_up_to_the_step() -> None:
    model = network()
    model.compile("adam", "mse", metrics=["mae"])
    found = speed.measure(model, batch=16)
    assert [entry["layer"] for entry in found.layers] == ["first", "inner/deep", "last"]
    spent = sum(entry["forward_ms"] + entry["backward_ms"] for entry in found.layers) + sum(found.rest.values())
    assert spent == pytest.approx(found.ms_per_step) and min(entry["backward_ms"] for entry in found.layers) > 0
    assert found.rest["optimizer"] > 0 and not found.compiled_here
    # Forward, slopes of the weights, and slopes of all inputs but the data's.
    assert found.flops_per_step == 2 * 16 * (3 * (32 * 64 + 64 * 64 + 64 * 3) - 32 * 64)
    assert found.share_of_peak == found.flops_per_step / (found.ms_per_step / 1e3) / found.peak > 0


def test_own_rows_and_no_loss() -> None:
    model = network()
    found = speed.measure(model, batch=16, data=(np.ones((5, 32), np.float32), np.ones((5, 3), np.float32)))
    assert found.batch == 5 and found.compiled_here


def test_made_up_rows_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    model = network()
    model.compile("adam", "mse")
    assert len(speed._made_up(model, 16)[0]) == 64
    monkeypatch.setattr(speed, "DATA_BYTES", 2 * 16 * 32 * 4)
    assert len(speed._made_up(model, 16)[0]) == 32
