"""Every failure has its exit code and one line; a traceback is shown on demand only."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import time

import click
import pytest
from click.testing import CliRunner

from ranvier import _errors
from ranvier.cli.failures import CommandLine, _terminated_as_exit, exit_code, one_line
from ranvier.cli.main import cli
from ranvier.recipes.training import TrainingFailed
from tests.project.source_tree import ROOT

FAILURES = [
    (RuntimeError("odd"), 1),
    (_errors.RanvierError("Odd."), 1),
    (click.UsageError("what?"), 2),
    (_errors.InvalidArgument("No such name."), 2),
    (_errors.Unsupported("Not yet."), 2),
    (_errors.DataError("A hole.", place="x", expected="1", received="2", fix="fill it"), 3),
    (_errors.DoctorError("Sick."), 3),
    (_errors.FileRefused("Not safe."), 4),
    (_errors.DownloadError("No network."), 5),
    (TrainingFailed("NaN.", code="train-failed"), 6),
    (PermissionError(errno.EACCES, "Permission denied", "file"), 7),
    (KeyboardInterrupt(), 130),
    (SystemExit(143), 143),
]


def failing(error: BaseException) -> CommandLine:
    """Return a command line whose only command raises `error`."""
    group = CommandLine("ranvier")

    @group.command()
    @click.option("--json", "as_json", is_flag=True)
    def fail(as_json: bool) -> None:
        raise error

    return group


@pytest.mark.parametrize(
    ("error", "code"), FAILURES, ids=lambda value: getattr(value, "__class__", type(value)).__name__
)
def test_every_failure_has_its_code_and_one_line(error: BaseException, code: int) -> None:
    result = CliRunner().invoke(failing(error), ["fail", "--json"])
    assert result.exit_code == code
    line = result.stderr.strip()
    assert line.startswith("ranvier: ") and "\n" not in line and "Traceback" not in line
    said = json.loads(result.stdout)["error"]
    assert said["exit"] == code and said["message"] == line.removeprefix("ranvier: ")


def test_without_json_standard_output_is_empty() -> None:
    assert CliRunner().invoke(failing(_errors.DataError("A hole.")), ["fail"]).stdout == ""


def test_the_line_says_where_and_what_to_do() -> None:
    error = _errors.DataError("A hole.", place="column 3", expected="numbers", received="", fix="fill it\n now")
    assert one_line(error) == "A hole. (where: column 3; expected: numbers; to do: fill it now)"


def test_a_traceback_on_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    error = RuntimeError("odd")
    monkeypatch.setenv("RANVIER_DEBUG", "0")
    assert CliRunner().invoke(failing(error), ["fail"]).exit_code == 1
    monkeypatch.setenv("RANVIER_DEBUG", "1")
    assert CliRunner().invoke(failing(error), ["fail"]).exception is error


def test_done_is_zero() -> None:
    assert CliRunner().invoke(cli, ["--version"]).exit_code == 0
    assert CliRunner().invoke(cli, ["train", "--help"]).exit_code == 0


@pytest.mark.parametrize("arguments", [["trian", "digits"], ["info", "--jason"], ["--nonsense"]])
def test_a_mistyped_command_is_exit_2(arguments: list[str]) -> None:
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 2 and len(result.stderr.splitlines()) == 1


def test_the_codes_are_documented() -> None:
    page = (ROOT / "docs" / "how-to" / "exit-codes.md").read_text(encoding="utf-8")
    listed = {int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)}
    assert listed == {0, *(code for _, code in FAILURES)}


def test_every_error_of_ours_has_a_code_of_its_own_meaning() -> None:
    kinds = [getattr(_errors, name) for name in _errors.__all__ if name != "RanvierError"]
    assert {kind.__name__ for kind in kinds if exit_code(kind("x")) == 1} == {"WrongType", "NotReady"}


@pytest.mark.parametrize(("number", "kind"), [(signal.SIGTERM, SystemExit), (signal.SIGINT, KeyboardInterrupt)])
def test_a_signal_inside_the_garbage_collectors_hook_is_heard(number: int, kind: type[BaseException]) -> None:
    """What is raised in that hook is swallowed, so the signal comes again."""

    def _xla_gc_callback() -> None:
        os.kill(os.getpid(), number)
        time.sleep(0.01)

    with pytest.raises(kind), _terminated_as_exit():
        _xla_gc_callback()
        time.sleep(5)
