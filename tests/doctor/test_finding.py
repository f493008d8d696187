from __future__ import annotations

import dataclasses
import json

import pytest

from ranvier._errors import InvalidArgument
from ranvier.doctor import Finding

FOUND = Finding("label-encoding", "error", "Labels are wrong.", "y", ["rows 1, 2", "found 7"], "Correct them.", 1, 4)


def test_the_block_that_a_person_reads():
    assert str(FOUND) == (
        "[error] label-encoding: Labels are wrong.\n"
        "  where:  y\n"
        "  when:   epoch 2, step 5\n"
        "  seen:   rows 1, 2\n"
        "          found 7\n"
        "  to do:  Correct them."
    )


def test_long_lines_are_wrapped_and_empty_ones_left_out():
    text = str(Finding("x", "advice", "Title.", "place", cure="word " * 60))
    assert "when" not in text
    assert max(map(len, text.splitlines())) <= 100


def test_plain_data():
    data = json.loads(json.dumps(FOUND.to_dict()))
    assert data["code"] == "label-encoding"
    assert data["evidence"] == ["rows 1, 2", "found 7"]
    assert (data["epoch"], data["step"]) == (1, 4)


def test_it_does_not_change():
    with pytest.raises(dataclasses.FrozenInstanceError):
        FOUND.code = "other"
    assert dataclasses.replace(FOUND) == FOUND
    assert len({FOUND, dataclasses.replace(FOUND)}) == 1


@pytest.mark.parametrize(("severity", "alarm"), [("error", True), ("warning", True), ("advice", False)])
def test_advice_is_no_alarm(severity, alarm):
    assert dataclasses.replace(FOUND, severity=severity).alarm is alarm


def test_an_unknown_severity_is_refused():
    with pytest.raises(InvalidArgument, match="fatal"):
        dataclasses.replace(FOUND, severity="fatal")
