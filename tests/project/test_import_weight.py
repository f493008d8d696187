"""`import ranvier` and `ranvier --help` load nothing heavy: seen in `sys.modules`, not on a clock."""

import json
import os
import subprocess
import sys

import pytest

from tests.project.source_tree import ROOT

HELP = """
import sys
from ranvier.cli.main import main
sys.argv = ["ranvier", "--help"]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
"""
REPORT = """
import json, sys
print("\\n" + json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def third_party_after(code: str) -> set[str]:
    """Top-level packages loaded by `code` in a fresh interpreter that are not the standard library's."""
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    loaded = []
    for program in ("", code):
        done = subprocess.run(
            [sys.executable, "-c", program + REPORT],
            capture_output=True, text=True, timeout=60, env=environment, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        loaded.append(set(json.loads(done.stdout.splitlines()[-1])))
    return loaded[1] - loaded[0] - set(sys.stdlib_module_names) - {"ranvier"}


def test_importing_the_package_loads_no_other() -> None:
    assert third_party_after("import ranvier\nranvier.__version__\ndir(ranvier)") == set()


def test_help_loads_the_command_line_only() -> None:
    assert third_party_after(HELP) <= {"click", "colorama"}


@pytest.mark.parametrize("name", ["numpy", "click"])
def test_the_check_sees_what_is_loaded(name: str) -> None:
    assert name in third_party_after(f"import {name}")
