"""Lines of JSON between the parent and its workers: the worker's end of the pipe and the errors' wording."""

import json
import os
import re
import sys
from typing import IO, Any

ABSOLUTE_PATH = re.compile(r"(?<![\w.])(?:[A-Za-z]:)?(?:[/\\][\w.@+\-]+){2,}")


def claim_stdout() -> IO[str]:
    """Take the standard output for answers; whatever a framework prints from now on goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    return answers


def send(stream: IO[str], message: dict[str, Any]) -> None:
    """Write one message as one line."""
    stream.write(json.dumps(message) + "\n")
    stream.flush()


def wording(error: BaseException) -> str:
    """Type and message of an error on one line, without the paths of this machine."""
    return without_paths(f"{type(error).__name__}: {error}")


def without_paths(text: str, limit: int = 400) -> str:
    """`text` on one line with every absolute path cut to its last part."""
    plain = ABSOLUTE_PATH.sub(lambda found: re.split(r"[/\\]", found.group())[-1], text)
    return " ".join(plain.split())[:limit]


def peak_mib() -> float | None:
    """Highest resident memory of this process [MiB]; `None` where the system does not say.

    On Linux from `VmHWM`, which starts at zero in a new program; `ru_maxrss` would keep the parent's peak.
    """
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        pass
    try:
        import resource  # absent on Windows
    except ImportError:
        return None
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
