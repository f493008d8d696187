"""Layers that blur and sharpen."""

from __future__ import annotations

from typing import Any, Final, final

import jax.numpy as jnp
import numpy as np
from jax import lax

from ranvier import random
from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.layers.preprocessing.image_arguments import factor_range
from ranvier.layers.preprocessing.recolouring import Recolouring, per_image
from ranvier.ops import image

__all__ = ["RandomGaussianBlur", "RandomSharpness"]

# The smoothing kernel of the Python Imaging Library: 1/13 everywhere and 5/13 in the middle.
_AROUND: Final = 1 / 13
_MIDDLE: Final = 5 / 13


@final
class RandomSharpness(Recolouring):
    """Mix pictures with smoothed ones while training, or take the smoothed ones away.

        outputs = clip(images + (1 - 2 * factor) * (smooth - images), low, high)      factor ~ Uniform(factor)
        smooth  = sum of the 3 x 3 pixels around / 13 + 4 / 13 * images, with zeros beyond the border

    Shapes: `[batch, row, column, channel]` or one picture without `batch`; outputs have the shape of the images.

    Args:
        factor: a pair in [0, 1]: 0 smooths, 0.5 leaves the picture as it is, 1 sharpens; a number f for (0, f).
        value_range: lowest and highest value of a pixel, (low, high).
        data_format: `"channels_last"` or `"channels_first"`.
        seed: makes the draws of this layer its own: an integer or a SeedGenerator.

    Raises:
        InvalidArgument: a factor or a range of values that is none.

    Example:
        >>> [round(float(v), 3) for v in RandomSharpness((0, 0))([[[0.0], [13.0], [26.0]]]).ravel()]
        [1.0, 7.0, 11.0]
    """

    _USE_BASE_FACTOR = False
    _FACTOR_BOUNDS = (0, 1)

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
        """Draw `factor`, how sharp each picture becomes."""
        return {"factor": self._each(data, self.factor, seed)} if training else None

    def _transform_images(self, images: Array, transformation: Any, interpolation: str) -> Array:
        around = images
        for axis in (self.height_axis, self.width_axis):
            around = around + _shifted(around, axis, 1) + _shifted(around, axis, -1)
        smooth = _AROUND * around + (_MIDDLE - _AROUND) * images
        share = 1 - 2 * per_image(transformation["factor"], images)
        return jnp.clip(images + share * (smooth - images), *self.value_range)


@final
class RandomGaussianBlur(Recolouring):
    """Blur a random share of the pictures while training.

        outputs = where(should_apply_blur, gaussian_blur(images, kernel_size, blur_factor), images)
        should_apply_blur ~ Bernoulli(p), p ~ Uniform(factor), one per picture
        blur_factor ~ Uniform(sigma), along row and column, one for all pictures

    Shapes: `[batch, row, column, channel]` or one picture without `batch`; outputs have the shape of the images.

    Args:
        factor: bounds of the probability, a pair in [0, 1], or a number f for (0, f).
        kernel_size: an odd number, or two.
        sigma: standard deviation in pixels, a pair in [0, 1], or a number s for (0, s).
        value_range: lowest and highest value of a pixel, to which outputs are cut.
        data_format: `"channels_last"` or `"channels_first"`.
        seed: makes the draws of this layer its own: an integer or a SeedGenerator.

    Raises:
        InvalidArgument: a kernel without a middle, a factor or a range of values that is none.

    Example:
        >>> blurred = RandomGaussianBlur((1, 1), sigma=(1, 1))([[[0.0], [100.0], [0.0]]])
        >>> round(float(blurred[0, 1, 0]), 1)
        20.4
    """

    _USE_BASE_FACTOR = False
    _FACTOR_BOUNDS = (0, 1)

    def __init__(
        self,
        factor: Any = 1.0,
        kernel_size: Any = 3,
        sigma: Any = 1.0,
        value_range: Any = (0, 255),
        data_format: str | None = None,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self._set_factor(factor)
        self.kernel_size = self._odd_pair(kernel_size)
        self.sigma = factor_range(self, "sigma", sigma, self._FACTOR_BOUNDS, overlapping=True)
        self._set_value_range(value_range)
        self._set_seed(seed)

    def _odd_pair(self, kernel_size: Any) -> tuple[int, int]:
        pair = tuple(kernel_size) if isinstance(kernel_size, (tuple, list)) else (kernel_size, kernel_size)
        whole = all(isinstance(v, (int, float, np.integer)) and not isinstance(v, bool) and v == int(v) for v in pair)
        if len(pair) != 2 or not whole or not all(v > 0 and v % 2 for v in pair):
            raise InvalidArgument(
                "A kernel that blurs needs a pixel in its middle.",
                code="kernel-size",
                place=f"layer {self.name!r}: kernel_size",
                expected="an odd number, or a pair of odd numbers",
                received=repr(kernel_size),
            )
        return int(pair[0]), int(pair[1])

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Draw `should_apply_blur`, which pictures are blurred, and `blur_factor`, how much."""
        if not training:
            return None
        chosen = self._chosen(data, seed)
        width = random.uniform((2,), *self.sigma, seed=self._seed(seed)) + 1e-6
        return {"should_apply_blur": chosen, "blur_factor": width}

    def _transform_images(self, images: Array, transformation: Any, interpolation: str) -> Array:
        blurred = image.gaussian_blur(
            images,
            kernel_size=self.kernel_size,
            sigma=transformation["blur_factor"].astype(images.dtype),
            data_format=self.data_format,
        )
        mixed = jnp.where(per_image(transformation["should_apply_blur"], images), blurred, images)
        return jnp.clip(mixed, *self.value_range)


def _shifted(images: Array, axis: int, steps: int) -> Array:
    """Return the pictures moved along an axis by one pixel, with zeros behind them."""
    zero = lax.slice_in_dim(jnp.zeros_like(images), 0, 1, axis=axis)
    size = images.shape[axis]
    if steps > 0:
        return jnp.concatenate([zero, lax.slice_in_dim(images, 0, size - 1, axis=axis)], axis)
    return jnp.concatenate([lax.slice_in_dim(images, 1, size, axis=axis), zero], axis)
