"""Keras's `ops.nn`: activations, convolutions, pooling, normalizations, cross-entropies, patches of pictures."""

from __future__ import annotations

from ranvier.ops import activation, attention, convolution, ctc, normalization, patches, pooling, probability
from ranvier.ops.activation import *  # noqa: F403
from ranvier.ops.attention import *  # noqa: F403
from ranvier.ops.convolution import *  # noqa: F403
from ranvier.ops.ctc import *  # noqa: F403
from ranvier.ops.normalization import *  # noqa: F403
from ranvier.ops.patches import *  # noqa: F403
from ranvier.ops.pooling import *  # noqa: F403
from ranvier.ops.probability import *  # noqa: F403
from ranvier.ops.spectral import polar

__all__ = [
    *activation.__all__,
    *attention.__all__,
    *convolution.__all__,
    *ctc.__all__,
    *normalization.__all__,
    *patches.__all__,
    *pooling.__all__,
    *probability.__all__,
    "polar",
]
