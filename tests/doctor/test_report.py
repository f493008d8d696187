from __future__ import annotations

from dataclasses import replace

import pytest

from ranvier._errors import DoctorError
from ranvier.doctor import Finding
from ranvier.doctor.report import Reporter

ERROR = Finding("label-encoding", "error", "Labels are wrong.", "y", ("rows 1, 2",), "Correct them.")
ADVICE = replace(ERROR, code="unsavable-layer", severity="advice", title="A Lambda.")


def test_each_finding_is_told_once_on_standard_error(capsys):
    reporter = Reporter("report")
    reporter.report([ERROR, ADVICE])
    reporter.report([replace(ERROR, evidence=("again",))])
    out, err = capsys.readouterr()
    assert out == ""
    assert err == f"{ERROR}\n{ADVICE}\n"
    assert reporter.findings == [ERROR, ADVICE]


def test_equal_faults_in_two_places_are_two():
    reporter = Reporter()
    reporter.report([ERROR, replace(ERROR, place="y['b']")])
    assert len(reporter.findings) == 2


def test_strict_raises_the_first_alarm_with_its_finding(capsys):
    reporter = Reporter("strict")
    with pytest.raises(DoctorError, match="Labels are wrong") as caught:
        reporter.report([ADVICE, ERROR])
    assert caught.value.finding is ERROR
    assert (caught.value.code, caught.value.place, caught.value.fix) == ("label-encoding", "y", "Correct them.")
    assert isinstance(caught.value, ValueError)
    assert reporter.findings == [ADVICE, ERROR]
    assert "A Lambda." in capsys.readouterr().err


def test_strict_does_not_raise_advice():
    reporter = Reporter("strict")
    reporter.report([ADVICE])
    assert reporter.findings == [ADVICE]


def test_off_looks_away(capsys):
    reporter = Reporter("off")
    reporter.report([ERROR])
    assert reporter.findings == []
    assert capsys.readouterr() == ("", "")
