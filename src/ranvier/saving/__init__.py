"""Saving and loading: models, weights and checkpoints as files that are data, never code.

`load_model` and `deserialize_keras_object` know the model classes, which stand above this package; they are defined in
`ranvier.models.load` and found here on first use.
"""

from __future__ import annotations

import importlib
from typing import Any

from ranvier._absent import no_attribute
from ranvier.saving.blueprint import serialize_keras_object
from ranvier.saving.model_files import save_model
from ranvier.saving.objects import (
    CustomObjectScope,
    custom_object_scope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from ranvier.saving.weight_files import load_weights, save_weights

_ABOVE = frozenset({"deserialize_keras_object", "load_model"})

__all__ = [
    "CustomObjectScope",
    "custom_object_scope",
    "deserialize_keras_object",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "load_model",
    "load_weights",
    "register_keras_serializable",
    "save_model",
    "save_weights",
    "serialize_keras_object",
]


def __getattr__(name: str) -> Any:
    if name in _ABOVE:
        return getattr(importlib.import_module("ranvier.models.load"), name)
    raise no_attribute("ranvier.saving", name)


def __dir__() -> list[str]:
    return list(__all__)
