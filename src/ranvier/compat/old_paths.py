"""File names that Keras 2 took and today's does not: models without an ending, `.hdf5`, checkpoints as `.ckpt`."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ranvier import models
from ranvier.compat.notes import note
from ranvier.compat.renames import Spelling, modern

__all__ = ["checked", "load_model", "reading_weights", "saving", "saving_weights"]

_MODEL, _WEIGHTS = ".keras", ".weights.h5"
_HDF5 = (".h5", ".hdf5")
_SAVING = Spelling(gone=frozenset({"options", "save_format", "save_traces", "signatures"}))


def _ended(path: Any, ending: str) -> Any:
    """Return a path with `ending` where it has none that says what is in the file."""
    if hasattr(path, "write") or os.fspath(path).endswith((_MODEL, *_HDF5)):
        return path
    text = os.fspath(path).rstrip("/\\")
    note(f"The file name {text!r}", f"needs an ending today: {text + ending!r} is used")
    return text + ending


def _there(path: Any, ending: str) -> Any:
    """Return the path under which `_ended` has written, where only that exists."""
    if hasattr(path, "read"):
        return path
    text = os.fspath(path).rstrip("/\\")
    return text + ending if not Path(text).exists() and Path(text + ending).exists() else path


def saving(save: Callable[..., Any]) -> Callable[..., Any]:
    """Return `model.save` for names without an ending and with `save_format=`."""

    @functools.wraps(save)
    def wrapper(model: Any, filepath: Any, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("zipped") is None:
            filepath = _ended(filepath, ".h5" if kwargs.get("save_format") == "h5" else _MODEL)
        return save(model, filepath, *args, **modern("save", _SAVING, kwargs))

    return wrapper


def saving_weights(save: Callable[..., Any]) -> Callable[..., Any]:
    """Return `model.save_weights` for names without an ending and with `save_format=`."""
    return _placed(save, "save_weights", _ended)


def reading_weights(load: Callable[..., Any]) -> Callable[..., Any]:
    """Return `model.load_weights` for the names that `saving_weights` took."""
    return _placed(load, "load_weights", _there)


def _placed(method: Callable[..., Any], name: str, path: Callable[[Any, str], Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def wrapper(model: Any, filepath: Any, *args: Any, **kwargs: Any) -> Any:
        return method(model, path(filepath, _WEIGHTS), *args, **modern(name, _SAVING, kwargs))

    return wrapper


def load_model(filepath: Any, *args: Any, **kwargs: Any) -> Any:
    """Load a model, also under a name that `saving` took."""
    return models.load_model(_there(filepath, _MODEL), *args, **modern("load_model", _SAVING, kwargs))


def checked(check: Callable[[Any], None]) -> Callable[[Any], None]:
    """Return ModelCheckpoint's check of its arguments for names of any ending: saving finds one."""

    @functools.wraps(check)
    def wrapper(callback: Any) -> None:
        given, right = callback.filepath, _WEIGHTS if callback.save_weights_only else _MODEL
        if not given.endswith((right, ".h5")):
            note(f"The checkpoint's name {given!r}", f"would end in {right} today")
        callback.filepath = right
        check(callback)
        callback.filepath = given

    return wrapper
