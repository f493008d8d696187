"""Unpacking an archive that somebody else made: files and folders only, inside one folder, within a budget."""

from __future__ import annotations

import functools
import os
import pathlib
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from ranvier._errors import FileRefused

__all__ = ["unpack"]

_CHUNK = 1 << 20
_LEAST_BUDGET, _RATIO, _ENTRIES = 1 << 30, 100, 1_000_000
"""An archive may unpack to 1 GiB or to a hundred times its size, and to a million entries."""
_BROKEN = (OSError, EOFError, RuntimeError, ValueError, zlib.error, tarfile.TarError, zipfile.BadZipFile)


class _Entry(NamedTuple):
    """One file or folder of an archive; `kind` says in words what else it is."""

    name: str
    kind: str
    open: Callable[[], Any]


def unpack(
    archive: pathlib.Path, folder: pathlib.Path, formats: Sequence[str] = ("tar", "zip"), budget: int | None = None
) -> bool:
    """Unpack an archive into a folder, which changes only when the whole archive is good.

    Args:
        archive: the file.
        folder: where its entries go; it is made, and files of the same names are replaced.
        formats: which of `"tar"` (also compressed) and `"zip"` it may be.
        budget: most bytes that it may unpack to; 1 GiB, or a hundred times the archive, when None.

    Returns:
        Whether it is an archive of such a format.

    Raises:
        FileRefused: an entry with an absolute path, `..`, a link or a device, more than the budget, or a damaged file.
    """
    entries = _opened(archive, formats)
    if entries is None:
        return False
    allowed = max(_LEAST_BUDGET, _RATIO * archive.stat().st_size) if budget is None else budget
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        _write(entries, archive, part, allowed)
        part.mkdir(parents=True, exist_ok=True)
        if folder.exists():
            shutil.copytree(part, folder, dirs_exist_ok=True)
        else:
            os.replace(part, folder)
    except FileRefused:
        raise
    except _BROKEN as error:
        raise _refused(archive, "damaged", "it is damaged or cannot be written", str(error)) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return True


def _opened(archive: pathlib.Path, formats: Sequence[str]) -> Iterator[_Entry] | None:
    if "tar" in formats and tarfile.is_tarfile(archive):
        return _of_tar(archive)
    if "zip" in formats and zipfile.is_zipfile(archive):
        return _of_zip(archive)
    return None


def _of_tar(archive: pathlib.Path) -> Iterator[_Entry]:
    with tarfile.open(archive) as file:
        for member in file:
            kind = "file" if member.isreg() else "folder" if member.isdir() else "link or device"
            yield _Entry(member.name, kind, functools.partial(file.extractfile, member))


def _of_zip(archive: pathlib.Path) -> Iterator[_Entry]:
    with zipfile.ZipFile(archive) as file:
        for info in file.infolist():
            mode = info.external_attr >> 16
            kind = "folder" if info.is_dir() else "file"
            if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
                kind = "link or device"
            yield _Entry(info.filename, kind, functools.partial(file.open, info))


def _write(entries: Iterator[_Entry], archive: pathlib.Path, part: pathlib.Path, budget: int) -> None:
    left = budget
    for number, entry in enumerate(entries):
        if number >= _ENTRIES:
            raise _refused(archive, "entries", f"it has more than {_ENTRIES:,} entries", "more")
        target = part.joinpath(*_parts(entry, archive))
        if entry.kind == "folder":
            target.mkdir(parents=True, exist_ok=True)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        with entry.open() as source, target.open("wb") as file:
            while chunk := source.read(min(_CHUNK, left + 1)):
                left -= len(chunk)
                if left < 0:
                    raise _refused(archive, "too-large", f"it unpacks to more than {budget:,} bytes", entry.name)
                file.write(chunk)


def _parts(entry: _Entry, archive: pathlib.Path) -> tuple[str, ...]:
    """Return the parts of an entry's path.

    Raises:
        FileRefused: it leads out of the folder, or is no file or folder.
    """
    name = entry.name
    outside = name.startswith("/") or ".." in name.split("/") or any(sign in name for sign in "\\:\0")
    if outside or entry.kind == "link or device":
        what = "leads out of its folder" if outside else f"is a {entry.kind}"
        raise _refused(archive, "entry", f"an entry {what}", repr(name))
    return pathlib.PurePosixPath(name).parts


def _refused(archive: pathlib.Path, code: str, why: str, received: str) -> FileRefused:
    return FileRefused(
        f"{archive.name} was not unpacked: {why}.",
        code=f"archive-{code}",
        place=str(archive),
        expected="files and folders below one folder",
        received=received,
        fix="if you trust the archive, unpack it by hand",
    )
