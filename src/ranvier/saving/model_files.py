"""`save_model`: which format a path means, and writing it whole."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ranvier._errors import InvalidArgument, Unsupported
from ranvier.saving import keras_h5, keras_v3
from ranvier.saving.weight_files import in_folder, writable

__all__ = ["local_path", "save_model"]


def save_model(
    model: Any,
    filepath: str | os.PathLike[str] | Any,
    overwrite: bool = True,
    zipped: bool | None = None,
    include_optimizer: bool = True,
) -> None:
    """Write a model whole: configuration, weights, what it was compiled with, the optimizer's state.

    The old file stays as it was until the new one is complete.

    Args:
        model: a built model.
        filepath: ends in `.keras` (also an open binary file), or in `.h5` for the older format; with `zipped=False` a
            folder.
        overwrite: whether a file of that name may be replaced.
        zipped: one archive; False writes a folder.
        include_optimizer: for `.h5`: also the optimizer and its state.

    Raises:
        InvalidArgument: another ending, or the file exists and may not be replaced.
        FileMissing: the folder of a `.keras` file does not exist; for `.h5` it is made.
        WrongType: a layer that holds code, such as Lambda; the weights alone can be saved.
    """
    if hasattr(filepath, "write"):
        keras_v3.save(model, filepath)
        return
    path = local_path(filepath)
    writable(path, overwrite)
    if path.suffix in (".h5", ".hdf5") and zipped is None:
        path.parent.mkdir(parents=True, exist_ok=True)  # as Keras does, for this format only
        keras_h5.save(model, path, include_optimizer)
        return
    whole = zipped is not False
    if whole != (path.suffix == ".keras"):
        raise InvalidArgument(
            "The ending of the name does not fit the format.",
            code="save-ending",
            place=f"save({str(path)!r}, zipped={zipped})",
            expected="a name that ends in .keras" if whole else "a folder's name, without .keras",
            received=path.name,
            fix="save as 'model.keras'",
        )
    if whole:
        in_folder(path)
    keras_v3.save(model, path, zipped=whole)


def local_path(filepath: Any) -> Path:
    """Return the path of a local file.

    Raises:
        Unsupported: the name of a file elsewhere, such as `hf://...`.
    """
    text = os.fspath(filepath)
    if "://" in text:
        raise Unsupported(
            "Models are read from and written to local files.",
            code="remote-file",
            place=text,
            fix="copy the file first, with the provider's own tool",
        )
    return Path(text)
