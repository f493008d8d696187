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

__all__ = [
    "checked",
    "in_period",
    "latest_checkpoint",
    "load_model",
    "periodic",
    "reading_weights",
    "save_model",
    "saving",
    "saving_weights",
]

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
    """Return `model.save_weights` for names without an ending, whose folder is made, and with `save_format=`."""
    return _placed(save, "save_weights", _prefixed)


def reading_weights(load: Callable[..., Any]) -> Callable[..., Any]:
    """Return `model.load_weights` for the names that `saving_weights` took."""
    return _placed(load, "load_weights", _there)


def _placed(method: Callable[..., Any], name: str, path: Callable[[Any, str], Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def wrapper(model: Any, filepath: Any, *args: Any, **kwargs: Any) -> Any:
        return method(model, path(filepath, _WEIGHTS), *args, **modern(name, _SAVING, kwargs))

    return wrapper


def _prefixed(path: Any, ending: str) -> Any:
    """Return `_ended`; the folder of a checkpoint's prefix, a name without an ending, is made as TensorFlow did."""
    ended = _ended(path, ending)
    if ended is not path:
        Path(ended).parent.mkdir(parents=True, exist_ok=True)
    return ended


def save_model(model: Any, filepath: Any, *args: Any, **kwargs: Any) -> None:
    """Save a model as its method `save` does, also with `save_format=`."""
    model.save(filepath, *args, **kwargs)


def latest_checkpoint(checkpoint_dir: Any, latest_filename: str | None = None) -> str | None:
    """Return the newest file of weights in a folder, for `load_weights`; None when there is none.

    Args:
        checkpoint_dir: the folder.
        latest_filename: accepted: the time of a file tells which is the newest.
    """
    found = sorted(Path(checkpoint_dir).glob(f"*{_WEIGHTS}"), key=lambda file: (file.stat().st_mtime_ns, file.name))
    return str(found[-1]) if found else None


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


def periodic(make: Callable[..., None]) -> Callable[..., None]:
    """Return ModelCheckpoint's constructor that also takes `period=`, the epochs from one file to the next."""

    @functools.wraps(make)
    def wrapper(callback: Any, *args: Any, **kwargs: Any) -> None:
        period = kwargs.pop("period", None)
        make(callback, *args, **modern("ModelCheckpoint", Spelling(gone=frozenset({"options"})), kwargs))
        if period is not None:
            note("period= of ModelCheckpoint", "is save_freq= today, in steps: epochs times the batches of one")
            callback.period = int(period)

    return wrapper


def in_period(save: Callable[..., None]) -> Callable[..., None]:
    """Return ModelCheckpoint's saving for every `period`-th epoch only."""

    @functools.wraps(save)
    def wrapper(callback: Any, epoch: int, batch: int | None, logs: Any) -> None:
        if batch is not None or (epoch + 1) % getattr(callback, "period", 1) == 0:
            save(callback, epoch, batch, logs)

    return wrapper
