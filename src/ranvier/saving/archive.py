"""The `.keras` container: a zip archive, or a folder with the same entries, read under limits and written whole.

Entries: `metadata.json`, `config.json`, `model.weights.h5`, and `assets/...`.
"""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from ranvier._errors import FileRefused
from ranvier.saving.atomic import replacing
from ranvier.saving.audit import Limits, damage_refused, refuse

__all__ = ["Archive", "open_archive", "write_archive", "write_folder"]

_CHECKED_RATIO_FROM = 16 * 2**20
_MAX_RATIO = 100
# 20 bytes of a zip entry's header are its least; this keeps the directory in proportion to what we read.
_MAX_DIRECTORY_BYTES = 16 * 2**20
_EPOCH = (1980, 1, 1, 0, 0, 0)


class Archive(Protocol):
    """Named entries."""

    name: str

    def names(self) -> list[str]:
        """Return the names of the entries."""

    def read(self, name: str, max_bytes: int) -> bytes:
        """Return one entry's bytes."""


@contextmanager
def open_archive(source: Any, limits: Limits) -> Iterator[Archive]:
    """Open a `.keras` file, a folder of its entries, or an open binary file, after its entries were audited.

    Raises:
        FileRefused: not a zip archive, or an entry that could harm.
    """
    if hasattr(source, "read"):
        yield ZipArchive(source, str(getattr(source, "name", "file object")), limits)
        return
    path = Path(source)
    if path.is_dir():
        yield FolderArchive(path)
        return
    with path.open("rb") as handle:
        yield ZipArchive(handle, path.name, limits)


class ZipArchive:
    """A zip archive whose directory has been audited."""

    def __init__(self, handle: BinaryIO, name: str, limits: Limits) -> None:
        self.name = name
        handle.seek(0, os.SEEK_END)
        _check_directory_size(handle, handle.tell(), name)
        with damage_refused(name, "reading the zip archive's directory"):
            self._zip = zipfile.ZipFile(handle)
        self._entries: dict[str, zipfile.ZipInfo] = {}
        infos = self._zip.infolist()
        if len(infos) > limits.max_entries:
            raise refuse(
                "the archive holds too many entries",
                code="archive-too-many-entries",
                place=name,
                expected=f"at most {limits.max_entries}",
                received=len(infos),
            )
        total = 0
        for info in infos:
            self._audit(info)
            total += info.file_size
            self._entries[info.filename] = info
        if total > limits.max_bytes:
            raise _over_budget(name, total, limits.max_bytes)

    def names(self) -> list[str]:
        """Return the names of the entries."""
        return list(self._entries)

    def read(self, name: str, max_bytes: int) -> bytes:
        """Return one entry's bytes; its checksum is verified."""
        place = f"{self.name}: entry {name!r}"
        info = self._entries.get(name)
        if info is None:
            raise refuse(
                "an entry is missing",
                code="archive-entry-missing",
                place=place,
                expected=name,
                received=", ".join(list(self._entries)[:20]),
                fix="check that this is a Keras 3 model file",
            )
        if info.file_size > max_bytes:
            raise _over_budget(place, info.file_size, max_bytes)
        with damage_refused(place, "unpacking the entry"), self._zip.open(info) as stream:
            data = stream.read(info.file_size + 1)
        if len(data) != info.file_size:
            raise refuse(
                "an entry has another size than declared",
                code="archive-entry-size",
                place=place,
                expected=info.file_size,
                received=len(data),
            )
        return data

    def _audit(self, info: zipfile.ZipInfo) -> None:
        place = f"{self.name}: entry {info.filename!r}"
        name = info.filename
        parts = name.rstrip("/").split("/")
        if name in self._entries:
            raise refuse("the archive holds an entry twice", code="archive-duplicate", place=place)
        unsafe = name.startswith("/") or "\\" in name or "\0" in name or ":" in parts[0]
        if not name or unsafe or any(part in ("", ".", "..") for part in parts) or info.orig_filename != name:
            raise refuse("an entry's name leaves the archive", code="archive-path", place=place, received=name)
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise refuse("an entry is a link or a device, not a file", code="archive-link", place=place)
        if info.flag_bits & 0x1:
            raise refuse("an entry is encrypted", code="archive-encrypted", place=place)
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise refuse(
                "an entry is packed in another way than Keras packs",
                code="archive-compression",
                place=place,
                expected="stored or deflated",
                received=info.compress_type,
            )
        ratio = info.file_size / max(info.compress_size, 1)
        if info.file_size > _CHECKED_RATIO_FROM and ratio > _MAX_RATIO:
            raise refuse(
                "an entry would unpack to far more than it holds",
                code="archive-bomb",
                place=place,
                expected=f"at most {_MAX_RATIO} times its packed size",
                received=f"{info.compress_size} bytes that declare {info.file_size}",
            )


