"""Layers that turn tones over or make fewer of them."""

from __future__ import annotations

from typing import Any, Final, final

import jax.numpy as jnp

from ranvier import random
from ranvier._typing import Array
from ranvier.layers.preprocessing.image_arguments import factor_range
from ranvier.layers.preprocessing.recolouring import Recolouring, per_image

__all__ = ["RandomInvert", "RandomPosterization", "Solarization"]

_BITS: Final = 8


@final
class RandomInvert(Recolouring):
    """Turn a random share of the pictures into their negatives while training.

        outputs = where(apply_inversion, low + high - images, images)
        apply_inversion ~ Bernoulli(p), p ~ Uniform(factor), one per picture

    Shapes: `[batch, row, column, channel]` or one picture without `batch`; outputs have the shape of the images.

    Numerics: `low` counts, where Keras computes `high - images` and leaves the range of values unless `low` is 0.

    Args:
        factor: bounds of the probability, a pair in [0, 1], or a number f for (0, f).
        value_range: lowest and highest value of a pixel, (low, high).
        seed: makes the draws of this layer its own: an integer or a SeedGenerator.

    Raises:
        InvalidArgument: a factor or a range of values that is none.

    Example:
        >>> [float(v) for v in RandomInvert((1, 1))([[[0.0], [200.0]]]).ravel()]
        [255.0, 55.0]
    """

    _USE_BASE_FACTOR = False
    _FACTOR_BOUNDS = (0, 1)

    def __init__(
        self,
        factor: Any = 1.0,
        value_range: Any = (0, 255),
        seed: Any = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self._set_factor(factor)
        self._set_value_range(value_range)
        self._set_seed(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Draw `apply_inversion`, which pictures are inverted."""
        return {"apply_inversion": self._chosen(data, seed)} if training else None

    def _transform_images(self, images: Array, transformation: Any, interpolation: str) -> Array:
        low, high = self.value_range
        return jnp.where(per_image(transformation["apply_inversion"], images), low + high - images, images)


@final
class RandomPosterization(Recolouring):
    """Keep only the highest bits of each pixel while training.

        outputs = floor(images / 2**shift_factor) * 2**shift_factor      for images from 0 to 255
        shift_factor = 8 - bits      bits ~ whole numbers from factor[0] to factor[1] - 1, one per picture

    Shapes: `[batch, row, column, channel]` or one picture without `batch`; outputs have the shape of the images.

    Numerics: values outside of `value_range` are cut to it, where Keras lets the byte overflow.

    Args:
        factor: a pair of whole numbers in [1, 8]; twice the same number n for n bits; a number n for (1, n).
        value_range: lowest and highest value of a pixel.
        data_format: `"channels_last"` or `"channels_first"`.
        seed: makes the draws of this layer its own: an integer or a SeedGenerator.

    Raises:
        InvalidArgument: a factor or a range of values that is none.

    Example:
        >>> [float(v) for v in RandomPosterization((2, 2))([[[63.0], [200.0]]]).ravel()]
        [0.0, 192.0]
    """

    _USE_BASE_FACTOR = False
    _FACTOR_BOUNDS = (1, _BITS)

    def __init__(
        self,
        factor: Any,
        value_range: Any = (0, 255),
        data_format: str | None = None,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self._set_factor(factor)
        self._set_value_range(value_range)
        self._set_seed(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Draw `shift_factor`, how many of the eight bits each picture loses."""
        if not training:
            return None
        batch, _, _ = self._sizes(self._images_of(data))
        low, high = (int(bits) for bits in self.factor)
        if low == high:
            return {"shift_factor": jnp.full((batch,), _BITS - low, "uint8")}
        bits = random.randint((batch,), low, high, dtype="uint8", seed=self._seed(seed))
        return {"shift_factor": _BITS - bits}

    def _transform_images(self, images: Array, transformation: Any, interpolation: str) -> Array:
        shift = per_image(transformation["shift_factor"], images)
        values = jnp.clip(self._in_bytes(images), 0, 255).astype("uint8")
        return self._from_bytes((values >> shift << shift).astype(images.dtype))


@final
class Solarization(Recolouring):
    """Turn over the tones of bright pixels while training.

        images  = clip(images + additions, 0, 255)                      for images from 0 to 255
        outputs = where(images < thresholds, images, 255 - images)
        additions ~ Uniform(addition_factor) * 255, thresholds ~ Uniform(threshold_factor) * 255, one per picture

    Shapes: `[batch, row, column, channel]` or one picture without `batch`; outputs have the shape of the images.

    Numerics: both bounds of a factor are shares of 255; Keras takes the lower one as a number of its own.

    Args:
        addition_factor: a pair in [0, 1], or a number f for (0, f).
        threshold_factor: a pair in [0, 1], or a number f for (0, f).
        value_range: lowest and highest value of a pixel.
        seed: makes the draws of this layer its own: an integer or a SeedGenerator.

    Raises:
        InvalidArgument: a factor or a range of values that is none.

    Example:
        >>> [float(v) for v in Solarization()([[[55.0], [200.0]]]).ravel()]
        [200.0, 55.0]
    """

    _USE_BASE_FACTOR = False

    def __init__(
        self,
        addition_factor: Any = 0.0,
        threshold_factor: Any = 0.0,
        value_range: Any = (0, 255),
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.addition_factor = self._from_zero("addition_factor", addition_factor)
        self.threshold_factor = self._from_zero("threshold_factor", threshold_factor)
        self._set_value_range(value_range)
        self._set_seed(seed)

    def _from_zero(self, name: str, factor: Any) -> tuple[float, float]:
        low, high = factor_range(self, name, factor, (0, 1))
        return (low, high) if isinstance(factor, (tuple, list)) else (0, high)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Draw `additions` and `thresholds`, in the range from 0 to 255."""
        if not training:
            return None
        factors = {"additions": self.addition_factor, "thresholds": self.threshold_factor}
        return {name: self._each(data, (low * 255, high * 255), seed) for name, (low, high) in factors.items()}

    def _transform_images(self, images: Array, transformation: Any, interpolation: str) -> Array:
        values = jnp.clip(self._in_bytes(images) + per_image(transformation["additions"], images), 0, 255)
        kept = values < per_image(transformation["thresholds"], images)
        return self._from_bytes(jnp.where(kept, values, 255 - values))
