"""Models as configurations: objects to Keras 3's form and back.

Names are looked up in our own packages and in the caller's custom objects; nothing is imported by name.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np

from ranvier import _lookup, layers
from ranvier._errors import InvalidArgument, NotReady, WrongType
from ranvier.saving.audit import damage_refused, refuse
from ranvier.saving.config_audit import VALUES, Table, audit_config, custom_object, known_names, named
from ranvier.saving.legacy_config import modernized
from ranvier.saving.objects import CustomObjectScope

__all__ = ["check_savable", "deserialize", "from_config", "known_names", "serialize", "value_form", "value_of"]

_PLAIN = (bool, int, float, str, type(None))


def from_config(config: Any, models: Table, custom_objects: Table | None, place: str) -> Any:
    """Build the model that a file's configuration describes; its weights do not exist yet.

    Args:
        config: Keras's form: class_name, config, and optionally build_config.
        models: the model classes.
        custom_objects: the caller's own names.
        place: the file and entry, for refusals.

    Raises:
        FileRefused: names, code or paths that are not allowed, or arguments that the classes do not take.
    """
    with CustomObjectScope(custom_objects):
        if not isinstance(config, Mapping) or "class_name" not in config or not isinstance(config.get("config"), dict):
            raise refuse("it describes no model", code="config-no-model", place=place, received=repr(config)[:100])
        known = known_names(models)
        audit_config(config, known, place)
        with damage_refused(place, "building the described model"):
            return deserialize(modernized(config), known)


def deserialize(config: Any, known: Table) -> Any:
    """Return the object for Keras's serialized form; lists and dicts of such forms item by item.

    Args:
        config: a plain value, a list, a dict, or the form of one object.
        known: names of our own classes and functions.
    """
    if isinstance(config, _PLAIN):
        return config
    if isinstance(config, (list, tuple)):
        return [deserialize(item, known) for item in config]
    if not isinstance(config, Mapping):
        return config
    if "class_name" not in config or "config" not in config:
        return {key: deserialize(value, known) for key, value in config.items()}
    name, inner = config["class_name"], config["config"]
    if name in VALUES:
        return value_of(name, deserialize(inner, known) if name == "__slice__" else inner)
    found = custom_object(config)
    if found is None:
        found = named(config, known)
    if name == "function" or not inspect.isclass(found):
        return found
    item: Any = found.from_config(inner)  # type: ignore[attr-defined]
    build = config.get("build_config")
    if build and any(value is not None for value in build.values()) and not item.built:
        item.build_from_config(build)
    return item


def value_of(name: str, inner: Any) -> Any:
    """Return the value that `value_form` has written.

    Raises:
        InvalidArgument: a symbolic tensor, which is no value.
    """
    if name in ("__numpy__", "__tensor__"):
        return np.asarray(inner["value"], dtype=inner["dtype"])
    if name == "__bytes__":
        return str(inner["value"]).encode("utf-8")
    if name == "__ellipsis__":
        return Ellipsis
    if name == "__slice__":
        return slice(*(inner[key] for key in ("start", "stop", "step")))
    raise InvalidArgument(
        "A symbolic tensor stands for a call inside a model and cannot be built alone.",
        code="config-symbolic",
        received=repr(inner)[:100],
    )


# --- writing ---------------------------------------------------------------------------------------------------------


def value_form(value: Any) -> dict[str, Any] | None:
    """Return Keras's form of what JSON does not have: bytes, slices, `...` and arrays; None for anything else."""
    if isinstance(value, bytes):
        return {"class_name": "__bytes__", "config": {"value": value.decode("utf-8")}}
    if isinstance(value, slice):
        parts = {"start": value.start, "stop": value.stop, "step": value.step}
        return {"class_name": "__slice__", "config": parts}
    if value is Ellipsis:
        return {"class_name": "__ellipsis__", "config": {}}
    if isinstance(value, np.ndarray):
        return {"class_name": "__numpy__", "config": {"value": value.tolist(), "dtype": value.dtype.name}}
    return None


def serialize_keras_object(obj: Any) -> Any:
    """Return an object in Keras 3's form: plain values, lists and dicts as they are, objects by name and configuration.

    Raises:
        WrongType: something that has no configuration.
    """
    if isinstance(obj, _PLAIN):
        return obj
    if isinstance(obj, (list, tuple)):
        return [serialize_keras_object(value) for value in obj]
    if isinstance(obj, Mapping):
        return {str(key): serialize_keras_object(value) for key, value in obj.items()}
    form = None if isinstance(obj, np.ndarray) and not obj.ndim else value_form(obj)
    if form is not None:
        return form
    if callable(obj) and getattr(obj, "__name__", "") == "<lambda>":
        raise WrongType(
            "A lambda has no name, so a file cannot hold it.",
            code="save-lambda",
            received=repr(obj),
            fix="use a named function and pass it in custom_objects when loading",
        )
    if inspect.isfunction(obj) or hasattr(obj, "get_config"):
        return _with_build(obj, _lookup.identify(obj))
    return _lookup.plain(obj)


serialize = serialize_keras_object


def _with_build(item: Any, form: dict[str, Any]) -> dict[str, Any]:
    if type(item).__name__ == "Functional" and form["module"]:
        # Keras does not export the class, so its files give the place of its definition.
        form |= {"module": "keras.src.models.functional", "registered_name": "Functional"}
    build = item.get_build_config() if hasattr(item, "get_build_config") else None
    return {**form, "build_config": build} if build is not None else form


def check_savable(model: Any) -> None:
    """Raise before anything is written when a file cannot hold the whole model.

    Raises:
        NotReady: the model has no weights yet.
        WrongType: a layer that holds code.
    """
    if not model.built:
        raise NotReady(
            "The model is not built, so it has no weights to save.",
            code="save-not-built",
            place=f"model {model.name!r}",
            fix="call it on data once, call build(input_shape), or train it",
        )
    for path, layer in layers.tracking.layers_by_path(model).items():
        if getattr(layer, "unsavable", None):
            raise WrongType(
                f"The model cannot be saved whole: {layer.unsavable}.",
                code="save-unsavable-layer",
                place=f"layer {layer.name!r} ({path})",
                expected="layers that are classes",
                received=type(layer).__name__,
                fix="write the function as a Layer subclass, or save the weights alone with save_weights",
            )
