"""idx, npz and tar files that are damaged, too large, or lie about themselves."""

from __future__ import annotations

import contextlib
import gzip
import io
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ranvier._errors import FileRefused
from ranvier.data.datasets.archives import read_idx, read_npz, read_tar

FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def refused(call: Callable[[], object], *words: str) -> None:
    """Check that `call` is refused by an error with place and cure that has `words`."""
    with pytest.raises(FileRefused) as caught:
        call()
    assert isinstance(caught.value, ValueError) and caught.value.place and caught.value.fix
    assert all(word in str(caught.value) for word in words), str(caught.value)


def written(folder: Path, content: bytes, name: str = "file") -> Path:
    """Write `content` and return its path."""
    path = folder / name
    path.write_bytes(content)
    return path


def test_idx_reads_what_was_written(tmp_path: Path, make_idx: Callable[[np.ndarray], bytes]) -> None:
    array = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    read = read_idx(written(tmp_path, make_idx(array)), 3)
    np.testing.assert_array_equal(read, array)
    assert read.dtype == np.uint8 and read.flags.writeable


IDX_HEAD = bytes((0, 0, 8, 1)) + struct.pack(">I", 4)


def packed(content: bytes) -> bytes:
    """Return gzip'ed bytes that are the same at any time: test names are made of them."""
    return gzip.compress(content, mtime=0)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (packed(IDX_HEAD + b"abc"), "another size"),
        (packed(IDX_HEAD + b"abcde"), "another size"),
        (packed(bytes((0, 0, 8, 3)) + struct.pack(">3I", 1, 2, 2) + b"abcd"), "magic"),
        (packed(bytes((0, 0, 13, 1)) + struct.pack(">I", 1) + b"abcd"), "magic"),
        (packed(b"PK" + IDX_HEAD), "magic"),
        (packed(IDX_HEAD[:6]), "damaged"),
        (packed(b""), "magic"),
        (packed(bytes((0, 0, 8, 1)) + struct.pack(">I", 0)), "no or too many"),
        (packed(bytes((0, 0, 8, 1)) + struct.pack(">I", 2**32 - 1)), "no or too many"),
        (IDX_HEAD + b"abcd", "damaged"),
        (b"", "magic"),
        (packed(IDX_HEAD + b"abcd")[:-3], "damaged"),
        (packed(IDX_HEAD + b"abcd")[:-8] + b"\0" * 8, "damaged"),
    ],
)
def test_idx_refuses_what_is_none(tmp_path: Path, content: bytes, word: str) -> None:
    refused(lambda: read_idx(written(tmp_path, content), 1), word)


def test_an_idx_bomb_is_not_unpacked(tmp_path: Path) -> None:
    bomb = gzip.compress(IDX_HEAD + bytes(50_000_000), compresslevel=1)
    refused(lambda: read_idx(written(tmp_path, bomb), 1, limit=1000), "another size")


def test_a_missing_file_stays_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_idx(tmp_path / "none", 1)


@FUZZ
@given(place=st.integers(0, 60), value=st.integers(0, 255), cut=st.integers(0, 80))
def test_damaged_idx_is_read_or_refused(tmp_path: Path, place: int, value: int, cut: int) -> None:
    content = bytearray(gzip.compress(IDX_HEAD + b"abcd", mtime=0))
    content[place % len(content)] = value
    with contextlib.suppress(FileRefused):
        read_idx(written(tmp_path, bytes(content[: cut or None])), 1)


def npz(folder: Path, **arrays: np.ndarray) -> Path:
    """Write an npz file."""
    np.savez(folder / "file.npz", **arrays)
    return folder / "file.npz"


def raw_npz(folder: Path, **members: bytes) -> Path:
    """Write a zip of npy members as they are."""
    with zipfile.ZipFile(folder / "file.npz", "w") as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return folder / "file.npz"


def npy(header: str, body: bytes) -> bytes:
    """Return an npy member with any header."""
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode("latin1") + body


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype=np.uint8).reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(3, dtype=">i4"),
        np.float32(5),
    ],
)
def test_npz_reads_what_numpy_wrote(tmp_path: Path, array: np.ndarray) -> None:
    read = read_npz(npz(tmp_path, x=array, other=np.zeros(2)), ["x"])
    assert list(read) == ["x"] and read["x"].flags.writeable
    np.testing.assert_array_equal(read["x"], array)
    assert read["x"].dtype == np.asarray(array).dtype


def test_npz_refuses_objects_unless_they_are_expected(tmp_path: Path) -> None:
    path = npz(tmp_path, x=np.array([[1], [2, 3]], dtype=object))
    refused(lambda: read_npz(path, ["x"]), "Python objects")


