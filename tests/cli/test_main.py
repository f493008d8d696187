"""The command as a whole: no arguments, and data sets that are known without being looked for."""

from __future__ import annotations

import pathlib

import numpy as np
import pytest
from click.testing import CliRunner

from ranvier._errors import DataError
from ranvier.cli.main import cli
from ranvier.cli.train import _subject
from ranvier.recipes.columns import from_csv
from ranvier.recipes.schema import Schema

ROWS = Schema("regression", "table", (2,), ("a", "b"), "t", "t", ())


def test_without_arguments_the_help_is_shown() -> None:
    result = CliRunner().invoke(cli, [])
    assert result.exit_code == 2
    assert "Commands:" in result.stderr
    assert len(result.stderr.splitlines()) > 10


def test_the_bundled_digits_need_no_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANVIER_DATA", "/no/such/folder")
    assert _subject("digits").x_train.shape == (1437, 8, 8)


def test_blank_lines_at_the_end_are_no_rows(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("a,b\n1,2\n3,4\n\n\n", encoding="utf-8")
    x, _ = from_csv(path, ROWS, targets=False)
    np.testing.assert_array_equal(x, [[1, 2], [3, 4]])


def test_an_empty_row_in_the_middle_is_refused(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("a,b\n1,2\n,\n3,4\n", encoding="utf-8")
    with pytest.raises(DataError, match="row 1"):
        from_csv(path, ROWS, targets=False)


@pytest.mark.filterwarnings("error")
def test_a_number_too_large_is_named(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("a,b\n1,2\n3,1e300\n", encoding="utf-8")
    with pytest.raises(DataError, match="'b', row 1: 1e300 is too large"):
        from_csv(path, ROWS, targets=False)
