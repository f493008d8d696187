"""`load_model`: the model classes that a file may name, and which format a path means."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from ranvier._errors import FileMissing, Unsupported
from ranvier.models.feature_space import FeatureSpace
from ranvier.models.features import Cross, Feature
from ranvier.models.functional import Functional
from ranvier.models.model import Model
from ranvier.models.sequential import Sequential
from ranvier.saving import blueprint, keras_h5, keras_v3
from ranvier.saving.audit import DEFAULT_MAX_BYTES, Limits
from ranvier.saving.config_audit import audit_config, known_names
from ranvier.saving.model_files import local_path, save_model
from ranvier.saving.objects import CustomObjectScope

__all__ = ["CLASSES", "deserialize_keras_object", "load_model", "save_model"]

CLASSES: Mapping[str, Any] = {
    "Cross": Cross,
    "Feature": Feature,
    "FeatureSpace": FeatureSpace,
    "Functional": Functional,
    "Model": Model,
    "Sequential": Sequential,
}
"""The model classes, and what stands in them, by the names that files give them."""


def load_model(
    filepath: str | os.PathLike[str] | Any,
    custom_objects: Mapping[str, Any] | None = None,
    compile: bool = True,
    safe_mode: bool = True,
    max_bytes: int = DEFAULT_MAX_BYTES,
) -> Any:
    """Read a model whole, as Keras 3 or `save_model` wrote it.

    A file is data: nothing is imported by a name from it, no code in it runs, no other file is opened, and no more than
    `max_bytes` is allocated for it.

    Args:
        filepath: a `.keras` file, a folder with its entries, an `.h5` file, or an open binary file.
        custom_objects: names in the file to classes and functions of one's own.
        compile: also compile it as it was.
        safe_mode: always True.
        max_bytes: what the file may cost, stored or declared.

    Raises:
        FileMissing: there is no such file.
        FileRefused: the file is damaged or could harm; names the entry and the reason.
        Unsupported: `safe_mode=False`.
    """
    if not safe_mode:
        raise Unsupported(
            "Code from a file is never run, so loading has no unsafe mode.",
            code="load-unsafe-mode",
            place="load_model(safe_mode=False)",
            fix="leave safe_mode out; give a Lambda's function in custom_objects, under the name in the file",
        )
    limits = Limits(max_bytes=max_bytes)
    if hasattr(filepath, "read"):
        return keras_v3.load(filepath, CLASSES, custom_objects, compile, limits)
    path = local_path(filepath)
    if not path.exists():
        raise FileMissing(
            "There is no such file.", code="load-missing", place=f"load_model({str(path)!r})", fix="correct the path"
        )
    read: Callable[..., Any] = keras_h5.load if path.suffix in (".h5", ".hdf5") else keras_v3.load
    return read(path, CLASSES, custom_objects, compile, limits)


def deserialize_keras_object(
    config: Any, custom_objects: Mapping[str, Any] | None = None, safe_mode: bool = True
) -> Any:
    """Return the object for what `serialize_keras_object` returned.

    Args:
        config: plain data: the form of one object, or a nest of such forms.
        custom_objects: names to classes and functions of one's own.
        safe_mode: always True.

    Raises:
        FileRefused: it names what is not ours, or brings code.
    """
    known = known_names(CLASSES)
    audit_config(config, known, "deserialize_keras_object", custom_objects)
    with CustomObjectScope(custom_objects):
        return blueprint.deserialize(config, known)
