"""The folder of a run: it appears under its name only when it is whole."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ranvier._errors import InvalidArgument
from ranvier.saving.atomic import TEMPORARY_MARK, sync_folder

__all__ = ["RECORD", "RUN_FORMAT", "claim", "is_run_folder", "new_run_folder"]

RECORD = "run.json"
RUN_FORMAT = "ranvier-run"


def is_run_folder(path: Path) -> bool:
    """Return whether a folder was written by `train`."""
    try:
        record = json.loads((path / RECORD).read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(record, dict) and record.get("format") == RUN_FORMAT


def claim(target: Path, overwrite: bool) -> None:
    """Look whether a run may be written to `target`, before any work is done.

    Raises:
        InvalidArgument: something is there that must not be lost.
    """
    if target.is_dir() and not any(target.iterdir()):
        return
    if not os.path.lexists(target):
        return
    run = target.is_dir() and not target.is_symlink() and is_run_folder(target)
    if run and overwrite:
        return
    what = "holds an earlier run" if run else "holds something else" if target.is_dir() else "is no folder"
    raise InvalidArgument(
        f"{target} is there already and {what}.",
        code="run-folder-taken",
        place="--out",
        expected="a new name, an empty folder, or a run folder with --overwrite",
        fix="pass --overwrite to replace that run" if run else "choose another name",
    )


@contextmanager
def new_run_folder(target: Path, overwrite: bool = False) -> Iterator[Path]:
    """Give a hidden folder to write into; it becomes `target` when the block ends well, else it is removed.

    A run that is killed leaves at most the hidden folder, never a `target` that is not whole.

    Args:
        target: the folder to make.
        overwrite: whether an earlier run of that name is replaced.

    Raises:
        InvalidArgument: `target` holds something that must not be lost.
    """
    claim(target, overwrite)
    target.parent.mkdir(parents=True, exist_ok=True)
    mark = f".{target.name}{TEMPORARY_MARK}{os.getpid()}-{secrets.token_hex(4)}"
    work, old = target.with_name(mark), target.with_name(f"{mark}-old")
    work.mkdir()
    try:
        yield work
        claim(target, overwrite)
        if target.exists():
            os.replace(target, old)
        try:
            os.replace(work, target)
        except BaseException:
            if old.exists():
                os.replace(old, target)
            raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
        if target.exists():
            shutil.rmtree(old, ignore_errors=True)
    sync_folder(target.parent)
