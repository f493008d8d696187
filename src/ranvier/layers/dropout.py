"""Dropout: noise that makes units independent of each other."""

from __future__ import annotations

import math
from typing import Any, final

import jax.numpy as jnp
import numpy as np

from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.layers.base import Layer
from ranvier.random import SeedGenerator
from ranvier.random.seeds import generator_or_number, key_of
from ranvier.state import threefry

__all__ = ["Dropout", "keep_mask"]


@final
class Dropout(Layer):
    """Set a random share of the inputs to 0 while training, and scale up the rest.

        outputs = where(keep, inputs / (1 - rate), 0)      keep ~ Bernoulli(1 - rate)

    Shapes: outputs have the shape of inputs.

    Numerics: `keep` is what `jax.random.bernoulli` gives for the layer's key; the key, so the draws, are not Keras's.

    Args:
        rate: share of inputs set to 0, in [0, 1].
        noise_shape: shape of `keep`; None or 1 entries: the inputs' size, or one draw for the whole axis.
        seed: makes the draws of this layer its own: an integer or a SeedGenerator.

    Example:
        >>> float(Dropout(0.5)([1.0, 2.0])[1])
        2.0

    Source: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014.
    """

    def __init__(self, rate: float, noise_shape: Any = None, seed: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if isinstance(rate, bool) or not 0 <= rate <= 1:
            raise InvalidArgument(
                "A dropout rate is a share.",
                code="dropout-rate",
                place=f"layer {self.name!r}",
                expected="a number in [0, 1]",
                received=repr(rate),
            )
        self.rate = rate
        self.noise_shape = None if noise_shape is None else tuple(noise_shape)
        self.seed = generator_or_number(seed)
        self.generator = self.seed if isinstance(self.seed, SeedGenerator) else SeedGenerator(self.seed)
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Array, training: bool = False) -> Array:
        """Return the inputs with noise while training, else as they are."""
        if not training or self.rate == 0:
            return inputs
        if self.rate == 1:
            return jnp.zeros_like(inputs)
        shape = self._noise_shape(inputs.shape)
        keep = keep_mask(key_of(self.generator), 1 - self.rate, shape)
        return jnp.where(keep, inputs * np.asarray(1 / (1 - self.rate), inputs.dtype), np.zeros((), inputs.dtype))

    def _noise_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        if self.noise_shape is None:
            return shape
        if len(self.noise_shape) != len(shape):
            raise InvalidArgument(
                "noise_shape has another number of axes than the inputs.",
                code="dropout-noise-shape",
                place=f"layer {self.name!r}",
                expected=f"{len(shape)} entries for inputs of shape {shape}",
                received=self.noise_shape,
                fix="put None where the inputs' own size is meant, 1 where one draw serves the whole axis",
            )
        return tuple(own if given is None else given for given, own in zip(self.noise_shape, shape, strict=True))


def keep_mask(key: Array, probability: float, shape: tuple[int, ...]) -> Array:
    """Return `jax.random.bernoulli(key, probability, shape)`, by comparing the random words themselves.

    A word's upper 23 bits are the float that JAX compares with `probability`; no float is made here.
    """
    threshold = math.ceil(float(np.float32(probability)) * 2**23) << 9
    return threefry.bits(key, shape) < np.uint32(min(threshold, 2**32 - 1))
