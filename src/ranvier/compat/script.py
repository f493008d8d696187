"""Run a script as Python would, with the import hook in place."""

from __future__ import annotations

import os
import runpy
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from ranvier.compat import pictures
from ranvier.compat.installation import install

__all__ = ["run_script"]


def run_script(path: str | os.PathLike[str], args: Sequence[str] = ()) -> int:
    """Run a Python script unmodified on Ranvier; return the exit code that Python would end with.

    `sys.argv`, `__name__`, `sys.path[0]` and the output are the script's own. An error that it does not catch is shown
    with the script's own frames, and gives 1.

    Args:
        path: the script.
        args: what the script finds in `sys.argv[1:]`.

    Raises:
        FileNotFoundError: there is no such file.
    """
    file = Path(path)
    if not file.is_file():
        raise FileNotFoundError(2, "No such script", str(path))
    with _process_of(file, args), install(), pictures.chosen():
        try:
            runpy.run_path(str(file), run_name="__main__")
        except SystemExit as end:
            return _code(end)
        except BaseException as error:
            _show(error, str(file))
            return 130 if isinstance(error, KeyboardInterrupt) else 1
    return 0


@contextmanager
def _process_of(file: Path, args: Sequence[str]) -> Iterator[None]:
    """Give the script its own arguments and its folder on the import path, then put back what was there."""
    argv, search = sys.argv, list(sys.path)
    sys.argv = [str(file), *args]
    sys.path.insert(0, str(file.resolve().parent))
    try:
        yield
    finally:
        sys.argv, sys.path[:] = argv, search


def _code(end: SystemExit) -> int:
    """Return the exit code of `sys.exit(...)`; a text is shown and means 1."""
    if end.code is None or isinstance(end.code, int):
        return int(end.code or 0)
    print(end.code, file=sys.stderr)
    return 1


def _show(error: BaseException, script: str) -> None:
    """Write a traceback that begins in the script; an error of its text has no frame in it."""
    frames: TracebackType | None = error.__traceback__
    while frames is not None and frames.tb_frame.f_code.co_filename != script:
        frames = frames.tb_next
    sys.stdout.flush()
    traceback.print_exception(type(error), error, frames)
