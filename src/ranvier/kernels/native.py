"""The native library: found, checked and loaded once; where it is missing everything runs by the reference.

There is one library per instruction set in `ranvier/kernels/lib`; the widest that this processor has is loaded.
`RANVIER_NATIVE=off` switches all of them off; `RANVIER_NATIVE=avx2` (or another name) takes that one and no other.
"""

from __future__ import annotations

import ctypes
import functools
import importlib.metadata
import os
import pathlib
from typing import Any, NamedTuple

import jax

from ranvier._errors import InvalidArgument

__all__ = ["ABI", "INSTRUCTION_SETS", "Library", "call", "library", "why_not"]

ABI = 2
"""Raised with every new kernel and every change of one's arguments or results, here and in native/CMakeLists.txt."""

INSTRUCTION_SETS = ("avx512", "avx2", "neon")
"""From the widest vectors to the narrowest."""

MOST_THREADS = 64
"""As in native/src/threads.cc."""


class Library(NamedTuple):
    """A loaded library.

    Attributes:
        path: where it lies.
        instructions: the instruction set that it is compiled for.
        threads: how many threads its kernels use.
        code: the handle.
    """

    path: pathlib.Path
    instructions: str
    threads: int
    code: ctypes.CDLL


class _Refused(Exception):
    """Why a library cannot be used."""


def library() -> Library | None:
    """Return the library in use, or None."""
    return _found()[0]


def why_not() -> str:
    """Return why no library is in use; empty where one is."""
    return _found()[1]


def call(target: str, results: Any, *arrays: Any, in_place: dict[int, int] | None = None, **attributes: Any) -> Any:
    """Call a kernel of the library inside a traced function.

    Args:
        target: the handler's name in the library.
        results: shape and dtype of each result.
        *arrays: the operands.
        in_place: operands whose memory a result may take, each with that result's number; XLA copies those that
            somebody still needs.
        **attributes: NumPy scalars, as XLA passes them.
    """
    _register(target)
    function: Any = jax.ffi.ffi_call(f"ranvier_{target}", results, input_output_aliases=in_place)
    return function(*arrays, **attributes)


@functools.cache
def _register(target: str) -> None:
    found = library()
    assert found is not None, "a native kernel was chosen without a library"
    handler = jax.ffi.pycapsule(getattr(found.code, target))
    jax.ffi.register_ffi_target(f"ranvier_{target}", handler, platform="cpu")


@functools.cache
def _found() -> tuple[Library | None, str]:
    wanted = os.environ.get("RANVIER_NATIVE", "").strip().lower()
    if wanted in ("off", "0", "no", "false"):
        return None, f"RANVIER_NATIVE={wanted} switches it off"
    names = INSTRUCTION_SETS if wanted in ("", "on", "1", "yes", "true") else (wanted,)
    files = [folder / f"ranvier_{name}.so" for name in names for folder in _folders()]
    refused = []
    for file in filter(pathlib.Path.is_file, files):
        try:
            return _loaded(file), ""
        except _Refused as reason:
            refused.append(f"{file.name}: {reason}")
    if refused:
        return None, "; ".join(refused)
    where = (
        "it was not built when ranvier was installed, which takes a C++17 compiler (g++ or clang++); with one at hand "
        "install ranvier again, in a clone by `pip install .`"
    )
    return None, where if names == INSTRUCTION_SETS else f"there is no library {wanted!r}; {where}"


def _folders() -> list[pathlib.Path]:
    """Where the library may lie: beside this file, or, for an editable installation, where that put what it built."""
    folders = [pathlib.Path(__file__).parent / "lib"]
    try:
        installed = importlib.metadata.distribution("ranvier")
    except importlib.metadata.PackageNotFoundError:
        return folders
    return [*folders, pathlib.Path(str(installed.locate_file("ranvier/kernels/lib")))]


def _loaded(file: pathlib.Path) -> Library:
    try:
        code = ctypes.CDLL(str(file))
        abi, supported = code.ranvier_abi(), code.ranvier_supported()
    except (OSError, AttributeError) as error:
        raise _Refused(f"it cannot be loaded ({error})") from error
    if abi != ABI:
        raise _Refused(f"it was built for another version (ABI {abi}, expected {ABI}); install ranvier again")
    if not supported:
        raise _Refused("this processor lacks its instructions")
    _check_threads()
    code.ranvier_instructions.restype = ctypes.c_char_p
    return Library(file, code.ranvier_instructions().decode(), int(code.ranvier_threads()), code)


def _check_threads() -> None:
    """The library itself would take the nearest number that it can use, and say nothing."""
    wanted = os.environ.get("RANVIER_THREADS", "")
    if wanted and not (wanted.isdecimal() and 1 <= int(wanted) <= MOST_THREADS):
        raise InvalidArgument(
            "RANVIER_THREADS is no number of threads.",
            code="kernels-threads",
            place="environment variable RANVIER_THREADS",
            expected=f"a whole number from 1 to {MOST_THREADS}",
            received=repr(wanted),
            fix="set such a number, or unset it: then there are as many threads as processors",
        )