class FolderArchive:
    """A folder with the entries as files, as `save_model(zipped=False)` writes."""

    def __init__(self, folder: Path) -> None:
        self.name = folder.name
        self._folder = folder

    def names(self) -> list[str]:
        """Return the names of the entries."""
        files = (entry for entry in self._folder.rglob("*") if not entry.is_dir())
        return sorted(entry.relative_to(self._folder).as_posix() for entry in files)

    def read(self, name: str, max_bytes: int) -> bytes:
        """Return one file's bytes; links are refused."""
        place = f"{self.name}: entry {name!r}"
        path = self._folder / name
        if path.is_symlink() or not path.is_file():
            raise refuse("an entry is missing or not a plain file", code="archive-entry-missing", place=place)
        if path.stat().st_size > max_bytes:
            raise _over_budget(place, path.stat().st_size, max_bytes)
        return path.read_bytes()


def _over_budget(place: str, size: int, budget: int) -> FileRefused:
    return refuse(
        "it is larger than the byte budget",
        code="file-over-budget",
        place=place,
        expected=f"at most {budget} bytes",
        received=f"{size} bytes",
        fix="if you trust the file and have the memory, pass a larger max_bytes= to load_model",
    )


def _check_directory_size(handle: BinaryIO, size: int, name: str) -> None:
    """Refuse a directory that is large by itself, before `zipfile` reads it into memory."""
    tail_size = min(size, 22 + 65535 + 20 + 56)
    handle.seek(size - tail_size)
    tail = handle.read(tail_size)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        raise refuse(
            "it is not a zip archive",
            code="archive-not-zip",
            place=name,
            expected="a whole zip archive",
            received=f"{size} bytes without a zip directory",
            fix="check that the file was copied completely",
        )
    declared = int.from_bytes(tail[at + 12 : at + 16], "little")
    if declared == 0xFFFFFFFF:
        record = tail.rfind(b"PK\x06\x06", 0, at)
        declared = int.from_bytes(tail[record + 40 : record + 48], "little") if record >= 0 else declared
    if declared > _MAX_DIRECTORY_BYTES:
        raise refuse(
            "the archive's directory is too large",
            code="archive-directory",
            place=name,
            expected=f"at most {_MAX_DIRECTORY_BYTES} bytes",
            received=f"{declared} bytes",
        )


def write_archive(target: Any, entries: Mapping[str, bytes]) -> None:
    """Write the entries as a zip archive; equal entries give equal bytes.

    Args:
        target: a path (replaced atomically) or an open binary file.
        entries: name to content, in the order in which they are written.
    """
    if hasattr(target, "write"):
        _pack(target, entries)
        return
    with replacing(target) as handle:
        _pack(handle, entries)


def _pack(handle: BinaryIO, entries: Mapping[str, bytes]) -> None:
    with zipfile.ZipFile(handle, "w") as archive:
        for name, content in entries.items():
            info = zipfile.ZipInfo(name, date_time=_EPOCH)
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)


def write_folder(target: str | os.PathLike[str], entries: Mapping[str, bytes]) -> None:
    """Write the entries as files of a folder, each replaced atomically."""
    folder = Path(target)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in entries.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        with replacing(folder / name) as handle:
            handle.write(content)
