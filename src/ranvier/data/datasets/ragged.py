"""Lists of integers out of a pickled NumPy object array, and nothing else.

NumPy can store rows of different length only as a pickle, which is a program. Two walls stand between such a
file and the machine: a scan that lets only the operations pass that such an array needs, and an unpickler whose
every name is a stand-in of ours, so that no function of NumPy or of Python is called with the file's values.
"""

from __future__ import annotations

import io
import pickle
import re
import sys
from pathlib import Path
from typing import Any, final

import numpy as np
import numpy.typing as npt

from ranvier._errors import FileRefused

__all__ = ["read_ragged"]


def read_ragged(content: bytes, rows: int, path: Path) -> npt.NDArray[Any]:
    """Return the object array `[row]` of integer lists that `content` pickles.

    Args:
        content: the pickle.
        rows: how many rows the npy header declares.
        path: the file, for the error.

    Raises:
        FileRefused: it names a function or class, uses an operation that no such array needs, or
            holds something else than lists of integers.
    """
    try:
        _scan(content)
        shell = _Unpickler(io.BytesIO(content), encoding="ASCII").load()
        return _ragged(shell, rows, len(content))
    except pickle.UnpicklingError as error:
        raise _refused(path, error) from error
    except (ValueError, TypeError, IndexError, KeyError, EOFError, AttributeError, MemoryError, OverflowError) as error:
        raise _refused(path, f"{type(error).__name__}: {error}") from error


def _refused(path: Path, reason: object) -> FileRefused:
    return FileRefused(
        f"{path.name} holds something else than lists of integers; nothing in it was executed.",
        code="data-pickle",
        place=str(path),
        expected="a NumPy array of lists of integers",
        received=str(reason)[:300],
        fix="do not use this file; delete it so that the original one is downloaded",
    )


# Operations by what follows them. Runs of small integers are matched at once: a data set has millions.
_INTEGERS = rb"(?:K.|M..|J....)++"
_PLAIN = rb"[.(\])eatNRb\x85\x86\x87\x88\x89\x93\x94]"
_SIZED = rb"\x80.|\x95.{8}"
_TEXT = rb"c[\w.]{1,40}\n\w{1,40}\n|[UC\x8c\x8a](?P<short>.)|[XTB](?P<long>.{4})"
_MEMO = rb"[qh].|[rj](?P<far>.{4})"
_OPERATION = re.compile(rb"|".join((_INTEGERS, _PLAIN, _SIZED, _TEXT, _MEMO)), re.DOTALL)


def _scan(content: bytes) -> None:
    """Let only the listed operations pass, with memo numbers that the content's length can justify.

    A memo number of four billion would make the unpickler allocate a table of that size.
    """
    place = 0
    while place < len(content):
        found = _OPERATION.match(content, place)
        if found is None:
            raise pickle.UnpicklingError(f"operation {content[place : place + 1]!r} at byte {place}")
        place = found.end()
        length = found["short"] or found["long"]
        if length is not None:
            place += int.from_bytes(length, "little")
        far = found["far"]
        if far is not None and int.from_bytes(far, "little") > len(content):
            raise pickle.UnpicklingError(f"a memo number beyond the content at byte {place}")
        if found[0] == b".":
            break
    if place != len(content):
        raise pickle.UnpicklingError(f"{len(content) - place} bytes after the end")


@final
class _ArrayShell:
    """What a pickled array says about itself, as inert data."""

    state: Any = None

    def __setstate__(self, state: Any) -> None:
        self.state = state


@final
class _DtypeShell:
    """What a pickled dtype says about itself; only Python objects (`O`) are admitted."""

    def __init__(self, code: Any, *_: Any) -> None:
        if code not in ("O", "O4", "O8", "|O"):
            raise pickle.UnpicklingError(f"an array of {code!r}")

    def __setstate__(self, state: Any) -> None:
        """Ignore byte order and alignment, which say nothing about objects."""


def _reconstruct(*_: Any) -> _ArrayShell:
    return _ArrayShell()


_NAMES: dict[tuple[str, str], Any] = {
    ("numpy", "ndarray"): _ArrayShell,
    ("numpy", "dtype"): _DtypeShell,
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
}


@final
class _Unpickler(pickle.Unpickler):
    """Resolves four names, each to a stand-in."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _NAMES:
            raise pickle.UnpicklingError(f"the name {module}.{name}")
        return _NAMES[module, name]

    def persistent_load(self, pid: Any) -> Any:
        raise pickle.UnpicklingError("a reference to something outside the file")


def _ragged(shell: Any, rows: int, size: int) -> npt.NDArray[Any]:
    """Return the shell's rows after every one of them has been looked at."""
    if not isinstance(shell, _ArrayShell) or not isinstance(shell.state, tuple) or len(shell.state) != 5:
        raise pickle.UnpicklingError(f"a {type(shell).__name__}")
    _, shape, dtype, _, items = shell.state
    if shape != (rows,) or not isinstance(dtype, _DtypeShell) or not isinstance(items, list) or len(items) != rows:
        raise pickle.UnpicklingError(f"shape {shape!r} where the header says ({rows},)")
    result = np.empty(rows, dtype=object)
    words = 0
    for row, item in enumerate(items):
        if type(item) is not list or not set(map(type, item)) <= {int}:
            raise pickle.UnpicklingError(f"row {row} is no list of integers")
        words += len(item)
        # A list referred to many times would unfold to more than the file has bytes.
        if words > size:
            raise pickle.UnpicklingError("more integers than bytes")
        if item and not -sys.maxsize <= min(item) <= max(item) <= sys.maxsize:
            raise pickle.UnpicklingError(f"row {row} has an integer of more than 64 bits")
        result[row] = item
    return result
