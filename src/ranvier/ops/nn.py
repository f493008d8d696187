"""Keras's `ops.nn`: activations, normalizations, cross-entropies."""

from __future__ import annotations

from ranvier.ops import activation, normalization, probability
from ranvier.ops.activation import *  # noqa: F403
from ranvier.ops.normalization import *  # noqa: F403
from ranvier.ops.probability import *  # noqa: F403

__all__ = [*activation.__all__, *normalization.__all__, *probability.__all__]
