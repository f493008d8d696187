"""Dropout: noise that makes units independent of each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar, final

import jax.numpy as jnp
import numpy as np

from ranvier._errors import InvalidArgument
from ranvier._typing import Array, DType
from ranvier.layers.base import Layer
from ranvier.layers.data_format import known_data_format
from ranvier.layers.input_spec import InputSpec
from ranvier.random import SeedGenerator
from ranvier.random.seeds import generator_or_number, key_of
from ranvier.state import threefry
from ranvier.state.dtype_policy import DTypePolicy

__all__ = [
    "Drawing",
    "Dropout",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    "keep_mask",
    "noise_shape_for",
    "share",
]


class Drawing(Layer):
    """The base of layers that draw random numbers while training, and do nothing otherwise.

    Args:
        seed: makes the draws of this layer its own: an integer or a SeedGenerator.
    """

    def __init__(self, seed: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seed = generator_or_number(seed)
        self.generator = self.seed if isinstance(self.seed, SeedGenerator) else SeedGenerator(self.seed)
        self.supports_masking = True
        self.built = True


class Dropout(Drawing):
    """Set a random share of the inputs to 0 while training, and scale up the rest.

        outputs = where(keep, inputs / (1 - rate), 0)      keep ~ Bernoulli(1 - rate)

    Shapes: outputs have the shape of inputs.

    Numerics: `keep` is what `jax.random.bernoulli` gives for the layer's key; the key, so the draws, are not Keras's.

    Args:
        rate: share of inputs set to 0, in [0, 1].
        noise_shape: shape of `keep`; None or 1 entries: the inputs' size, or one draw for the whole axis.
        seed: makes the draws of this layer its own: an integer or a SeedGenerator.

    Raises:
        InvalidArgument: `rate` is no share, or `noise_shape` does not fit the inputs.

    Example:
        >>> float(Dropout(0.5)([1.0, 2.0])[1])
        2.0

    Source: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014.
    """

    def __init__(self, rate: float, noise_shape: Any = None, seed: Any = None, **kwargs: Any) -> None:
        super().__init__(seed=seed, **kwargs)
        self.rate = share(self, "rate", rate)
        self.noise_shape = None if noise_shape is None else tuple(noise_shape)

    def call(self, inputs: Array, training: bool = False) -> Array:
        """Return the inputs with noise while training, else as they are."""
        if not training or self.rate == 0:
            return inputs
        if self.rate == 1:
            return jnp.zeros_like(inputs)
        keep = keep_mask(key_of(self.generator), 1 - self.rate, self._keep_shape(inputs.shape))
        return jnp.where(keep, inputs * np.asarray(1 / (1 - self.rate), inputs.dtype), np.zeros((), inputs.dtype))

    def _keep_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return noise_shape_for(self, self.noise_shape, shape)


class _SpatialDropout(Dropout):
    """What all ranks share: one draw for a whole channel of a row."""

    axes: ClassVar[int]

    def __init__(
        self, rate: float, data_format: str | None, seed: Any, name: str | None, dtype: DType | DTypePolicy | None
    ) -> None:
        super().__init__(rate, seed=seed, name=name, dtype=dtype)
        self.data_format = known_data_format(self, data_format)
        self.input_spec = InputSpec(ndim=self.axes)

    def _keep_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        channels = 1 if self.data_format == "channels_first" else len(shape) - 1
        return tuple(size if axis in (0, channels) else 1 for axis, size in enumerate(shape))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments; `trainable` is none of them, so Keras could not read it."""
        return {name: value for name, value in super().get_config().items() if name != "trainable"}


@final
class SpatialDropout1D(_SpatialDropout):
    """Set whole channels of a sequence to 0 while training, and scale up the rest.

        outputs = where(keep, inputs / (1 - rate), 0)      keep ~ Bernoulli(1 - rate), `[batch, 1, channels]`

    Shapes: inputs and outputs `[batch, time, channels]`.

    Args:
        rate: share of channels set to 0, in [0, 1].
        seed: makes the draws of this layer its own: an integer or a SeedGenerator.
        name: display name.
        dtype: a dtype or a policy name.

    Raises:
        InvalidArgument: `rate` is no share, or the inputs have another rank.

    Example:
        >>> y = SpatialDropout1D(0.5, seed=1)([[[1.0], [1.0]]], training=True)
        >>> float(y[0, 0, 0]) == float(y[0, 1, 0])
        True

    Source: Tompson et al., "Efficient object localization using convolutional networks", 2015.
    """

    axes = 3

    def __init__(
        self, rate: float, seed: Any = None, name: str | None = None, dtype: DType | DTypePolicy | None = None
    ) -> None:
        super().__init__(rate, "channels_last", seed, name, dtype)


