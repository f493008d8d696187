"""The table, the verdict, the options, and where data are looked for."""

from __future__ import annotations

import json
import pathlib

import pytest

from examples.comparison import beside, compare, verdict
from examples.local_data import local_file
from examples.measure import BEGIN, END, FOLDER, programs, table


def scores(seed: int, smoke: bool) -> dict[str, float]:
    return {"network": 0.78 + 0.1 * seed, "small network": 0.1, "classic": 0.85, "chance": 0.5}


def test_the_best_network_is_held_against_the_best_classic(capsys: pytest.CaptureFixture[str]) -> None:
    networks = ["network", "small network"]
    found = compare("A", scores, score="accuracy", networks=networks, why_not="Too small.", arguments=["--seeds", "2"])
    assert found["runs"]["network"] == [0.78, 0.88]
    assert verdict(found) == "network does not win against classic: better in 1 of 2 seeds. Too small."
    assert "network        0.83 ± 0.071" in capsys.readouterr().out
    assert verdict({**found, "higher": False}) == "small network wins against chance: better in 2 of 2 seeds."
    three = compare("A", scores, score="accuracy", networks=networks, arguments=[])
    assert verdict(three) == "network wins against classic: better in 2 of 3 seeds."
    lucky = {**three, "runs": {**three["runs"], "network": [0.84, 0.84, 0.99]}}
    assert verdict(lucky).startswith("network does not win against classic: better in 1 of 3 seeds.")


def test_a_smoke_test_takes_one_seed_and_says_so(capsys: pytest.CaptureFixture[str], tmp_path: pathlib.Path) -> None:
    arguments = ["--smoke", "--results", str(tmp_path / "results")]
    for _ in range(2):
        compare("A", scores, score="accuracy", networks=["network"], arguments=arguments)
    assert "the numbers mean nothing" in capsys.readouterr().out
    lines = (tmp_path / "results").read_text("utf-8").splitlines()
    assert len(lines) == 2 and json.loads(lines[0])["runs"]["classic"] == [0.85]
    with pytest.raises(SystemExit):
        compare("A", scores, score="accuracy", networks=["network"], arguments=["--seeds", "0"])


def test_mean_and_spread() -> None:
    assert beside([0.5]) == "0.5"
    assert beside([1.0, 2.0, 3.0]) == "2 ± 1"


def test_a_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    monkeypatch.delenv("RANVIER_DATA", raising=False)
    with pytest.raises(SystemExit, match=r"reads some/file.txt: set RANVIER_DATA"):
        local_file("some", "file.txt")
    monkeypatch.setenv("RANVIER_DATA", str(tmp_path))
    with pytest.raises(SystemExit, match=r"file.txt, which is not there"):
        local_file("some", "file.txt")
    (tmp_path / "some").mkdir()
    (tmp_path / "some" / "file.txt").touch()
    assert local_file("some", "file.txt") == tmp_path / "some" / "file.txt"


def test_the_page_shows_what_was_measured() -> None:
    results = json.loads((FOLDER / "results.json").read_text("utf-8"))["results"]
    assert {one["example"] for one in results} == set(programs())
    shown = (FOLDER / "README.md").read_text("utf-8").partition(BEGIN)[2].partition(END)[0]
    assert shown.strip() == table(results)
