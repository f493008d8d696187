"""Layers that make pictures lighter, darker, or richer in contrast."""

from __future__ import annotations

from typing import Any, final

import jax.numpy as jnp

from ranvier import ops
from ranvier._typing import Array
from ranvier.layers.preprocessing.recolouring import Recolouring, per_image

__all__ = ["AutoContrast", "RandomBrightness", "RandomContrast"]


@final
class RandomBrightness(Recolouring):
    """Add one random number to all pixels of a picture while training.

        outputs = clip(images + rgb_delta, low, high)      rgb_delta ~ Uniform(factor) * (high - low), one per picture

    Shapes: `[batch, row, column, channel]` or one picture without `batch`; outputs have the shape of the images.

    Numerics: whole numbers become floats, where Keras adds within bytes and wraps around.

    Args:
        factor: a pair in [-1, 1], or a number f for (-f, f).
        value_range: lowest and highest value of a pixel, (low, high).
        seed: makes the draws of this layer its own: an integer or a SeedGenerator.

    Raises:
        InvalidArgument: a factor or a range of values that is none.

    Example:
        >>> layer = RandomBrightness((0.5, 0.5), value_range=(0, 1))
        >>> [float(v) for v in layer([[[0.25], [0.75]]]).ravel()]
        [0.75, 1.0]
    """

    def __init__(self, factor: Any, value_range: Any = (0, 255), seed: Any = None, **kwargs: Any) -> None:
        super().__init__(factor=factor, **kwargs)
        self._set_value_range(value_range)
        self._set_seed(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Draw `rgb_delta`, what is added to each picture."""
        if not training:
            return None
        low, high = self.value_range
        return {"rgb_delta": self._each(data, self.factor, seed) * (high - low)}

    def _transform_images(self, images: Array, transformation: Any, interpolation: str) -> Array:
        return jnp.clip(images + per_image(transformation["rgb_delta"], images), *self.value_range)


@final
class RandomContrast(Recolouring):
    """Move pixels away from the mean of their channel while training.

        outputs = clip((images - mean) * contrast_factor + mean, low, high)
        contrast_factor ~ Uniform(1 - factor[0], 1 + factor[1]), one per picture

    Shapes: `[batch, row, column, channel]` or one picture without `batch`; `mean` is over row and column.

    Args:
        factor: a pair in [0, 1], or a number f for (0, f): contrast then only grows, as in Keras.
        value_range: lowest and highest value of a pixel, (low, high).
        seed: makes the draws of this layer its own: an integer or a SeedGenerator.

    Raises:
        InvalidArgument: a factor or a range of values that is none.

    Example:
        >>> layer = RandomContrast((0, 0), value_range=(0, 1))
        >>> [float(v) for v in layer([[[0.25], [0.75]]]).ravel()]
        [0.25, 0.75]
    """

    _FACTOR_BOUNDS = (0, 1)

    def __init__(self, factor: Any, value_range: Any = (0, 255), seed: Any = None, **kwargs: Any) -> None:
        super().__init__(factor=factor, **kwargs)
        self._set_value_range(value_range)
        self._set_seed(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Draw `contrast_factor`, by which the distances from the mean of each picture grow."""
        if not training:
            return None
        return {"contrast_factor": self._each(data, (1 - self.factor[0], 1 + self.factor[1]), seed)}

    def _transform_images(self, images: Array, transformation: Any, interpolation: str) -> Array:
        mean = jnp.mean(images, axis=(self.height_axis, self.width_axis), keepdims=True)
        factor = per_image(transformation["contrast_factor"], images)
        return jnp.clip((images - mean) * factor + mean, *self.value_range)


@final
class AutoContrast(Recolouring):
    """Stretch each channel of each picture over the whole range of values, in training and in use.

        outputs = (images - min) / (max - min) * (high - low) + low

    A channel of one single value stays as it is.

    Shapes: `[batch, row, column, channel]` or one picture without `batch`; min and max are over row and column.

    Numerics: with `channels_first` min and max are over row and column too, where Keras takes channel and row.

    Args:
        value_range: lowest and highest value of a pixel, (low, high).

    Raises:
        InvalidArgument: a range of values that is none.

    Example:
        >>> [float(v) for v in AutoContrast(value_range=(0, 1))([[[0.25], [0.5], [0.375]]]).ravel()]
        [0.0, 1.0, 0.5]
    """

    _USE_BASE_FACTOR = False

    def __init__(self, value_range: Any = (0, 255), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._set_value_range(value_range)

    def transform_images(self, images: Array, transformation: Any = None, training: bool = True) -> Array:
        """Return pictures whose channels reach from the lowest to the highest value."""
        given: Array = ops.cast(images, self.compute_dtype)
        values, axes = self._in_bytes(given), (self.height_axis, self.width_axis)
        low, high = jnp.min(values, axes, keepdims=True), jnp.max(values, axes, keepdims=True)
        scale = 255.0 / jnp.where(high > low, high - low, 1)
        stretched = jnp.clip(values * scale - low * scale, 0, 255)
        return jnp.where(high > low, self._from_bytes(stretched), given)
