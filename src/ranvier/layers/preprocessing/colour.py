"""Layers that change hue, saturation and the difference between colours."""

from __future__ import annotations

from typing import Any, final

import jax.numpy as jnp

from ranvier import _config
from ranvier._typing import Array
from ranvier.layers.dropout import share
from ranvier.layers.preprocessing.contrast import RandomBrightness, RandomContrast
from ranvier.layers.preprocessing.recolouring import Recolouring, per_image
from ranvier.ops import image

__all__ = ["RandomColorDegeneration", "RandomColorJitter", "RandomGrayscale", "RandomHue", "RandomSaturation"]


class _Colouring(Recolouring):
    """What layers of colours share: their arguments, and one part of hue, saturation and value at a time."""

    def __init__(
        self,
        factor: Any,
        value_range: Any = (0, 255),
        data_format: str | None = None,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(factor=factor, data_format=data_format, **kwargs)
        self._set_value_range(value_range)
        self._set_seed(seed)

    def _parts(self, images: Array) -> list[Array]:
        """Return hue, saturation and value, each with an axis of one channel."""
        return jnp.split(image.rgb_to_hsv(images, data_format=self.data_format), 3, self._channel_axis)

    def _joined(self, parts: list[Array]) -> Array:
        """Return the picture of a hue, a saturation and a value."""
        joined = jnp.concatenate(parts, self._channel_axis)
        images: Array = image.hsv_to_rgb(joined, data_format=self.data_format)
        return images

    @property
    def _channel_axis(self) -> int:
        return -1 if self.data_format == "channels_last" else -3


@final
class RandomHue(_Colouring):
    """Turn the circle of colours while training.

        hue     = (hue + turn) mod 1
        turn    ~ Uniform(factor) / 2, with a random sign, one per picture

    Shapes: `[batch, row, column, 3]` or one picture without `batch`; outputs have the shape of the images.

    Args:
        factor: a pair in [0, 1], or a number f for (0, f); 1 reaches the opposite colour.
        value_range: lowest and highest value of a pixel.
        data_format: `"channels_last"` or `"channels_first"`.
        seed: makes the draws of this layer its own: an integer or a SeedGenerator.

    Raises:
        InvalidArgument: a factor or a range of values that is none, or pictures without three channels.

    Example:
        >>> [round(float(v)) for v in RandomHue((1, 1))([[[255.0, 0.0, 0.0]]]).ravel()]
        [0, 255, 255]
    """

    _FACTOR_BOUNDS = (0, 1)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Draw `factor`, how far the hue of each picture turns."""
        if not training:
            return None
        sign = jnp.where(self._each(data, (0, 1), seed) > 0.5, -1.0, 1.0)
        return {"factor": sign * self._each(data, self.factor, seed) * 0.5}

    def _transform_images(self, images: Array, transformation: Any, interpolation: str) -> Array:
        scaled = self._transform_value_range(images, self.value_range, (0, 1), dtype=self.compute_dtype)
        hue, saturation, value = self._parts(scaled)
        hue = hue + per_image(transformation["factor"], images)
        hue = jnp.where(hue > 1, hue - 1, jnp.where(hue < 0, hue + 1, hue))
        turned = jnp.clip(self._joined([hue, saturation, value]), 0, 1)
        return self._transform_value_range(turned, (0, 1), self.value_range, dtype=self.compute_dtype)


@final
class RandomSaturation(_Colouring):
    """Make colours paler or stronger while training.

        saturation = clip(saturation * factor / (1 - factor), 0, 1)      factor ~ Uniform(factor), one per picture

    Shapes: `[batch, row, column, 3]` or one picture without `batch`; outputs have the shape of the images.

    Numerics: no colour is stronger than pure, where Keras cuts saturation at the range of values, and colours of
    bytes turn negative.

    Args:
        factor: a pair in [-1, 1]: 0 is gray, 0.5 leaves the picture as it is; a number f for (-f, f), as in Keras.
        value_range: lowest and highest value of a pixel.
        data_format: `"channels_last"` or `"channels_first"`.
        seed: makes the draws of this layer its own: an integer or a SeedGenerator.

    Raises:
        InvalidArgument: a factor or a range of values that is none, or pictures without three channels.

    Example:
        >>> [round(float(v)) for v in RandomSaturation((0, 0))([[[200.0, 0.0, 0.0]]]).ravel()]
        [200, 200, 200]
    """

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Draw `factor`, by which the saturation of each picture is multiplied."""
        if not training:
            return None
        factor = self._each(data, self.factor, seed)
        return {"factor": factor / (1 - factor + _config.epsilon())}

    def _transform_images(self, images: Array, transformation: Any, interpolation: str) -> Array:
        hue, saturation, value = self._parts(images)
        saturation = jnp.clip(saturation * per_image(transformation["factor"], images), 0, 1)
        return self._joined([hue, saturation, value])


@final
class RandomColorDegeneration(_Colouring):
    """Mix pictures with their gray versions while training.

        outputs = clip(images + factor * (gray - images), low, high)      factor ~ Uniform(factor), one per picture

    Shapes: `[batch, row, column, 3]` or one picture without `batch`; outputs have the shape of the images.

    Args:
        factor: a pair in [-1, 1]: 1 is gray, negative numbers strengthen colours; a number f for (-f, f), as in Keras.
        value_range: lowest and highest value of a pixel, (low, high).
        data_format: `"channels_last"` or `"channels_first"`.
        seed: makes the draws of this layer its own: an integer or a SeedGenerator.

    Raises:
        InvalidArgument: a factor or a range of values that is none, or pictures without three channels.

    Example:
        >>> [round(float(v)) for v in RandomColorDegeneration((1, 1))([[[100.0, 0.0, 0.0]]]).ravel()]
        [30, 30, 30]
    """

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Draw `factor`, how gray each picture becomes."""
        return {"factor": self._each(data, self.factor, seed)} if training else None

    def _transform_images(self, images: Array, transformation: Any, interpolation: str) -> Array:
        gray = image.rgb_to_grayscale(images, data_format=self.data_format)
        faded = images + per_image(transformation["factor"], images) * (gray - images)
        return jnp.clip(faded, *self.value_range)


@final
class RandomGrayscale(Recolouring):
    """Take the colours from a random share of the pictures while training.

        outputs = where(chosen, gray, images)      chosen ~ Bernoulli(factor), one per picture

    Shapes: `[batch, row, column, 3]` or one picture without `batch`; outputs have the shape of the images.

    Numerics: pictures keep their type; bytes of gray are rounded towards 0, as in Keras.

    Args:
        factor: the share, in [0, 1].
        data_format: `"channels_last"` or `"channels_first"`.
        seed: makes the draws of this layer its own: an integer or a SeedGenerator.

    Raises:
        InvalidArgument: a factor that is no share, or pictures without three channels.

    Example:
        >>> [round(float(v)) for v in RandomGrayscale(1.0)([[[100.0, 0.0, 0.0]]]).ravel()]
        [30, 30, 30]
    """

    _USE_BASE_FACTOR = False

    def __init__(self, factor: float = 0.5, data_format: str | None = None, seed: Any = None, **kwargs: Any) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.factor = share(self, "factor", factor)
        self._set_seed(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Draw which pictures turn gray."""
        return self._each(data, (0, 1), seed) < self.factor if training else None

    def transform_images(self, images: Array, transformation: Any, training: bool = True) -> Array:
        """Return the pictures, the chosen ones in gray, in their own type."""
        if not training:
            return images
        gray = image.rgb_to_grayscale(images, data_format=self.data_format)
        return jnp.where(per_image(transformation, images), gray, images)


@final
class RandomColorJitter(Recolouring):
    """Change brightness, contrast, saturation and hue at random while training, one after the other.

    Shapes: `[batch, row, column, 3]` or one picture without `batch`; outputs have the shape of the images.

    Args:
        value_range: lowest and highest value of a pixel.
        brightness_factor: as of RandomBrightness; None leaves brightness as it is.
        contrast_factor: as of RandomContrast; None leaves contrast as it is.
        saturation_factor: as of RandomSaturation; None leaves saturation as it is.
        hue_factor: as of RandomHue; None leaves hue as it is.
        seed: makes the draws of this layer its own: an integer or a SeedGenerator.
        data_format: `"channels_last"` or `"channels_first"`.

    Raises:
        InvalidArgument: a factor or a range of values that is none, or pictures without three channels.

    Example:
        >>> layer = RandomColorJitter(brightness_factor=(0.2, 0.2), contrast_factor=(0, 0))
        >>> [round(float(v)) for v in layer([[[100.0, 50.0, 0.0]]]).ravel()]
        [151, 101, 51]
    """

    _USE_BASE_FACTOR = False

    def __init__(
        self,
        value_range: Any = (0, 255),
        brightness_factor: Any = None,
        contrast_factor: Any = None,
        saturation_factor: Any = None,
        hue_factor: Any = None,
        seed: Any = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self._set_value_range(value_range)
        self.brightness_factor, self.contrast_factor = brightness_factor, contrast_factor
        self.saturation_factor, self.hue_factor = saturation_factor, hue_factor
        self._set_seed(seed)
        self.random_brightness = self._part(RandomBrightness, brightness_factor)
        self.random_contrast = self._part(RandomContrast, contrast_factor)
        self.random_saturation = self._part(RandomSaturation, saturation_factor)
        self.random_hue = self._part(RandomHue, hue_factor)

    def _part(self, kind: type[Recolouring], factor: Any) -> Recolouring | None:
        if factor is None:
            return None
        shared: dict[str, Any] = {"value_range": self.value_range, "data_format": self.data_format}
        return kind(factor=factor, dtype=self.dtype_policy, **shared)

    def _named_parts(self) -> dict[str, Recolouring]:
        names = ("random_brightness", "random_contrast", "random_saturation", "random_hue")
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Draw the transformation of each part, by the name of its attribute."""
        if not training:
            return None
        source = self._seed(seed)
        return {name: part.get_random_transformation(data, seed=source) for name, part in self._named_parts().items()}

    def _transform_images(self, images: Array, transformation: Any, interpolation: str) -> Array:
        for name, part in self._named_parts().items():
            images = part.transform_images(images, transformation[name])
        return images
