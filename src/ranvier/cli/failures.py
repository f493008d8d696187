"""What a failure looks like from outside: an exit code, and one line."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn

import click

from ranvier._errors import (
    DataError,
    DoctorError,
    DownloadError,
    FileRefused,
    InvalidArgument,
    RanvierError,
    Unsupported,
)

__all__ = ["CommandLine", "exit_code", "one_line"]

INTERRUPTED, TERMINATED = 130, 143
_CODES: tuple[tuple[type[BaseException], int], ...] = (
    (click.UsageError, 2),
    (InvalidArgument, 2),
    (Unsupported, 2),
    (DataError, 3),
    (DoctorError, 3),
    (FileRefused, 4),
    (DownloadError, 5),
    (click.Abort, INTERRUPTED),
    (KeyboardInterrupt, INTERRUPTED),
)
_BY_NAME = {"train-failed": 6}
_FILE_SYSTEM = 7


def exit_code(error: BaseException) -> int:
    """Return the exit code of an error, as `docs/how-to/exit-codes.md` lists them."""
    named = _BY_NAME.get(getattr(error, "code", ""))
    if named is not None:
        return named
    for kind, code in _CODES:
        if isinstance(error, kind):
            return code
    return _FILE_SYSTEM if isinstance(error, OSError) else 1


def one_line(error: BaseException) -> str:
    """Return an error in one line, with what was expected and what to do."""
    if isinstance(error, RanvierError):
        rows = (
            ("where", error.place),
            ("expected", error.expected),
            ("received", error.received),
            ("to do", error.fix),
        )
        details = "; ".join(f"{name}: {text}" for name, text in rows if str(text))
        text = f"{error.message} ({details})" if details else error.message
    elif isinstance(error, click.ClickException):
        text = error.format_message()
    elif isinstance(error, (KeyboardInterrupt, click.Abort)):
        text = "interrupted; nothing was written"
    elif isinstance(error, OSError) and error.strerror:
        text = f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    else:
        text = f"unexpected {type(error).__name__}: {error} (RANVIER_DEBUG=1 shows where)"
    return " ".join(text.split())


class CommandLine(click.Group):
    """A group whose commands end with a documented exit code and never with a traceback."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> NoReturn:
        """Run a command and leave the process."""
        given = list(sys.argv[1:] if args is None else args)
        extra["standalone_mode"] = False
        try:
            with _terminated_as_exit():
                code = super().main(given, *rest, **extra)
        except SystemExit as end:
            if end.code == TERMINATED:
                self._tell("terminated; nothing was written", "terminated", TERMINATED, given)
            raise
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.ctx.get_help() if error.ctx else "", err=True)
            sys.exit(2)
        except BaseException as error:
            # A closed pipe is the reader's decision: click ends silently.
            if os.environ.get("RANVIER_DEBUG", "") not in ("", "0"):
                raise
            name = getattr(error, "code", "") or type(error).__name__
            self._tell(one_line(error), str(name), exit_code(error), given)
        sys.exit(code if isinstance(code, int) else 0)

    @staticmethod
    def _tell(line: str, name: str, code: int, given: list[str]) -> NoReturn:
        """Write the line, for programs also an object, and end."""
        click.echo(f"ranvier: {line}", err=True)
        if "--json" in given:
            click.echo(json.dumps({"error": {"code": name, "message": line, "exit": code}}))
        sys.exit(code)


_UNHEARD = "_xla_gc_callback"
"""JAX's hook of the garbage collector: an exception that a signal raises in it is swallowed."""
_SOON = 0.05
"""Seconds after which such a signal is sent again."""


def _leave(number: int, frame: FrameType | None) -> None:
    """End the process by an exception, so that folders in the making are removed."""
    while frame is not None:
        if frame.f_code.co_name == _UNHEARD:
            threading.Timer(_SOON, os.kill, (os.getpid(), number)).start()
            return
        frame = frame.f_back
    raise KeyboardInterrupt if number == signal.SIGINT else SystemExit(128 + number)


@contextmanager
def _terminated_as_exit() -> Iterator[None]:
    """Turn SIGTERM into SystemExit, and let no Ctrl-C go unheard; in the main thread only."""
    try:
        before = {signal.SIGTERM: signal.signal(signal.SIGTERM, _leave)}
    except ValueError:
        yield
        return
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        before[signal.SIGINT] = signal.signal(signal.SIGINT, _leave)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
