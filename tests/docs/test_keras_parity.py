"""The parity page is what its script writes from both packages, and nothing is different without a reason."""

from __future__ import annotations

import importlib.util
import json
import pathlib
from collections import Counter

import pytest

ROOT = pathlib.Path(__file__).parents[2]
MOST_DIFFERENT = 0.05


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("write_parity", ROOT / "scripts" / "write_parity.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def document():
    return json.loads((ROOT / "tests" / "oracle" / "keras_names.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def reasons(script):
    return script.known_reasons()


@pytest.fixture(scope="module")
def rows(script, document, reasons):
    return {path: script.row(path, entry, reasons) for path, entry in document["names"].items()}


def test_every_difference_has_its_reason(rows):
    assert {path: note for path, (status, note) in rows.items() if status == "?"} == {}
    assert Counter(status for status, _ in rows.values())["different"] <= MOST_DIFFERENT * len(rows)


def test_every_difference_has_an_example(rows):
    assert [path for path, (status, note) in rows.items() if status == "different" and "Example:" not in note] == []


def test_the_page_is_up_to_date(script, document, rows):
    assert script.PAGE.read_text(encoding="utf-8") == script.page(document, rows), "run scripts/write_parity.py"


def test_a_difference_would_be_seen(script, reasons):
    other = {"kind": "class", "parameters": [["units", "POSITIONAL_OR_KEYWORD", "7"]]}
    assert script.row("keras.layers.Dense", other, reasons) == ("?", "`units=None`, not `7`")
    moved = {"kind": "class", "parameters": [["activation", "POSITIONAL_OR_KEYWORD", "None"]]}
    assert script.row("keras.layers.Dense", moved, reasons) == ("?", "`activation` stands elsewhere")
    assert script.row("keras.layers.NoSuchLayer", moved, reasons) == ("?", "missing")


def test_a_signature_that_nobody_can_read_is_not_called_the_same(script, reasons):
    assert script.row("keras.Layer.from_config", {"kind": "value"}, reasons) == ("same", script.UNREAD)
    assert script.row("keras.layers.Dense", {"kind": "class"}, reasons) == ("same", script.UNREAD)
