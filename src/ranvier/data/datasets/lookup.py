"""Where a data set's files are: the local folder first, then the cache, then a download."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path, PureWindowsPath

from rich.console import Console
from rich.progress import Progress as Bar

from ranvier._config import cache_folder
from ranvier._errors import DataError, InvalidArgument
from ranvier.data.datasets.download import Progress, download
from ranvier.data.datasets.info import Source, Where
from ranvier.data.datasets.partial import matches

__all__ = ["Found", "named", "obtain", "present"]


@dataclass(frozen=True)
class Found:
    """Files that are on this machine, and how they came here."""

    where: Where
    files: tuple[Path, ...]

    def __str__(self) -> str:
        names = ", ".join(file.name for file in self.files)
        return f"{'$RANVIER_DATA' if self.where == 'local' else self.where}: {names}"


def obtain(
    name: str,
    sources: Sequence[Source],
    alternatives: Sequence[Sequence[str]] = (),
    progress: Progress | None = None,
) -> Found:
    """Return the files of a data set, downloading them where they are not on this machine.

    Args:
        name: the data set, and the name of its folder.
        sources: the files that a download fetches.
        alternatives: other sets of names that may stand in the local folder instead, looked for first.
        progress: told the bytes of the running download; a bar on the terminal when None.

    Raises:
        DataError: the local folder has some, but not all of the files, or other files only.
        DownloadError: a file had to be downloaded and could not be.
    """
    found = present(name, sources, alternatives)
    if found is not None:
        return found
    _require_no_other_files(name, (*alternatives, tuple(source.filename for source in sources)))
    folder = cache_folder() / "datasets" / name
    files: list[Path] = []
    for source in sources:
        path = folder / source.filename
        if not (path.is_file() and matches(path, source.digest)):
            with _terminal_bar(source) if progress is None else nullcontext(progress) as report:
                download(source, path, progress=report)
        files.append(path)
    return Found("download", tuple(files))


def present(name: str, sources: Sequence[Source], alternatives: Sequence[Sequence[str]] = ()) -> Found | None:
    """Return the files where all of them are on this machine, else None.

    Files in the cache must have the right hash. Files in the local folder are the person's own: the reader
    checks their form, nobody their hash.
    """
    names = tuple(source.filename for source in sources)
    local = _local_folder(name)
    if local is not None:
        found = _complete(local, (*alternatives, names))
        if found is not None:
            return Found("local", found)
    cached = tuple(cache_folder() / "datasets" / name / filename for filename in names)
    for path, source in zip(cached, sources, strict=True):
        if not (path.is_file() and matches(path, source.digest)):
            return None
    return Found("cache", cached)


def _local_folder(name: str) -> Path | None:
    """Return `$RANVIER_DATA/<name>` where it exists."""
    chosen = os.environ.get("RANVIER_DATA")
    if not chosen:
        return None
    root = Path(chosen).expanduser()
    if not root.is_dir():
        raise InvalidArgument(
            "RANVIER_DATA names no folder.",
            code="data-folder",
            place="environment variable RANVIER_DATA",
            expected="a folder that holds one folder per data set",
            received=chosen,
            fix=f"create {root / name} and put the files there, or unset RANVIER_DATA",
        )
    folder = root / name
    return folder if folder.is_dir() else None


def _complete(folder: Path, sets: Sequence[Sequence[str]]) -> tuple[Path, ...] | None:
    """Return the first set of names that is there in full; None where nothing of any set is there."""
    for names in sets:
        files = tuple(folder / filename for filename in names)
        if all(file.is_file() for file in files):
            return files
    for names in sets:
        missing = [filename for filename in names if not (folder / filename).is_file()]
        if len(missing) < len(names):
            raise DataError(
                f"{folder.name} lacks {len(missing)} of its {len(names)} files.",
                code="data-incomplete",
                place=str(folder),
                expected=", ".join(names),
                received=f"missing: {', '.join(missing)}",
                fix="add the missing files, or move the others away to use the cache or a download",
            )
    return None


def _require_no_other_files(name: str, sets: Sequence[Sequence[str]]) -> None:
    """Raise where a person's folder holds other files than those that are read: they are meant to be used."""
    folder = _local_folder(name)
    others = sorted(file.name for file in folder.iterdir() if not file.name.startswith(".")) if folder else []
    if others:
        raise DataError(
            f"The folder for {name} holds other files than those that are read.",
            code="data-other-files",
            place=str(folder),
            expected=", or ".join(" and ".join(names) for names in sets),
            received=", ".join(others[:5]),
            fix="put the expected files there; or empty the folder for a download, and read your own file as a table: "
            "pandas.read_csv(path)",
        )


def named(source: Source, path: str) -> Source:
    """Return `source` under another file name, the `path` argument of Keras's loaders.

    Raises:
        InvalidArgument: `path` is more than a plain file name.
    """
    if path in ("", ".", "..") or Path(path).name != path or PureWindowsPath(path).name != path:
        raise InvalidArgument(
            "path is the name of a file in the cache, not a place on the disk.",
            code="data-path",
            place="path",
            expected=f"a plain file name such as {source.filename!r}",
            received=repr(path),
            fix="set RANVIER_DATA to the folder that holds your files, or RANVIER_CACHE to move the cache",
        )
    return replace(source, filename=path)


@contextmanager
def _terminal_bar(source: Source) -> Iterator[Progress]:
    """Show one download as a bar on the error stream; only its address where that is no terminal."""
    console = Console(file=sys.stderr)
    console.print(f"Downloading {source.url} ({source.size / 1e6:.1f} MB)", highlight=False, soft_wrap=True)
    with Bar(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(source.filename, total=source.size)
        yield lambda done, total: bar.update(task, completed=done, total=total or source.size)
