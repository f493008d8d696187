"""Layers, by Keras's names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ranvier import _lookup
from ranvier.layers.activation import Activation
from ranvier.layers.base import Layer
from ranvier.layers.core import Lambda
from ranvier.layers.dense import Dense
from ranvier.layers.dropout import Dropout
from ranvier.layers.embedding import Embedding
from ranvier.layers.input_layer import Input, InputLayer
from ranvier.layers.input_spec import InputSpec
from ranvier.layers.merging import (
    Add,
    Average,
    Concatenate,
    Maximum,
    Minimum,
    Multiply,
    Subtract,
    add,
    average,
    concatenate,
    maximum,
    minimum,
    multiply,
    subtract,
)
from ranvier.layers.normalization import BatchNormalization, LayerNormalization
from ranvier.layers.preprocessing.numbers import Normalization, Rescaling
from ranvier.layers.reshaping import Flatten, Reshape

__all__ = [
    "Activation",
    "Add",
    "Average",
    "BatchNormalization",
    "Concatenate",
    "Dense",
    "Dropout",
    "Embedding",
    "Flatten",
    "Input",
    "InputLayer",
    "InputSpec",
    "Lambda",
    "Layer",
    "LayerNormalization",
    "Maximum",
    "Minimum",
    "Multiply",
    "Normalization",
    "Rescaling",
    "Reshape",
    "Subtract",
    "add",
    "average",
    "concatenate",
    "deserialize",
    "get",
    "maximum",
    "minimum",
    "multiply",
    "serialize",
    "subtract",
]

TABLE: dict[str, type[Layer]] = {
    name: globals()[name]
    for name in __all__
    if isinstance(globals().get(name), type) and issubclass(globals()[name], Layer)
}
"""Every layer class under the name that files use."""


def get(identifier: Any) -> Any:
    """Return a layer for a name, a configuration, a class, or the layer itself; None stays None."""
    return _lookup.get(identifier, "layer", TABLE)


def serialize(layer: Layer) -> dict[str, Any]:
    """Return a layer's configuration in Keras's form, with the shapes it was built for."""
    described = _lookup.identify(layer)
    built_for = layer.get_build_config() if layer.built else None
    return {**described, "build_config": built_for} if built_for else described


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return a layer for a configuration or a name."""
    return _lookup.get(config, "layer", TABLE, None, custom_objects)
