"""A lock between processes that the operating system releases when its holder dies."""

from __future__ import annotations

import errno
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def _release(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _take(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _release(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


__all__ = ["exclusive"]

_BUSY = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)


@contextmanager
def exclusive(path: Path, poll: float = 0.05) -> Iterator[None]:
    """Hold the lock file `path` inside the `with` block; wait while another process holds it.

    Args:
        path: the lock file; it stays where it is, because removing it would let two processes in.
        poll: seconds between two attempts [s].

    Raises:
        OSError: the file cannot be opened, or its file system has no locks.
    """
    with open(path, "ab") as file:
        while True:
            try:
                _take(file.fileno())
                break
            except OSError as error:
                if error.errno not in _BUSY:
                    raise
            time.sleep(poll)
        try:
            yield
        finally:
            _release(file.fileno())
