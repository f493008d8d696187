"""The library is checked before it is used, and what is wrong with it is told."""

from __future__ import annotations

import _ctypes
import ctypes
import pathlib
import shutil
from types import SimpleNamespace

import numpy as np
import pytest

from ranvier._errors import InvalidArgument
from ranvier.kernels import native
from tests.kernels.checks import needs_library
from tests.kernels.processes import run


@pytest.fixture
def folder(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """A folder in which alone libraries are looked for."""
    monkeypatch.setattr(native, "_folders", lambda: [tmp_path])
    monkeypatch.delenv("RANVIER_NATIVE", raising=False)
    return tmp_path


def looked_for() -> tuple[native.Library | None, str]:
    """What a process that starts now would find."""
    return native._found.__wrapped__()


def a_library_that_says(monkeypatch: pytest.MonkeyPatch, abi: int, supported: int) -> None:
    code = SimpleNamespace(
        ranvier_abi=lambda: abi, ranvier_supported=lambda: supported, ranvier_instructions=lambda: b"none",
        ranvier_threads=lambda: 1,
    )  # fmt: skip
    monkeypatch.setattr(ctypes, "CDLL", lambda path: code)


def test_without_a_file_it_was_not_built(folder: pathlib.Path) -> None:
    found, why = looked_for()
    assert found is None and "not built" in why and "C++17" in why


def test_a_file_of_something_else_is_refused(folder: pathlib.Path) -> None:
    (folder / "ranvier_avx2.so").write_bytes(b"\x7fELF, but no library")
    found, why = looked_for()
    assert found is None and why.startswith("ranvier_avx2.so: it cannot be loaded")


def test_a_library_without_our_names_is_refused(folder: pathlib.Path) -> None:
    shutil.copy(_ctypes.__file__, folder / "ranvier_avx2.so")
    found, why = looked_for()
    assert found is None and "cannot be loaded" in why and "ranvier_abi" in why


def test_a_library_of_another_version_is_refused(folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "ranvier_avx2.so").touch()
    a_library_that_says(monkeypatch, native.ABI + 1, 1)
    found, why = looked_for()
    assert found is None and f"ABI {native.ABI + 1}, expected {native.ABI}" in why


def test_a_library_for_another_processor_gives_way_to_the_next(
    folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "ranvier_avx512.so").touch()
    a_library_that_says(monkeypatch, native.ABI, 0)
    found, why = looked_for()
    assert found is None and why == "ranvier_avx512.so: this processor lacks its instructions"
    a_library_that_says(monkeypatch, native.ABI, 1)
    (folder / "ranvier_avx512.so").rename(folder / "ranvier_neon.so")
    found, why = looked_for()
    assert found is not None and found.path.name == "ranvier_neon.so" and why == ""


@needs_library
def test_the_real_library_is_refused_by_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "ABI", -1)
    monkeypatch.delenv("RANVIER_NATIVE", raising=False)
    found, why = looked_for()
    assert found is None and "expected -1" in why


@pytest.mark.parametrize(
    ("value", "why"),
    [("off", "RANVIER_NATIVE=off switches it off"), (" OFF ", "switches it off"), ("sse9", "no library 'sse9'")],
)
def test_the_environment_chooses(value: str, why: str, folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANVIER_NATIVE", value)
    found, said = looked_for()
    assert found is None and why in said


@pytest.mark.slow
def test_without_a_library_the_reference_computes() -> None:
    printed = run(
        "print(native.why_not(), '|', np.mean(layer_norm(numbers(5, 8), np.ones(8), np.ones(8), 1e-3)))",
        RANVIER_NATIVE="off",
    )
    why, _, mean = printed.partition("|")
    assert "switches it off" in why
    np.testing.assert_allclose(float(mean), 1, atol=1e-5)


@needs_library
@pytest.mark.parametrize("value", ["0", "-2", "3x", "65", "99999999999999999999", "all"])
def test_a_number_of_threads_that_is_none_is_refused(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RANVIER_NATIVE", raising=False)
    monkeypatch.setenv("RANVIER_THREADS", value)
    with pytest.raises(InvalidArgument, match="from 1 to 64") as raised:
        looked_for()
    assert value in str(raised.value)
