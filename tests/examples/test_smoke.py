"""Every example runs from its command line to its verdict, on data that it makes up."""

from __future__ import annotations

import json
import pathlib
import runpy
import sys

import pytest

from examples.measure import FOLDER, programs


@pytest.mark.parametrize("name", programs())
def test_an_example_runs(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("RANVIER_DATA", raising=False)
    monkeypatch.setenv("RANVIER_CACHE", str(tmp_path))
    results = tmp_path / "results"
    monkeypatch.setattr(sys, "argv", [name, "--smoke", "--results", str(results)])
    runpy.run_module(f"examples.{name}", run_name="__main__")
    told = capsys.readouterr().out
    found = [json.loads(line) for line in results.read_text("utf-8").splitlines()]
    assert found
    for one in found:
        assert f"{one['name']}: {one['score']}" in told
        assert set(one["networks"]) < set(one["runs"])
        assert all(len(values) == 1 and values[0] == values[0] for values in one["runs"].values())


def test_examples_stay_short_and_are_explained() -> None:
    page = (FOLDER / "README.md").read_text("utf-8")
    for name in programs():
        assert len((FOLDER / f"{name}.py").read_text("utf-8").splitlines()) < 150
        assert f"**`{name}`**" in page
