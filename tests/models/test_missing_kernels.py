"""Where native kernels are missing, the first training on a processor says so once, with what to do."""

from __future__ import annotations

import jax
import numpy as np
import pytest

import ranvier as keras
from ranvier.kernels import native
from ranvier.models import running


@pytest.fixture(autouse=True)
def not_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "library", lambda: None)
    monkeypatch.setattr(native, "why_not", lambda: "it was not built")
    monkeypatch.delenv("RANVIER_NATIVE", raising=False)
    monkeypatch.setattr(running, "_told", set())


def said_by_fit(capsys: pytest.CaptureFixture[str]) -> str:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(np.ones((2, 2)), np.ones((2, 1)), verbose=0)
    return capsys.readouterr().err


def test_the_first_training_says_so_and_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    said = said_by_fit(capsys)
    assert said.count("it was not built") == 1 and "RANVIER_NATIVE=off" in said
    assert said_by_fit(capsys) == ""


def test_whoever_switched_them_off_knows(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANVIER_NATIVE", "off")
    assert said_by_fit(capsys) == ""


def test_nothing_is_missing_on_another_device(monkeypatch: pytest.MonkeyPatch) -> None:
    assert running._missing_kernels()
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    assert not running._missing_kernels()


def test_nothing_is_missing_with_a_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "library", object)
    assert not running._missing_kernels()