@final
class SpatialDropout2D(_SpatialDropout):
    """Set whole channels of a picture to 0 while training, and scale up the rest.

        outputs = where(keep, inputs / (1 - rate), 0)      keep ~ Bernoulli(1 - rate), `[batch, 1, 1, channels]`

    Shapes: inputs and outputs `[batch, rows, columns, channels]`, or with `channels_first`
    `[batch, channels, rows, columns]`.

    Args:
        rate: share of channels set to 0, in [0, 1].
        data_format: `"channels_last"` or `"channels_first"`.
        seed: makes the draws of this layer its own: an integer or a SeedGenerator.
        name: display name.
        dtype: a dtype or a policy name.

    Raises:
        InvalidArgument: `rate` is no share, or the inputs have another rank.

    Example:
        >>> float(SpatialDropout2D(0.5)([[[[3.0]]]])[0, 0, 0, 0])
        3.0

    Source: Tompson et al., "Efficient object localization using convolutional networks", 2015.
    """

    axes = 4

    def __init__(
        self,
        rate: float,
        data_format: str | None = None,
        seed: Any = None,
        name: str | None = None,
        dtype: DType | DTypePolicy | None = None,
    ) -> None:
        super().__init__(rate, data_format, seed, name, dtype)


@final
class SpatialDropout3D(_SpatialDropout):
    """Set whole channels of a volume to 0 while training, and scale up the rest.

        outputs = where(keep, inputs / (1 - rate), 0)      keep ~ Bernoulli(1 - rate), `[batch, 1, 1, 1, channels]`

    Shapes: inputs and outputs `[batch, depth, rows, columns, channels]`, or with `channels_first`
    `[batch, channels, depth, rows, columns]`.

    Args:
        rate: share of channels set to 0, in [0, 1].
        data_format: `"channels_last"` or `"channels_first"`.
        seed: makes the draws of this layer its own: an integer or a SeedGenerator.
        name: display name.
        dtype: a dtype or a policy name.

    Raises:
        InvalidArgument: `rate` is no share, or the inputs have another rank.

    Example:
        >>> float(SpatialDropout3D(0.5)([[[[[3.0]]]]])[0, 0, 0, 0, 0])
        3.0

    Source: Tompson et al., "Efficient object localization using convolutional networks", 2015.
    """

    axes = 5

    def __init__(
        self,
        rate: float,
        data_format: str | None = None,
        seed: Any = None,
        name: str | None = None,
        dtype: DType | DTypePolicy | None = None,
    ) -> None:
        super().__init__(rate, data_format, seed, name, dtype)


def share(layer: Layer, name: str, value: Any, below_one: bool = False) -> float:
    """Return an argument that is a share: from 0 to 1, or below 1.

    Raises:
        InvalidArgument: it is no such number.
    """
    number = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    if not number or not 0 <= value <= 1 or (below_one and value == 1):
        raise InvalidArgument(
            f"{name} of {type(layer).__name__} is a share.",
            code="dropout-rate",
            place=f"layer {layer.name!r}: {name}",
            expected="a number in [0, 1)" if below_one else "a number in [0, 1]",
            received=repr(value),
        )
    return float(value)


def noise_shape_for(layer: Layer, given: Sequence[int | None] | None, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape in which a layer draws for inputs of a shape: the inputs' own where `given` says None.

    Raises:
        InvalidArgument: another number of axes, or a size that is neither 1 nor the inputs'.
    """
    if given is None:
        return shape
    if len(given) != len(shape) or any(size not in (None, 1, own) for size, own in zip(given, shape, strict=True)):
        raise InvalidArgument(
            "noise_shape does not fit the axes of the inputs.",
            code="dropout-noise-shape",
            place=f"layer {layer.name!r}",
            expected=f"{len(shape)} entries for inputs of shape {shape}",
            received=given,
            fix="put None where the inputs' own size is meant, 1 where one draw serves the whole axis",
        )
    return tuple(own if size is None else size for size, own in zip(given, shape, strict=True))


def keep_mask(key: Array, probability: float, shape: tuple[int, ...]) -> Array:
    """Return `jax.random.bernoulli(key, probability, shape)`, by comparing the random words themselves.

    A word's upper 23 bits are the float that JAX compares with `probability`; no float is made here.
    """
    threshold = math.ceil(float(np.float32(probability)) * 2**23) << 9
    return threefry.bits(key, shape) < np.uint32(min(threshold, 2**32 - 1))
