"""get_file: a file from the net, kept in a folder, checked by its hash, unpacked where asked for."""

from __future__ import annotations

import os
import pathlib
import shutil
import urllib.parse
import urllib.request
from collections.abc import Callable

from ranvier._config import cache_folder
from ranvier._errors import DownloadError, FileRefused, InvalidArgument
from ranvier.data.datasets.download import download
from ranvier.data.datasets.info import Source
from ranvier.data.datasets.partial import matches
from ranvier.utils.progbar import Progbar
from ranvier.utils.unpacking import unpack

__all__ = ["get_file"]

_MOST_BYTES = 1 << 38
_HASH_LENGTHS = {32: "md5", 64: "sha256"}


def get_file(
    fname: str | os.PathLike[str] | None = None,
    origin: str | None = None,
    untar: bool = False,
    md5_hash: str | None = None,
    file_hash: str | None = None,
    cache_subdir: str = "datasets",
    hash_algorithm: str = "auto",
    extract: bool = False,
    archive_format: str | list[str] | tuple[str, ...] | None = "auto",
    cache_dir: str | os.PathLike[str] | None = None,
    force_download: bool = False,
) -> str:
    """Return the path of a file, downloaded when it is not there yet or its hash is another.

    A broken download is continued, and the file appears only when it is whole. An archive is unpacked only when all its
    entries are files and folders that stay in their folder, within a budget of bytes.

    Args:
        fname: its name here; the last part of `origin` when None. With `extract`, a name without an ending is that of
            the folder.
        origin: where it comes from: http, https, or a `file://` address.
        untar: older form of `extract` for a tar archive.
        md5_hash: older form of `file_hash`.
        file_hash: its md5 or sha256 in hexadecimal digits.
        cache_subdir: folder below the cache; an absolute path stands for itself.
        hash_algorithm: `"md5"`, `"sha256"`, or `"auto"`: by the length of the hash.
        extract: whether to unpack it and return the folder.
        archive_format: `"tar"`, `"zip"`, a list of them, `"auto"` for both, or None for none.
        cache_dir: the cache; `$RANVIER_CACHE`, or the system's folder for such things, when None.
        force_download: whether to download it although it is there.

    Raises:
        InvalidArgument: no origin, a name with folders, or a hash that is none.
        DownloadError: it could not be downloaded, or its hash is another.
        FileRefused: an archive that is none, could harm, or is damaged.
    """
    if not origin:
        raise InvalidArgument(
            "get_file does not know where the file comes from.", code="file-origin", place="get_file(origin=...)"
        )
    name = _name(fname, origin)
    digest = _digest(file_hash or md5_hash, "md5" if md5_hash and not file_hash else hash_algorithm)
    folder = pathlib.Path(cache_dir or cache_folder()).expanduser() / cache_subdir
    if not (extract or untar):
        target = folder / name
        _fetch(origin, target, digest, force_download)
        return str(target)
    formats = ("tar", "zip") if archive_format == "auto" else archive_format or ()
    formats = ("tar",) if untar else (formats,) if isinstance(formats, str) else tuple(formats)
    dotted = bool(fname) and "." in name
    target = folder / (name if dotted else f"{name}_archive")
    unpacked = folder / (f"{name.partition('.')[0]}_extracted" if dotted else name)
    new = _fetch(origin, target, digest, force_download)
    if (new or not unpacked.is_dir()) and not unpack(target, unpacked, formats):
        raise FileRefused(
            f"{target.name} is not an archive that can be unpacked.",
            code="archive-format",
            place=str(target),
            expected=" or ".join(formats) or "archive_format='auto'",
            fix="leave extract out to get the file as it is",
        )
    return str(unpacked)


def _name(fname: str | os.PathLike[str] | None, origin: str) -> str:
    name = os.fspath(fname) if fname else urllib.parse.unquote(urllib.parse.urlsplit(origin).path).rpartition("/")[2]
    if not name or name in (".", "..") or any(sign in name for sign in ("/", "\\", os.sep, "\0")):
        raise InvalidArgument(
            "The file needs a plain name.",
            code="file-name",
            place="get_file(fname=...)",
            expected="a name without folders",
            received=repr(name),
            fix="pass fname='name.ending', and the folder as cache_dir and cache_subdir",
        )
    return name


def _digest(file_hash: str | None, algorithm: str) -> str:
    """Return `"algorithm:hex"`, empty where no hash is given."""
    if not file_hash:
        return ""
    chosen = _HASH_LENGTHS.get(len(file_hash)) if algorithm == "auto" else algorithm
    if chosen not in _HASH_LENGTHS.values():
        raise InvalidArgument(
            "This is no hash that can be compared.",
            code="file-hash",
            place="get_file(file_hash=..., hash_algorithm=...)",
            expected="32 (md5) or 64 (sha256) hexadecimal digits",
            received=f"{len(file_hash)} characters, {algorithm!r}",
        )
    return f"{chosen}:{file_hash.lower()}"


def _fetch(origin: str, target: pathlib.Path, digest: str, force: bool) -> bool:
    """Bring the file to `target` and return whether it is new."""
    if target.is_file() and not force and (not digest or matches(target, digest)):
        return False
    target.unlink(missing_ok=True)
    if origin.startswith("file:"):
        _copy(origin, target, digest)
        return True
    print(f"Downloading data from {origin}", flush=True)
    download(Source(target.name, origin, digest, _MOST_BYTES), target, progress=_progress())
    return True


def _copy(origin: str, target: pathlib.Path, digest: str) -> None:
    """Copy a file of this machine."""
    source = pathlib.Path(urllib.request.url2pathname(urllib.parse.urlsplit(origin).path))
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    shutil.copyfile(source, part)
    if digest and not matches(part, digest):
        part.unlink()
        raise DownloadError(
            f"{source.name} is not the expected file.", code="download-hash", place=origin, expected=digest
        )
    os.replace(part, target)


def _progress() -> Callable[[int, int | None], None]:
    bars: list[Progbar] = []

    def show(done: int, total: int | None) -> None:
        if not bars:
            bars.append(Progbar(total, unit_name="byte"))
        bars[0].update(done)

    return show
