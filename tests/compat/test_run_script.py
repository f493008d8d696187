"""`run_script` and `ranvier run`: arguments, output, exit codes, tracebacks and pictures are the script's own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from ranvier.cli.main import cli
from ranvier.compat import run_script


@pytest.fixture
def script(tmp_path: Path) -> Path:
    return tmp_path / "tutorial.py"


def test_the_script_sees_its_own_process(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (script.parent / "beside.py").write_text("from keras.layers import Dense\nUNITS = 3\n")
    script.write_text(
        "import sys, os, beside, keras\n"
        "print(sys.argv[1:], __name__, os.path.basename(__file__), os.getcwd())\n"
        "print(beside.Dense is keras.layers.Dense, sys.path[0] == os.path.dirname(os.path.abspath(__file__)))\n"
        "print(sys.modules['__main__'].__dict__['beside'].UNITS)\n"
    )
    before = sys.argv, list(sys.path)
    assert run_script(script, ["--rate", "0.1"]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        f"['--rate', '0.1'] __main__ tutorial.py {os.getcwd()}",
        "True True",
        "3",
    ]
    assert not said.err and (sys.argv, sys.path) == before and "keras" not in sys.modules
    sys.modules.pop("beside")


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("", 0, ""),
        ("import sys; sys.exit()", 0, ""),
        ("raise SystemExit(7)", 7, ""),
        ("import sys; sys.exit('no data')", 1, "no data\n"),
        ("raise KeyboardInterrupt", 130, "KeyboardInterrupt"),
    ],
)
def test_exit_codes_pass_through(
    script: Path, capsys: pytest.CaptureFixture[str], line: str, code: int, said: str
) -> None:
    script.write_text(line)
    assert run_script(script) == code
    assert said in capsys.readouterr().err


def test_a_traceback_begins_in_the_script(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script.write_text("def inner():\n    return 1 / 0\n\ninner()\n")
    assert run_script(script) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[1] == f'  File "{script}", line 4, in <module>' and lines[-1].startswith("ZeroDivisionError")
    script.write_text("def broken(:\n")
    assert run_script(script) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1].startswith("SyntaxError") and not any("runpy" in line for line in lines)


def test_the_command_passes_everything_on(script: Path) -> None:
    script.write_text("import sys, tensorflow as tf\nprint(sys.argv[1:], tf.square(3.0).numpy())\nsys.exit(4)\n")
    result = CliRunner().invoke(cli, ["run", str(script), "--help", "-x", "--json", "a"])
    assert result.exit_code == 4 and result.stdout == "['--help', '-x', '--json', 'a'] 9.0\n"
    missing = CliRunner().invoke(cli, ["run", str(script.parent / "none.py")])
    assert missing.exit_code == 2 and "none.py" in missing.stderr


def test_pictures_become_files_where_nothing_can_show_them(script: Path) -> None:
    script.write_text(
        "import matplotlib.pyplot as plt\n"
        "plt.plot([1, 2]); plt.show()\n"
        "plt.figure(); plt.figure(); plt.show()\n"
        "print('done')\n"
    )
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "MPLBACKEND")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    environment["PYTHONPATH"] = os.pathsep.join(sys.path)
    call = [sys.executable, "-c", "from ranvier.cli.main import main; main()", "run", str(script)]
    done = subprocess.run(call, cwd=script.parent, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "done\n"
    files = sorted(script.parent.glob("*.png"))
    if sys.platform.startswith("linux"):
        assert [file.name for file in files] == ["figure-1.png", "figure-2.png", "figure-3.png"]
        assert [line.rpartition(" ")[2] for line in done.stderr.splitlines()] == [str(file) for file in files]
