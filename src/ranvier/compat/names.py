"""Where the module names of TensorFlow and Keras lead."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import ranvier
from ranvier.compat.facade import Facade

__all__ = ["KERAS_VERSION", "ROOTS", "canonical", "make"]

KERAS_VERSION = "3.15.0"
"""`keras.__version__`: the Keras whose contract Ranvier keeps."""

ROOTS = ("tensorflow", "keras", "tf_keras")

_BATCHES = ("text_dataset_from_directory", "timeseries_dataset_from_array")
_OLD_CHANGES = (
    *("apply_affine_transform", "apply_brightness_shift", "apply_channel_shift", "flip_axis", "random_brightness"),
    *("random_channel_shift", "random_rotation", "random_shear", "random_shift", "random_zoom"),
    "transform_matrix_offset_center",
)
# Paths that Keras has and Ranvier keeps elsewhere: name of the module, and of each thing in it.
_MOVED: dict[str, dict[str, str]] = {
    "keras.utils": dict.fromkeys(
        ("audio_dataset_from_directory", "image_dataset_from_directory", *_BATCHES),
        "ranvier.compat.tensorflow.data.made",
    ),
    "keras.preprocessing": dict.fromkeys(
        ("image_dataset_from_directory", *_BATCHES), "ranvier.compat.tensorflow.data.made"
    ),
    "keras.preprocessing.image": {
        "DataFrameIterator": "ranvier.compat.old_image_frames",
        **dict.fromkeys(("Iterator", "NumpyArrayIterator"), "ranvier.compat.old_image_iterators"),
        "DirectoryIterator": "ranvier.compat.old_image_folders",
        "ImageDataGenerator": "ranvier.compat.old_image_generator",
        **dict.fromkeys(_OLD_CHANGES, "ranvier.compat.old_image"),
    },
    "keras.preprocessing.sequence": dict.fromkeys(
        ("TimeseriesGenerator", "make_sampling_table", "skipgrams"), "ranvier.compat.old_sequence"
    ),
    "keras.preprocessing.text": dict.fromkeys(
        ("Tokenizer", "hashing_trick", "one_hot", "text_to_word_sequence", "tokenizer_from_json"),
        "ranvier.compat.old_text",
    ),
    "tensorflow.dtypes": {"cast": "ranvier.compat.tensorflow.values"},
}
# Modules in which an older Keras had the same things.
_SAME: dict[str, str] = {
    "keras.optimizers.legacy": "keras.optimizers",
    "keras.layers.experimental": "keras.layers",
    "keras.layers.experimental.preprocessing": "keras.layers",
}
_TENSORFLOW = "ranvier.compat.tensorflow"
# Modules that TensorFlow has under two names, and the one by which they are known here.
_ALIASES: dict[str, str] = {
    "tensorflow.keras": "keras",
    "tf_keras": "keras",
    **{f"tensorflow.{name}": f"keras.{name}" for name in ("initializers", "losses", "metrics", "optimizers")},
}


def canonical(name: str) -> str:
    """Return the one name of a module: `keras.layers` for `tensorflow.keras.layers`."""
    for prefix, today in _ALIASES.items():
        if name == prefix or name.startswith(f"{prefix}."):
            return today + name.removeprefix(prefix)
    return name


def make(name: str, extra: Mapping[str, Mapping[str, Any]], child: Callable[[str], ModuleType]) -> Facade | None:
    """Return the facade of a canonical name; None when there is no such module.

    Args:
        name: `keras`, `keras.layers`, `tensorflow.nn`, ...
        extra: further modules with their names and values, found before all others.
        child: gives the facade of a submodule by its full name.
    """
    own = {**extra.get(name, {})}
    if name == "keras":
        own = {"__version__": KERAS_VERSION, **own}
    sources = _sources(name)
    if not sources and name not in extra and name not in _MOVED:
        return None
    moved = {entry: getattr(importlib.import_module(home), entry) for entry, home in _MOVED.get(name, {}).items()}
    children = _children(name, sources, extra)
    today = {entry for source in sources for entry in getattr(source, "__all__", ())}
    before = {path for path in extra if path.rpartition(".")[2] not in today} | set(_SAME)
    old = {path.rpartition(".")[2] for path in before if path.rpartition(".")[0] == name}
    return Facade(name, sources, children, child, {**moved, **own}, old)


def _sources(name: str) -> list[ModuleType]:
    """Return Ranvier's modules behind a name."""
    name = _SAME.get(name, name)
    root, *parts = name.split(".")
    if root == "tensorflow":
        module: ModuleType | None = _walk(importlib.import_module(_TENSORFLOW), parts)
    else:
        module = _walk(ranvier, parts)
    if module is None:
        return []
    if name == "keras.backend":
        return [module, importlib.import_module("ranvier.compat.backend"), importlib.import_module("ranvier.ops")]
    return [module]


def _walk(module: ModuleType, parts: list[str]) -> ModuleType | None:
    """Follow public submodules."""
    for part in parts:
        found = getattr(module, part, None) if part in getattr(module, "__all__", ()) else None
        if not isinstance(found, ModuleType):
            return None
        module = found
    return module


def _children(name: str, sources: list[ModuleType], extra: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Return the names of a module's submodules."""
    listed = {path.rpartition(".")[2] for path in (*_MOVED, *_SAME, *extra) if path.rpartition(".")[0] == name}
    for source in sources:
        names = getattr(source, "__all__", ())
        listed |= {entry for entry in names if isinstance(getattr(source, entry, None), ModuleType)}
    return listed | ({"keras"} if name == "tensorflow" else set())