def test_npz_names_the_missing_member(tmp_path: Path) -> None:
    refused(lambda: read_npz(npz(tmp_path, x=np.zeros(2)), ["y"]), "'y'", "x.npy")


HEADER = "{'descr': '<f8', 'fortran_order': False, 'shape': (%s), }\n"


@pytest.mark.parametrize(
    "content",
    [
        npy(HEADER % "3,", bytes(16)),
        npy(HEADER % "1,", bytes(16)),
        npy(HEADER % "10**12,", bytes(16)),
        npy(HEADER % "1000000000000,", bytes(16)),
        npy(HEADER % "-2,", bytes(16)),
        npy(HEADER % "0, 10000000000000000000000000000000000000", b""),
        npy(HEADER % "True,", bytes(8)),
        npy(HEADER.replace("<f8", "V0") % "3,", b""),
        npy(HEADER.replace("<f8", "S8") % "1,", bytes(8)),
        npy(HEADER.replace("'<f8'", "[('a', 'O')]") % "1,", bytes(8)),
        npy("(" * 9000, b""),
        npy("__import__('os').abort()", b""),
        npy("{'descr': '<f8'}", b""),
        b"",
        b"\x93NUMPY\x09\x00aaaa",
        b"not an array at all",
    ],
)
def test_npz_refuses_headers_that_lie(tmp_path: Path, content: bytes) -> None:
    refused(lambda: read_npz(raw_npz(tmp_path, x=content), ["x"]), "x")


def test_npz_limits_what_a_member_unpacks_to(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "file.npz", x=np.zeros(1_000_000))
    refused(lambda: read_npz(tmp_path / "file.npz", ["x"], limit=1000), "too much", "1,000 bytes")


@FUZZ
@given(place=st.integers(0, 400), value=st.integers(0, 255), cut=st.integers(0, 400))
def test_damaged_npz_is_read_or_refused(tmp_path: Path, place: int, value: int, cut: int) -> None:
    content = bytearray(npz(tmp_path, x=np.arange(6.0)).read_bytes())
    content[place % len(content)] = value
    with contextlib.suppress(FileRefused):
        read_npz(written(tmp_path, bytes(content[: cut or None])), ["x"])


def test_tar_reads_named_files_only(tmp_path: Path, make_tar: Callable[[dict[str, bytes]], bytes]) -> None:
    path = written(tmp_path, make_tar({"a/x": b"1", "../outside": b"2", "a/y": b"3"}))
    assert read_tar(path, ["a/x", "a/y"], 1 << 20, 10) == {"a/x": b"1", "a/y": b"3"}
    assert sorted(entry.name for entry in tmp_path.parent.glob("outside")) == []


def test_tar_names_what_is_missing(tmp_path: Path, make_tar: Callable[[dict[str, bytes]], bytes]) -> None:
    path = written(tmp_path, make_tar({"a/x": b"1"}))
    refused(lambda: read_tar(path, ["a/x", "a/y"], 1 << 20, 10), "a/y")


def test_tar_follows_no_links(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, kind in (("a", tarfile.SYMTYPE), ("b", tarfile.LNKTYPE), ("c", tarfile.FIFOTYPE)):
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, "/etc/passwd"
            archive.addfile(entry)
    path = written(tmp_path, buffer.getvalue())
    for name in "abc":
        refused(lambda name=name: read_tar(path, [name], 1 << 20, 1 << 20), name)


def test_tar_refuses_a_name_that_comes_twice(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("a"))
        archive.addfile(tarfile.TarInfo("a"))
    refused(lambda: read_tar(written(tmp_path, buffer.getvalue()), ["a"], 1 << 20, 10), "twice")


def test_tar_limits_members_and_the_whole(tmp_path: Path, make_tar: Callable[[dict[str, bytes]], bytes]) -> None:
    path = written(tmp_path, make_tar({"big": bytes(5_000_000), "a": b"1"}))
    refused(lambda: read_tar(path, ["big"], 1 << 30, 1_000_000), "too large")
    refused(lambda: read_tar(path, ["a"], 1_000_000, 10), "at most 1,000,000")


def test_tar_that_is_cut_short_or_none_is_refused(
    tmp_path: Path, make_tar: Callable[[dict[str, bytes]], bytes]
) -> None:
    content = make_tar({"a": np.random.RandomState(0).bytes(50_000)})
    refused(lambda: read_tar(written(tmp_path, content[:20_000]), ["a"], 1 << 20, 1 << 20), "damaged")
    refused(lambda: read_tar(written(tmp_path, b"no archive"), ["a"], 1 << 20, 1 << 20), "damaged")
    refused(lambda: read_tar(written(tmp_path, gzip.compress(b"no archive")), ["a"], 1 << 20, 1 << 20), "damaged")
