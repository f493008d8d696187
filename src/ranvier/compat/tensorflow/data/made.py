"""Folders and series as `tf.data` data sets, which is what scripts take them for."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ranvier import utils
from ranvier.compat.tensorflow.data.dataset import Dataset
from ranvier.utils.numbered_rows import NumberedRows

__all__ = [
    "audio_dataset_from_directory",
    "image_dataset_from_directory",
    "text_dataset_from_directory",
    "timeseries_dataset_from_array",
]


def _wrapped(make: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of Ranvier that gives batches by number as one that gives a `tf.data.Dataset` of them."""

    @functools.wraps(make)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        made = make(*args, **kwargs)
        return [_dataset(one) for one in made] if isinstance(made, list) else _dataset(made)

    return wrapper


def _dataset(batches: NumberedRows) -> Dataset:
    found = Dataset(lambda: iter(batches), len(batches))
    for name in ("class_names", "file_paths"):
        setattr(found, name, getattr(batches, name))
    return found


audio_dataset_from_directory = _wrapped(utils.audio_dataset_from_directory)
image_dataset_from_directory = _wrapped(utils.image_dataset_from_directory)
text_dataset_from_directory = _wrapped(utils.text_dataset_from_directory)
timeseries_dataset_from_array = _wrapped(utils.timeseries_dataset_from_array)
