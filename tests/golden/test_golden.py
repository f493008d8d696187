"""What users and files rely on does not change unnoticed: public names with signatures, and variable paths."""

from __future__ import annotations

import difflib
import pathlib

import pytest

from tests.golden import api, networks

FOLDER = pathlib.Path(__file__).parent
ADVICE = "If this is meant, run `python scripts/record_golden.py`, read the difference and commit it (CHANGELOG too)."


def compare(file: str, now: str) -> None:
    before = (FOLDER / file).read_text(encoding="utf-8")
    if before != now:
        lines = difflib.unified_diff(
            before.splitlines(), now.splitlines(), f"{file}, recorded", "now", lineterm="", n=1
        )
        pytest.fail("\n".join([*lines, "", ADVICE]), pytrace=False)


def test_the_public_face() -> None:
    compare("api.txt", api.listing())


def test_variable_paths() -> None:
    compare("paths.txt", networks.listing())


@pytest.mark.parametrize("name", networks.MODELS)
def test_paths_do_not_depend_on_what_was_built_before(name: str) -> None:
    first = networks.paths(name)
    assert first == networks.paths(name)
    assert len(set(first)) == len(first)
