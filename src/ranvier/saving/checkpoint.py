"""Checkpoints: named arrays and facts in one file, so that an interrupted run continues exactly.

A checkpoint is a zip archive of `facts.json` and one `.npy` entry per array; every entry has a checksum. It appears
under its name only when it is complete, so a process killed at any moment leaves the older ones whole.
"""

from __future__ import annotations

import io
import json
import os
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np

from ranvier._errors import FileRefused
from ranvier.saving.archive import open_archive
from ranvier.saving.atomic import TEMPORARY_MARK, replacing, sync_folder
from ranvier.saving.audit import Limits, damage_refused, refuse
from ranvier.saving.notices import tell

__all__ = ["KEPT", "checkpoints", "read_checkpoint", "read_checkpoint_file", "write_checkpoint"]

KEPT = 2
"""How many checkpoints stay: the newest, and the one before it in case the newest is damaged."""

_FORMAT = 1
_FACTS = "facts.json"
_NAME = re.compile(r"checkpoint-(\d{12})\.npz")
# NumPy's file format knows these types by their size only.
_AS_INTEGERS = {
    name: np.dtype(f"u{np.dtype(getattr(ml_dtypes, name)).itemsize}")
    for name in ("bfloat16", "float8_e4m3fn", "float8_e5m2", "int4", "uint4")
}


def checkpoints(folder: str | os.PathLike[str]) -> list[Path]:
    """Return the checkpoints of a folder, newest first."""
    found = [path for path in Path(folder).glob("checkpoint-*.npz") if _NAME.fullmatch(path.name)]
    return sorted(found, reverse=True)


def write_checkpoint(
    folder: str | os.PathLike[str], arrays: Mapping[str, np.ndarray], facts: Mapping[str, Any]
) -> Path:
    """Write one checkpoint; keep the newest two, and remove what a killed writer left.

    Args:
        folder: where; created when missing.
        arrays: by structural path.
        facts: anything that JSON holds.

    Returns:
        The new file.
    """
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    older = checkpoints(place)
    number = int(_NAME.fullmatch(older[0].name)[1]) + 1 if older else 0  # type: ignore[index]
    target = place / f"checkpoint-{number:012d}.npz"
    with replacing(target) as handle, zipfile.ZipFile(handle, "w") as archive:
        dtypes = {name: np.asarray(array).dtype.name for name, array in arrays.items()}
        header = {"format": _FORMAT, "dtypes": dtypes, "facts": facts}
        archive.writestr(_info(_FACTS), json.dumps(header))
        for name, value in arrays.items():
            array = np.asarray(value)
            with archive.open(_info(f"{name}.npy"), "w", force_zip64=True) as stream:
                plain = array.view(_AS_INTEGERS.get(array.dtype.name, array.dtype))
                np.lib.format.write_array(stream, plain, allow_pickle=False)
    _clean(place)
    return target


def _info(name: str) -> zipfile.ZipInfo:
    return zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))


def _clean(folder: Path) -> None:
    for path in checkpoints(folder)[KEPT:]:
        path.unlink(missing_ok=True)
    for path in folder.glob(f".checkpoint-*{TEMPORARY_MARK}*"):
        path.unlink(missing_ok=True)
    sync_folder(folder)


def read_checkpoint(folder: str | os.PathLike[str]) -> tuple[dict[str, np.ndarray], dict[str, Any]] | None:
    """Return arrays and facts of the newest whole checkpoint; None when there is none.

    A damaged newest one is passed over with a warning.

    Raises:
        FileRefused: there are checkpoints, and all of them are damaged.
    """
    damaged: list[FileRefused] = []
    for path in checkpoints(folder):
        try:
            result = read_checkpoint_file(path)
        except FileRefused as error:
            damaged.append(error)
            continue
        for refusal in damaged:
            tell(f"A damaged checkpoint was passed over for the one before it: {refusal}")
        return result
    if damaged:
        raise damaged[0]
    return None


def read_checkpoint_file(path: str | os.PathLike[str]) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return arrays and facts of one file.

    Raises:
        FileRefused: it is damaged or not a checkpoint of ours.
    """
    # One's own run wrote it and it must go on, so its size alone is no reason to refuse.
    limits = Limits(max_bytes=2**63)
    place = Path(path).name
    with open_archive(path, limits) as archive, damage_refused(place, "reading the checkpoint"):
        header = json.loads(archive.read(_FACTS, limits.max_bytes))
        if header.get("format") != _FORMAT:
            raise refuse(
                "it is a checkpoint of another version",
                code="checkpoint-format",
                place=place,
                expected=_FORMAT,
                received=header.get("format"),
                fix="continue with the version of Ranvier that wrote it",
            )
        expected = {_FACTS, *(f"{name}.npy" for name in header["dtypes"])}
        if set(archive.names()) != expected:
            raise refuse("it holds other arrays than it lists", code="checkpoint-arrays", place=place)
        arrays = {
            name: _array(archive.read(f"{name}.npy", limits.max_bytes), dtype)
            for name, dtype in header["dtypes"].items()
        }
        return arrays, header["facts"]


def _array(data: bytes, dtype: str) -> np.ndarray:
    """Parse an `.npy` entry without a copy; objects are never unpickled."""
    stream = io.BytesIO(data)
    version = np.lib.format.read_magic(stream)
    reader = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, fortran, stored = reader(stream)
    if stored.hasobject:
        raise ValueError("an array of objects")
    flat = np.frombuffer(data, stored, offset=stream.tell())
    array = flat.reshape(shape, order="F" if fortran else "C")
    return array.view(dtype).copy() if dtype in _AS_INTEGERS else array.copy()
