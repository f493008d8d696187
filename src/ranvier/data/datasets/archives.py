"""Reading compressed files that somebody else made: never more than was declared, never more than was allowed."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import tokenize
import zipfile
import zlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ranvier._errors import FileRefused
from ranvier.data.datasets.ragged import read_ragged

__all__ = ["read_idx", "read_npz", "read_tar", "refuse"]

_CHUNK = 1 << 20
# RuntimeError: an encrypted zip member. NotImplementedError, one of its kind: an unknown compression.
_BROKEN = (OSError, EOFError, zlib.error, tarfile.TarError, zipfile.BadZipFile, struct.error, RuntimeError, ValueError)
_BAD_HEADER = (ValueError, TypeError, SyntaxError, RecursionError, MemoryError, tokenize.TokenError)


def refuse(path: Path, code: str, message: str, expected: object, received: object) -> FileRefused:
    """Return the error that says why a data file was not read."""
    return FileRefused(
        f"{path.name} {message}.",
        code=f"data-{code}",
        place=str(path),
        expected=expected,
        received=received,
        fix="replace the file by the original one, or delete it so that it is downloaded again",
    )


class _Bounded(gzip.GzipFile):
    """A gzip file that ends with an error after `limit` unpacked bytes."""

    def __init__(self, path: Path, limit: int) -> None:
        super().__init__(path, "rb")
        self.path, self.limit, self.done = path, limit, 0

    def read(self, size: int | None = -1) -> bytes:
        wanted = self.limit + 1 if size is None or size < 0 else size
        blocks = []
        while wanted > 0 and (block := super().read(min(wanted, _CHUNK))):
            self.done += len(block)
            if self.done > self.limit:
                allowed = f"at most {self.limit:,} bytes"
                raise refuse(self.path, "too-large", "unpacks to more than it may", allowed, "more")
            wanted -= len(block)
            blocks.append(block)
        return b"".join(blocks)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Turn every complaint of the unpacking libraries into one kind of error."""
    try:
        yield
    except FileRefused:
        raise
    except FileNotFoundError:
        raise
    except _BROKEN as error:
        raise refuse(path, "damaged", "is damaged or cut short", "a whole file of its kind", error) from error


def read_idx(path: Path, ndim: int, limit: int = 1 << 30) -> npt.NDArray[np.uint8]:
    """Read a gzipped idx file of unsigned bytes, the format of MNIST.

    Layout: `0 0 type ndim`, then `ndim` big-endian sizes of four bytes, then the values; type 8 is uint8.

    Args:
        path: the file, `*-idx*-ubyte.gz`.
        ndim: how many axes it must have.
        limit: most values that are read [bytes].

    Raises:
        FileRefused: another format or type, or sizes that do not fit the bytes, or more than `limit`.

    Source: Y. LeCun, C. Cortes, C. J. C. Burges, The MNIST database of handwritten digits (1998), file formats.
    """
    with _readable(path), _Bounded(path, limit + 4 * (ndim + 1)) as file:
        magic = file.read(4)
        if magic != bytes((0, 0, 8, ndim)):
            wanted = f"idx magic 0 0 8 {ndim} (unsigned bytes, {ndim} axes)"
            raise refuse(path, "format", "is not the expected idx file", wanted, " ".join(map(str, magic)))
        header = file.read(4 * ndim)
        shape = struct.unpack(f">{ndim}I", header)
        size = prod(shape)
        if not 0 < size <= limit:
            raise refuse(path, "size", "declares no or too many values", f"1 to {limit:,}", f"{size:,} {shape}")
        # One byte more than declared shows whether bytes are left over.
        body = file.read(size + 1)
    if len(body) != size:
        raise refuse(path, "size", "has another size than it declares", f"{size:,} values {shape}", f"{len(body):,}")
    return np.frombuffer(body, np.uint8).reshape(shape).copy()


def read_npz(
    path: Path, members: Sequence[str], ragged: Collection[str] = (), limit: int = 1 << 30
) -> dict[str, npt.NDArray[Any]]:
    """Read named arrays of an npz file without executing anything in it.

    Args:
        path: the file.
        members: names of the arrays to read; others are left alone.
        ragged: those among them that hold lists of integers of different length.
        limit: most bytes that one array may unpack to.

    Raises:
        FileRefused: a name is missing, an array is too large, holds objects, or does not fit its bytes.
    """
    arrays = {}
    with _readable(path), zipfile.ZipFile(path) as archive:
        entries = {entry.filename: entry for entry in archive.infolist()}
        for name in members:
            entry = entries.get(f"{name}.npy")
            if entry is None:
                raise refuse(path, "member", f"has no array {name!r}", list(members), sorted(entries))
            if entry.file_size > limit:
                raise refuse(path, "too-large", f"declares too much for {name!r}", f"{limit:,} bytes", entry.file_size)
            with archive.open(entry) as file:
                content = file.read(entry.file_size + 1)
            arrays[name] = _read_npy(content, path, name, name in ragged)
    return arrays


def _read_npy(content: bytes, path: Path, name: str, ragged: bool) -> npt.NDArray[Any]:
    """Read one npy member whose declared shape must fill its bytes exactly."""
    file = io.BytesIO(content)
    try:
        version = np.lib.format.read_magic(file)
        header = np.lib.format.read_array_header_1_0 if version[0] == 1 else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = header(file)
    except _BAD_HEADER as error:
        raise refuse(path, "format", f"holds no array under {name!r}", "the npy format", error) from error
    body = content[file.tell() :]
    if dtype.hasobject:
        if ragged and len(shape) == 1 and dtype.kind == "O":
            return read_ragged(body, shape[0], path)
        raise refuse(path, "objects", f"holds Python objects under {name!r}", "numbers", f"{dtype} {shape}")
    honest = all(type(size) is int and size > 0 for size in shape)
    if dtype.kind not in "biuf" or not honest or prod(shape) * dtype.itemsize != len(body):
        wanted = f"numbers, {shape} of {dtype}"
        raise refuse(path, "size", f"has another size than {name!r} declares", wanted, f"{len(body):,} bytes")
    return np.ndarray(shape, dtype, body, order="F" if fortran else "C").copy()


def read_tar(path: Path, members: Sequence[str], limit: int, member_limit: int) -> dict[str, bytes]:
    """Read named regular files of a gzipped tar archive into memory; nothing is written to the disk.

    Args:
        path: the archive.
        members: full names of the files to read; links, folders and other names are passed over.
        limit: most bytes that the archive may unpack to.
        member_limit: most bytes that one file may have.

    Raises:
        FileRefused: a file is missing, stands there twice, or is too large.
    """
    found: dict[str, bytes] = {}
    with _readable(path), _Bounded(path, limit) as packed, tarfile.open(fileobj=packed, mode="r|") as archive:
        for member in archive:
            if member.name not in members or not member.isreg():
                continue
            if member.name in found or member.size > member_limit:
                wanted = f"once, at most {member_limit:,} bytes"
                raise refuse(path, "member", f"holds {member.name} twice or too large", wanted, f"{member.size:,}")
            file = archive.extractfile(member)
            found[member.name] = file.read() if file is not None else b""
    missing = [name for name in members if name not in found]
    if missing:
        raise refuse(path, "member", f"lacks {len(missing)} of its files", ", ".join(members), f"missing: {missing}")
    return found
