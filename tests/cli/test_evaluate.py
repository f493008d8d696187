"""`ranvier evaluate`: the same scores from every kind of source, and one clear line for what does not fit."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from click.testing import Result

from ranvier.data.datasets import load
from ranvier.recipes.record import Run
from tests.cli.conftest import Call


def frame(run: Path) -> pl.DataFrame:
    """Return the test rows of digits as a table with the run's columns."""
    schema, digits = Run.read(run).schema, load("digits")
    flat = digits.x_test.reshape(len(digits.x_test), -1)
    return pl.DataFrame(flat, schema=list(schema.columns)).with_columns(label=pl.Series(digits.y_test))


def write_named_set(run: Path, folder: Path) -> str:
    return "digits"


def write_csv(run: Path, folder: Path) -> str:
    shuffled = frame(run)
    shuffled.select(reversed(shuffled.columns)).write_csv(folder / "rows.csv")
    return str(folder / "rows.csv")


def write_csv_with_another_target_name(run: Path, folder: Path) -> str:
    frame(run).rename({"label": "digit"}).write_csv(folder / "rows.csv")
    return str(folder / "rows.csv")


def write_csv_without_names(run: Path, folder: Path) -> str:
    frame(run).write_csv(folder / "rows.csv", include_header=False)
    return str(folder / "rows.csv")


def write_npy(run: Path, folder: Path) -> str:
    np.save(folder / "rows.npy", frame(run).to_numpy())
    return str(folder / "rows.npy")


def write_npz(run: Path, folder: Path) -> str:
    digits = load("digits")
    np.savez_compressed(folder / "rows.npz", x_test=digits.x_test, y_test=digits.y_test)
    return str(folder / "rows.npz")


SOURCES = [
    write_named_set, write_csv, write_csv_with_another_target_name, write_csv_without_names, write_npy, write_npz,
]  # fmt: skip


@pytest.mark.parametrize("write", SOURCES, ids=lambda write: write.__name__)
def test_the_scores_are_those_of_the_run(
    finished: tuple[Path, dict[str, Any], Result], call: Call, tmp_path: Path, write: Callable[[Path, Path], str]
) -> None:
    folder, record, _ = finished
    result = call("evaluate", folder, write(folder, tmp_path), "--json")
    assert result.exit_code == 0, result.stderr
    said = json.loads(result.stdout)
    # Rows of a CSV are floats, those of the data set whole numbers: another program, equal to rounding.
    assert said["rows"] == 360 and said["scores"] == pytest.approx(record["scores"]["test"], rel=1e-6)


def test_people_get_a_table(run: Path, call: Call) -> None:
    result = call("evaluate", run, "digits")
    assert "accuracy" in result.stdout and "360 rows" in result.stdout and not result.stderr


def spoilt(name: str, table: pl.DataFrame, path: Path) -> None:
    """Write a table with one fault."""
    text = {
        "missing": lambda: table.drop("pixel_3_4").write_csv(path),
        "extra": lambda: table.with_columns(shoe_size=pl.lit(43)).write_csv(path),
        "no target": lambda: table.drop("label").write_csv(path),
        "empty cell": lambda: table.with_columns(pixel_0_1=pl.lit(None)).write_csv(path),
        "word": lambda: table.with_columns(pixel_0_1=pl.lit("dark")).write_csv(path),
        "no class": lambda: table.with_columns(label=pl.lit(12)).write_csv(path),
        "no rows": lambda: table.head(0).write_csv(path),
        "nothing": lambda: path.write_text(""),
        "twice": lambda: path.write_text("a,a\n1,2\n"),
        "few numbers": lambda: path.write_text("1,2\n3,4\n"),
        "infinite": lambda: table.with_columns(pixel_0_1=pl.lit("inf")).write_csv(path),
    }
    text[name]()


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("missing", "lacks the column 'pixel_3_4'"),
        ("extra", "has the column 'shoe_size'"),
        ("no target", "lacks the column 'label'"),
        ("empty cell", "column 'pixel_0_1', row 0: an empty cell is no number"),
        ("word", "column 'pixel_0_1', row 0: 'dark' is no number"),
        ("no class", "Row 0 has the target '12'"),
        ("no rows", "no rows"),
        ("nothing", "empty"),
        ("twice", "has the column 'a' twice"),
        ("few numbers", "2 columns without names"),
        ("infinite", "Column 'pixel_0_1' is missing or infinite in row 0"),
    ],
)
def test_a_table_that_does_not_fit_is_exit_3_and_one_line(
    run: Path, call: Call, tmp_path: Path, fault: str, words: str
) -> None:
    spoilt(fault, frame(run), tmp_path / "rows.csv")
    result = call("evaluate", run, tmp_path / "rows.csv")
    assert result.exit_code == 3, result.output
    assert words in result.stderr and len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arrays", "code", "words"),
    [
        ({"x": np.zeros((3, 7, 7)), "y": np.zeros(3)}, 3, "another shape"),
        ({"x": np.zeros((3, 8, 8))}, 3, "lacks the array 'y'"),
        ({"x": np.zeros((3, 8, 8)), "y": np.zeros(2)}, 3, "2 targets for 3 rows"),
        ({"a": np.zeros(3), "b": np.zeros(3)}, 3, "lacks the array 'x'"),
        ({"x": np.array([["a"]]), "y": np.zeros(1)}, 3, "not numbers"),
        ({"x": np.array([object()]), "y": np.zeros(1)}, 4, "NumPy's format"),
    ],
)
def test_arrays_that_do_not_fit(
    run: Path, call: Call, tmp_path: Path, arrays: dict[str, np.ndarray], code: int, words: str
) -> None:
    np.savez(tmp_path / "rows.npz", **arrays)
    result = call("evaluate", run, tmp_path / "rows.npz")
    assert result.exit_code == code and words in result.stderr, result.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere", "digits"], "There is no folder nowhere"),
        (["RUN", "nowhere.csv"], "There is no file or data set 'nowhere.csv'"),
        (["RUN", "."], "a folder"),
        (["RUN", "imdb"], "text"),
        (["RUN"], "DATA"),
    ],
)
def test_a_wrong_path_is_exit_2(run: Path, call: Call, arguments: list[str], words: str) -> None:
    result = call("evaluate", *(run if word == "RUN" else word for word in arguments))
    assert result.exit_code == 2 and words in result.stderr and len(result.stderr.splitlines()) == 1


def test_a_changed_model_is_refused(run: Path, call: Call, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    shutil.copytree(run, mine)
    with zipfile.ZipFile(mine / "model.keras", "a") as archive:
        archive.comment = b"one byte more"
    result = call("evaluate", mine, "digits")
    assert result.exit_code == 4 and "not the file that this run wrote" in result.stderr
    (mine / "model.keras").unlink()
    assert call("evaluate", mine, "digits").exit_code == 4


@pytest.mark.parametrize("text", ["{", "[]", '{"format": "ranvier-run", "version": 99}', '{"format": "ranvier-run"}'])
def test_a_damaged_record_is_refused(call: Call, tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text)
    result = call("evaluate", tmp_path, "digits", "--json")
    assert result.exit_code == 4
    assert json.loads(result.stdout)["error"] == {
        "code": "run-record", "message": result.stderr.strip().removeprefix("ranvier: "), "exit": 4,
    }  # fmt: skip
