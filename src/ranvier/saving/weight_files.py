"""Weights alone: `.weights.h5` in Keras 3's layout, and reading of the older layouts and of whole-model files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import h5py

from ranvier._errors import FileMissing, FileRefused, InvalidArgument, NotReady, Unsupported
from ranvier.saving import keras_h5, keras_v3, weights
from ranvier.saving.atomic import replacing
from ranvier.saving.audit import DEFAULT_MAX_BYTES, Limits, damage_refused, refuse
from ranvier.saving.hdf5 import Hdf5File

__all__ = ["in_folder", "load_weights", "save_weights", "writable"]


def save_weights(
    model: Any, filepath: str | os.PathLike[str], overwrite: bool = True, max_shard_size: float | None = None
) -> None:
    """Write the weights, and the optimizer's state, into a `.weights.h5` file.

    Args:
        model: a built model.
        filepath: ends in `.weights.h5`.
        overwrite: whether a file of that name may be replaced.
        max_shard_size: Keras's splitting into several files; only None works.

    Raises:
        InvalidArgument: another ending, or the file exists and may not be replaced.
        FileMissing: the folder does not exist.
        NotReady: the model has no weights yet.
    """
    path = Path(filepath)
    if max_shard_size is not None or path.name.endswith(".json"):
        raise _sharded(path)
    if not path.name.endswith((".weights.h5", ".h5", ".hdf5")):
        raise InvalidArgument(
            "Weights are saved into a file that ends in .weights.h5.",
            code="weights-ending",
            place=f"save_weights({str(path)!r})",
            expected="a name such as 'model.weights.h5'",
            received=path.name,
            fix="give the file that ending, or use save() for the whole model",
        )
    if not model.built:
        raise NotReady(
            "The model is not built, so it has no weights to save.",
            code="save-not-built",
            place=f"model {model.name!r}",
            fix="call it on data once, call build(input_shape), or train it",
        )
    writable(path, overwrite)
    in_folder(path)
    with replacing(path) as handle, h5py.File(handle, "w") as file:
        weights.write_weights(file, model)


def load_weights(
    model: Any,
    filepath: str | os.PathLike[str],
    skip_mismatch: bool = False,
    by_name: bool = False,
    max_bytes: int = DEFAULT_MAX_BYTES,
) -> None:
    """Read weights into a model; it stays as it was when anything about the file is wrong.

    Args:
        model: a built model.
        filepath: `.weights.h5`, or a whole-model `.keras` or `.h5` file, of whose weights only is read.
        skip_mismatch: leave layers alone whose weights have other shapes, with a warning.
        by_name: match the layers of an older `.h5` file by name, not by order.
        max_bytes: what the file may cost.

    Raises:
        FileMissing: there is no such file.
        FileRefused: the file is damaged, could harm, or does not fit the model; names the entry and the reason.
        NotReady: the model has no weights yet.
    """
    path = Path(filepath)
    limits = Limits(max_bytes=max_bytes)
    if path.name.endswith(".json"):
        raise _sharded(path)
    if not model.built:
        raise NotReady(
            "The model is not built, so it has no weights to load into.",
            code="load-not-built",
            place=f"model {model.name!r}",
            fix="call it on data once, or call build(input_shape)",
        )
    if not path.exists():
        raise FileMissing(
            "There is no such file.", code="load-missing", place=f"load_weights({str(path)!r})", fix="correct the path"
        )
    if path.name.endswith(".keras") or path.is_dir():
        if by_name:
            raise _by_name_refused(path)
        keras_v3.load_weights(model, path, limits, skip_mismatch)
        return
    with path.open("rb") as handle, damage_refused(path.name, "loading the weights"):
        file = Hdf5File(handle, path.name, limits)
        if keras_h5.is_legacy(file):
            keras_h5.load_weights(model, file, limits, skip_mismatch, by_name)
        elif by_name:
            raise _by_name_refused(path)
        else:
            weights.load_weights(model, file, limits, skip_mismatch)


def writable(path: Path, overwrite: bool) -> None:
    """Raise when the file exists and may not be replaced.

    Raises:
        InvalidArgument: it exists.
    """
    if path.exists() and not overwrite:
        raise InvalidArgument(
            "The file exists already.",
            code="save-exists",
            place=str(path),
            fix="pass overwrite=True, or another name",
        )


def in_folder(path: Path) -> None:
    """Raise when the folder that a file is to be written into is not there.

    Raises:
        FileMissing: it does not exist.
    """
    if not path.parent.is_dir():
        raise FileMissing(
            "The folder of the file does not exist.",
            code="save-folder",
            place=str(path),
            expected=f"a folder {str(path.parent)!r}",
            fix=f"make it: pathlib.Path({str(path.parent)!r}).mkdir(parents=True)",
        )


def _by_name_refused(path: Path) -> FileRefused:
    return refuse(
        "only files in the older .h5 layout can be matched by name",
        code="load-by-name",
        place=path.name,
        fix="leave by_name out; with skip_mismatch=True what fits is loaded",
    )


def _sharded(path: Path) -> Unsupported:
    return Unsupported(
        "Weights over several files (.weights.json) are not read or written.",
        code="sharded-weights",
        place=path.name,
        fix="save them as one .weights.h5 file: leave max_shard_size out",
    )
