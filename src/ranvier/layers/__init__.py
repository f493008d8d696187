"""Layers, by Keras's names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ranvier import _lookup
from ranvier.layers.activation import Activation, Softmax
from ranvier.layers.base import Layer
from ranvier.layers.core import ActivityRegularization, Identity, Lambda, Masking
from ranvier.layers.dense import Dense
from ranvier.layers.dot import Dot, dot
from ranvier.layers.dropout import Dropout, SpatialDropout1D, SpatialDropout2D, SpatialDropout3D
from ranvier.layers.einsum_dense import EinsumDense
from ranvier.layers.embedding import Embedding
from ranvier.layers.input_layer import Input, InputLayer
from ranvier.layers.input_spec import InputSpec
from ranvier.layers.jax_layer import JaxLayer
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
from ranvier.layers.noise import AlphaDropout, GaussianDropout, GaussianNoise
from ranvier.layers.normalization import BatchNormalization
from ranvier.layers.pipeline import Pipeline
from ranvier.layers.preprocessing.numbers import Normalization, Rescaling
from ranvier.layers.rectifiers import ELU, LeakyReLU, PReLU, ReLU
from ranvier.layers.reshaping import Flatten, Permute, RepeatVector, Reshape
from ranvier.layers.reversible_embedding import ReversibleEmbedding
from ranvier.layers.row_normalization import (
    GroupNormalization,
    LayerNormalization,
    RMSNormalization,
    UnitNormalization,
)
from ranvier.layers.spectral_normalization import SpectralNormalization
from ranvier.layers.wrapper import Wrapper

__all__ = [
    "ELU",
    "Activation",
    "ActivityRegularization",
    "Add",
    "AlphaDropout",
    "Average",
    "BatchNormalization",
    "Concatenate",
    "Dense",
    "Dot",
    "Dropout",
    "EinsumDense",
    "Embedding",
    "Flatten",
    "GaussianDropout",
    "GaussianNoise",
    "GroupNormalization",
    "Identity",
    "Input",
    "InputLayer",
    "InputSpec",
    "JaxLayer",
    "Lambda",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "Masking",
    "Maximum",
    "Minimum",
    "Multiply",
    "Normalization",
    "PReLU",
    "Permute",
    "Pipeline",
    "RMSNormalization",
    "ReLU",
    "RepeatVector",
    "Rescaling",
    "Reshape",
    "ReversibleEmbedding",
    "Softmax",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    "SpectralNormalization",
    "Subtract",
    "UnitNormalization",
    "Wrapper",
    "add",
    "average",
    "concatenate",
    "deserialize",
    "dot",
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
