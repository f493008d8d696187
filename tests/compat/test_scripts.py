"""Scripts as guides and courses have them, run unmodified: those that import TensorFlow, and the command line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import ranvier
from tests.compat.expected import EXPECTED, SCRIPTS, check, of_tensorflow, run_and_check

IN_A_PROCESS = ("mnist_quickstart", "pima_keras1", "tape_linear")
"""Scripts that go through the command line as well."""


def test_every_script_has_its_expectation() -> None:
    assert {path.stem for path in SCRIPTS.glob("*.py")} == set(EXPECTED)
    assert len(EXPECTED) >= 30


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [name for name in sorted(EXPECTED) if of_tensorflow(name)])
def test_script(name: str, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_and_check(name, capsys)


@pytest.mark.parametrize("name", IN_A_PROCESS)
def test_script_by_the_command(name: str, place: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(ranvier.__file__).parents[1]), "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, "-c", "from ranvier.cli.main import main; main()", "run", str(SCRIPTS / f"{name}.py")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    check(name, done.stdout)
