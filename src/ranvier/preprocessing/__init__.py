"""Keras's `preprocessing` namespace: folders and series as data sets, image files, and padding."""

from __future__ import annotations

import importlib
from typing import Any

_ELSEWHERE = ("image_dataset_from_directory", "text_dataset_from_directory", "timeseries_dataset_from_array")
_MODULES = ("image", "sequence")

__all__ = [*_ELSEWHERE, *_MODULES]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"ranvier.preprocessing.{name}")
    if name in _ELSEWHERE:
        return getattr(importlib.import_module("ranvier.utils"), name)
    raise AttributeError(f"module 'ranvier.preprocessing' has no attribute {name!r}")


def __dir__() -> list[str]:
    return list(__all__)
