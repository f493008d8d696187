"""Weights as TensorFlow 2 and Keras 2 made them: by name first, and with values given to the layer."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ranvier.compat.notes import note
from ranvier.compat.renames import ADDED_WEIGHT, modern
from ranvier.layers.alone import real_values

__all__ = ["OF_LAYERS", "OF_METRICS", "building", "making", "named_first"]

OF_LAYERS = ("name", "shape", "dtype", "initializer", "regularizer", "trainable", "constraint")
OF_METRICS = ("name", "shape", "aggregation", "synchronization", "initializer", "dtype")
"""The order of the arguments when the name came first."""


def named_first(add: Callable[..., Any], order: tuple[str, ...]) -> Callable[..., Any]:
    """Return `add_weight` or `add_variable` that also takes the name in the first place."""
    place = add.__name__

    @functools.wraps(add)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], str):
            note(f"{place}(name, shape)", f"is written {place}(shape=..., name=...) today")
            args, kwargs = (), {**dict(zip(order, args, strict=False)), **kwargs}
        kwargs = modern(place, ADDED_WEIGHT, kwargs)
        if kwargs.get("trainable", False) is None:
            del kwargs["trainable"]
        if place == "add_variable" and not args:
            kwargs = {"shape": (), "initializer": None, **kwargs}
        return add(self, *args, **kwargs)

    return wrapper


def making(make: Callable[..., None]) -> Callable[..., None]:
    """Return `Layer.__init__` that also takes `weights=[...]`, the values with which the layer starts."""

    @functools.wraps(make)
    def wrapper(layer: Any, *args: Any, **kwargs: Any) -> None:
        first = kwargs.pop("weights", None)
        make(layer, *args, **kwargs)
        if first is not None:
            note("weights= of a layer", "is layer.set_weights(...) after it is built today")
            layer._first_weights = list(first)

    return wrapper


def building(build: Callable[..., None]) -> Callable[..., None]:
    """Return `Layer._build_if_needed` that then sets the values of `weights=`."""

    @functools.wraps(build)
    def wrapper(layer: Any, *args: Any, **kwargs: Any) -> None:
        build(layer, *args, **kwargs)
        if (first := vars(layer).pop("_first_weights", None)) is not None:
            with real_values():
                layer.set_weights(first)

    return wrapper
