"""The README's figures are those of the newest committed result."""

from __future__ import annotations

import json
import pathlib

from benchmarks import report

ROOT = pathlib.Path(__file__).parents[2]


def test_the_tables_are_written_from_the_newest_result():
    newest = max((ROOT / "benchmarks" / "results").glob("*.json"), key=lambda path: path.name)
    tables = report.markdown(json.loads(newest.read_text(encoding="utf-8")))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert report.insert(readme, tables) == readme, f"python -m benchmarks.report {newest.name} --readme README.md"
