"""Layers, by Keras's names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from ranvier import _lookup
from ranvier._absent import no_attribute
from ranvier.layers import (
    adaptive_pooling,
    convolution,
    convolution_transpose,
    depthwise,
    global_pooling,
    margins,
    pooling,
    resampling,
)
from ranvier.layers.activation import Activation, Softmax
from ranvier.layers.adaptive_pooling import *  # noqa: F403
from ranvier.layers.attention import AdditiveAttention, Attention
from ranvier.layers.base import Layer
from ranvier.layers.bidirectional import Bidirectional
from ranvier.layers.conv_lstm import ConvLSTM1D, ConvLSTM2D, ConvLSTM3D
from ranvier.layers.convolution import *  # noqa: F403
from ranvier.layers.convolution_transpose import *  # noqa: F403
from ranvier.layers.core import ActivityRegularization, Identity, Lambda, Masking
from ranvier.layers.dense import Dense
from ranvier.layers.depthwise import *  # noqa: F403
from ranvier.layers.dot import Dot, dot
from ranvier.layers.dropout import Dropout, SpatialDropout1D, SpatialDropout2D, SpatialDropout3D
from ranvier.layers.einsum_dense import EinsumDense
from ranvier.layers.embedding import Embedding
from ranvier.layers.global_pooling import *  # noqa: F403
from ranvier.layers.input_layer import Input, InputLayer
from ranvier.layers.input_spec import InputSpec
from ranvier.layers.jax_layer import JaxLayer
from ranvier.layers.margins import *  # noqa: F403
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
from ranvier.layers.multi_head_attention import GroupedQueryAttention as GroupQueryAttention
from ranvier.layers.multi_head_attention import MultiHeadAttention
from ranvier.layers.noise import AlphaDropout, GaussianDropout, GaussianNoise
from ranvier.layers.normalization import BatchNormalization
from ranvier.layers.pipeline import Pipeline
from ranvier.layers.pooling import *  # noqa: F403
from ranvier.layers.preprocessing.box_counts import MaxNumBoundingBoxes
from ranvier.layers.preprocessing.categories import CategoryEncoding, Discretization
from ranvier.layers.preprocessing.colour import (
    RandomColorDegeneration,
    RandomColorJitter,
    RandomGrayscale,
    RandomHue,
    RandomSaturation,
)
from ranvier.layers.preprocessing.contrast import AutoContrast, RandomBrightness, RandomContrast
from ranvier.layers.preprocessing.cropping_and_flipping import RandomCrop, RandomFlip
from ranvier.layers.preprocessing.elastic import RandomElasticTransform
from ranvier.layers.preprocessing.erasing import RandomErasing
from ranvier.layers.preprocessing.hashing import HashedCrossing, Hashing
from ranvier.layers.preprocessing.histograms import ContrastLimitedAdaptiveHistogramEqualization, Equalization
from ranvier.layers.preprocessing.integer_lookup import IntegerLookup
from ranvier.layers.preprocessing.mixing import CutMix, MixUp
from ranvier.layers.preprocessing.numbers import Normalization, Rescaling
from ranvier.layers.preprocessing.policies import AugMix, RandAugment
from ranvier.layers.preprocessing.resizing import CenterCrop, Resizing
from ranvier.layers.preprocessing.sharpness import RandomGaussianBlur, RandomSharpness
from ranvier.layers.preprocessing.spectrograms import MelSpectrogram, STFTSpectrogram
from ranvier.layers.preprocessing.string_lookup import StringLookup
from ranvier.layers.preprocessing.text_vectorization import TextVectorization
from ranvier.layers.preprocessing.tilting import RandomPerspective, RandomShear
from ranvier.layers.preprocessing.tones import RandomInvert, RandomPosterization, Solarization
from ranvier.layers.preprocessing.warping import RandomRotation, RandomTranslation, RandomZoom
from ranvier.layers.rectifiers import ELU, LeakyReLU, PReLU, ReLU
from ranvier.layers.recurrent import GRU, LSTM, SimpleRNN
from ranvier.layers.recurrent_cells import GRUCell, LSTMCell, SimpleRNNCell
from ranvier.layers.resampling import *  # noqa: F403
from ranvier.layers.reshaping import Flatten, Permute, RepeatVector, Reshape
from ranvier.layers.reversible_embedding import ReversibleEmbedding
from ranvier.layers.rnn import RNN
from ranvier.layers.row_normalization import (
    GroupNormalization,
    LayerNormalization,
    RMSNormalization,
    UnitNormalization,
)
from ranvier.layers.spectral_normalization import SpectralNormalization
from ranvier.layers.stacked_rnn_cells import StackedRNNCells
from ranvier.layers.time_distributed import TimeDistributed
from ranvier.layers.wrapper import Wrapper

__all__ = [
    "ELU",
    "GRU",
    "LSTM",
    "RNN",
    "Activation",
    "ActivityRegularization",
    "Add",
    "AdditiveAttention",
    "AlphaDropout",
    "Attention",
    "AugMix",
    "AutoContrast",
    "Average",
    "BatchNormalization",
    "Bidirectional",
    "CategoryEncoding",
    "CenterCrop",
    "Concatenate",
    "ContrastLimitedAdaptiveHistogramEqualization",
    "ConvLSTM1D",
    "ConvLSTM2D",
    "ConvLSTM3D",
    "CutMix",
    "Dense",
    "Discretization",
    "Dot",
    "Dropout",
    "EinsumDense",
    "Embedding",
    "Equalization",
    "Flatten",
    "GRUCell",
    "GaussianDropout",
    "GaussianNoise",
    "GroupNormalization",
    "GroupQueryAttention",
    "HashedCrossing",
    "Hashing",
    "Identity",
    "Input",
    "InputLayer",
    "InputSpec",
    "IntegerLookup",
    "JaxLayer",
    "LSTMCell",
    "Lambda",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "Masking",
    "MaxNumBoundingBoxes",
    "Maximum",
    "MelSpectrogram",
    "Minimum",
    "MixUp",
    "MultiHeadAttention",
    "Multiply",
    "Normalization",
    "PReLU",
    "Permute",
    "Pipeline",
    "RMSNormalization",
    "RandAugment",
    "RandomBrightness",
    "RandomColorDegeneration",
    "RandomColorJitter",
    "RandomContrast",
    "RandomCrop",
    "RandomElasticTransform",
    "RandomErasing",
    "RandomFlip",
    "RandomGaussianBlur",
    "RandomGrayscale",
    "RandomHue",
    "RandomInvert",
    "RandomPerspective",
    "RandomPosterization",
    "RandomRotation",
    "RandomSaturation",
    "RandomSharpness",
    "RandomShear",
    "RandomTranslation",
    "RandomZoom",
    "ReLU",
    "RepeatVector",
    "Rescaling",
    "Reshape",
    "Resizing",
    "ReversibleEmbedding",
    "STFTSpectrogram",
    "SimpleRNN",
    "SimpleRNNCell",
    "Softmax",
    "Solarization",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    "SpectralNormalization",
    "StackedRNNCells",
    "StringLookup",
    "Subtract",
    "TextVectorization",
    "TimeDistributed",
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

__all__ += adaptive_pooling.__all__
__all__ += convolution.__all__
__all__ += convolution_transpose.__all__
__all__ += depthwise.__all__
__all__ += global_pooling.__all__
__all__ += margins.__all__
__all__ += pooling.__all__
__all__ += resampling.__all__

TABLE: dict[str, type[Layer]] = {
    name: globals()[name]
    for name in __all__
    if isinstance(globals().get(name), type)
    and issubclass(globals()[name], Layer)
    # An alias stands in no file: `MaxPool2D` is the class `MaxPooling2D`.
    and (globals()[name].__name__ == name or globals()[name].__name__ not in __all__)
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


def __getattr__(name: str) -> NoReturn:
    raise no_attribute(__name__, name)
