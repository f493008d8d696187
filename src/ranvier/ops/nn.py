"""Keras's `ops.nn`: activations, normalizations, cross-entropies, patches of pictures."""

from __future__ import annotations

from ranvier.ops import activation, attention, ctc, normalization, patches, probability
from ranvier.ops.activation import *  # noqa: F403
from ranvier.ops.attention import *  # noqa: F403
from ranvier.ops.ctc import *  # noqa: F403
from ranvier.ops.normalization import *  # noqa: F403
from ranvier.ops.patches import *  # noqa: F403
from ranvier.ops.probability import *  # noqa: F403
from ranvier.ops.spectral import polar

__all__ = [
    *activation.__all__,
    *attention.__all__,
    *ctc.__all__,
    *normalization.__all__,
    *patches.__all__,
    *probability.__all__,
    "polar",
]
