"""One small finished run that all tests of commands look at, and a way to call the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ranvier.cli.main import cli

Call = Callable[..., Result]


@pytest.fixture
def call() -> Call:
    """Return a function that runs a command line in this process."""
    return lambda *arguments: CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], Result]:
    """Train two epochs on digits once; return the run folder, what was written to standard output, and the result."""
    folder = tmp_path_factory.mktemp("runs") / "digits"
    result = CliRunner().invoke(
        cli, ["train", "digits", "--epochs", "2", "--seed", "3", "--out", str(folder), "--json"]
    )
    assert result.exit_code == 0, result.stderr
    return folder, json.loads(result.stdout), result


@pytest.fixture
def run(finished: tuple[Path, dict[str, Any], Result]) -> Path:
    """Return the folder of the finished run; tests do not change it."""
    return finished[0]
