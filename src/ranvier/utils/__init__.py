"""Keras's `utils` namespace. What another package owns is found there on first access."""

from __future__ import annotations

import importlib
from typing import Any

from ranvier.utils.arrays import normalize, pad_sequences, to_categorical
from ranvier.utils.seeding import set_random_seed

_ELSEWHERE = {
    "CustomObjectScope": "ranvier.saving.objects",
    "clear_session": "ranvier.backend",
    "custom_object_scope": "ranvier.saving.objects",
    "deserialize_keras_object": "ranvier.models.load",
    "get_custom_objects": "ranvier.saving.objects",
    "get_registered_name": "ranvier.saving.objects",
    "get_registered_object": "ranvier.saving.objects",
    "is_keras_tensor": "ranvier.backend",
    "plot_model": "ranvier.models.plot",
    "register_keras_serializable": "ranvier.saving.objects",
    "serialize_keras_object": "ranvier.saving.blueprint",
    "standardize_dtype": "ranvier.backend",
}

__all__ = ["normalize", "pad_sequences", "set_random_seed", "to_categorical", *_ELSEWHERE]


def __getattr__(name: str) -> Any:
    if name in _ELSEWHERE:
        return getattr(importlib.import_module(_ELSEWHERE[name]), name)
    raise AttributeError(f"module 'ranvier.utils' has no attribute {name!r}")


def __dir__() -> list[str]:
    return list(__all__)
