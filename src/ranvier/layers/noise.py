"""Layers that add or multiply noise while training."""

from __future__ import annotations

import math
from typing import Any, final

import jax.numpy as jnp

from ranvier import random
from ranvier._typing import Array
from ranvier.layers.dropout import Drawing, keep_mask, noise_shape_for, share
from ranvier.random.seeds import key_of

__all__ = ["AlphaDropout", "GaussianDropout", "GaussianNoise"]

# SELU's limit on the far left, -scale * alpha: the value of a unit that is switched off.
_SATURATED = -1.0507009873554805 * 1.6732632423543772


@final
class GaussianNoise(Drawing):
    """Add normally distributed noise while training.

        outputs = inputs + noise      noise ~ Normal(0, stddev²)

    Shapes: outputs have the shape of inputs.

    Numerics: the draws are not Keras's.

    Args:
        stddev: standard deviation of the noise, in [0, 1] as in Keras.
        seed: makes the draws of this layer its own: an integer or a SeedGenerator.

    Raises:
        InvalidArgument: `stddev` lies outside of [0, 1].

    Example:
        >>> float(GaussianNoise(0.1)([2.0])[0])
        2.0

    Source: Bishop, "Training with noise is equivalent to Tikhonov regularization", 1995.
    """

    def __init__(self, stddev: float, seed: Any = None, **kwargs: Any) -> None:
        super().__init__(seed=seed, **kwargs)
        self.stddev = share(self, "stddev", stddev)

    def call(self, inputs: Array, training: bool = False) -> Array:
        """Return the inputs with noise while training, else as they are."""
        if not training or self.stddev == 0:
            return inputs
        return inputs + random.normal(inputs.shape, 0.0, self.stddev, self.compute_dtype, self.generator)


@final
class GaussianDropout(Drawing):
    """Multiply by normally distributed noise around 1 while training: as strong as Dropout, but nothing becomes 0.

        outputs = inputs * noise      noise ~ Normal(1, rate / (1 - rate))

    Shapes: outputs have the shape of inputs.

    Numerics: the draws are not Keras's.

    Args:
        rate: the rate of the Dropout with the same variance, in [0, 1).
        seed: makes the draws of this layer its own: an integer or a SeedGenerator.

    Raises:
        InvalidArgument: `rate` lies outside of [0, 1); at 1 the variance would be infinite.

    Example:
        >>> float(GaussianDropout(0.5)([2.0])[0])
        2.0

    Source: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014, section 10.
    """

    def __init__(self, rate: float, seed: Any = None, **kwargs: Any) -> None:
        super().__init__(seed=seed, **kwargs)
        self.rate = share(self, "rate", rate, below_one=True)

    def call(self, inputs: Array, training: bool = False) -> Array:
        """Return the inputs with noise while training, else as they are."""
        if not training or self.rate == 0:
            return inputs
        stddev = math.sqrt(self.rate / (1 - self.rate))
        return inputs * random.normal(inputs.shape, 1.0, stddev, self.compute_dtype, self.generator)


@final
class AlphaDropout(Drawing):
    """Switch off a random share of the inputs while training, so that mean 0 and variance 1 stay: for SELU networks.

        outputs = a * where(keep, inputs, low) + b      keep ~ Bernoulli(1 - rate)
        low     = -1.7581                               SELU's limit on the far left
        a       = ((1 - rate) * (1 + rate * low²)) ** -0.5
        b       = -a * low * rate

    Shapes: outputs have the shape of inputs.

    Numerics: the draws are not Keras's.

    Args:
        rate: share of inputs that are switched off, in [0, 1).
        noise_shape: shape of `keep`; None or 1 entries: the inputs' size, or one draw for the whole axis.
        seed: makes the draws of this layer its own: an integer or a SeedGenerator.

    Raises:
        InvalidArgument: `rate` lies outside of [0, 1), or `noise_shape` does not fit the inputs.

    Example:
        >>> float(AlphaDropout(0.5)([2.0])[0])
        2.0

    Source: Klambauer et al., "Self-normalizing neural networks", 2017.
    """

    def __init__(self, rate: float, noise_shape: Any = None, seed: Any = None, **kwargs: Any) -> None:
        super().__init__(seed=seed, **kwargs)
        self.rate = share(self, "rate", rate, below_one=True)
        self.noise_shape = None if noise_shape is None else tuple(noise_shape)

    def call(self, inputs: Array, training: bool = False) -> Array:
        """Return the inputs with noise while training, else as they are."""
        if not training or self.rate == 0:
            return inputs
        shape = noise_shape_for(self, self.noise_shape, inputs.shape)
        keep = keep_mask(key_of(self.generator), 1 - self.rate, shape)
        a = ((1 - self.rate) * (1 + self.rate * _SATURATED**2)) ** -0.5
        outputs: Array = a * jnp.where(keep, inputs, _SATURATED) - a * _SATURATED * self.rate
        return outputs
