"""Colours of pictures: grey values, and hue, saturation and value."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ranvier._errors import InvalidArgument
from ranvier._typing import Array, ArrayLike
from ranvier.ops.core import operand
from ranvier.ops.image_axes import located, reals
from ranvier.state.symbolic import op

__all__ = ["hsv_to_rgb", "rgb_to_grayscale", "rgb_to_hsv"]

_LUMA = (0.2989, 0.5870, 0.1140)


@op
def rgb_to_grayscale(images: ArrayLike, data_format: str | None = None) -> Array:
    """Return the brightness of colours, `0.2989 red + 0.587 green + 0.114 blue`, in one channel.

    Args:
        images: [*row, height, width, channel] with 3 channels; with 1 channel they come back as they are.
        data_format: where the channels are; what is configured for None.

    Raises:
        InvalidArgument: not pictures, or another number of channels.

    Numerics: whole numbers are cut off, not rounded, as in Keras.

    Example:
        >>> rgb_to_grayscale(jnp.array([[[100, 0, 0], [0, 100, 0]]])).tolist()
        [[[29], [58]]]

    Source: ITU-R recommendation BT.601, 1982.
    """
    x = operand(images)
    axis = _channels("rgb_to_grayscale", x, data_format, (3, 1))
    if x.shape[axis] == 1:
        return x
    values = reals(x)
    grey = jnp.tensordot(values, jnp.asarray(_LUMA, values.dtype), axes=(axis, 0), precision="highest")
    return jnp.expand_dims(grey, axis).astype(x.dtype)


@op
def rgb_to_hsv(images: ArrayLike, data_format: str | None = None) -> Array:
    """Return hue, saturation and value of colours, all from 0 to 1.

        value = max(r, g, b),  spread = value - min(r, g, b),  saturation = spread / value
        hue = (g - b) / (6 spread) for the greatest r,  1/3 + (b - r) / (6 spread) for g,  2/3 + (r - g) / (6 spread)
        for b, and 1 more where this is negative

    Grey has hue 0, black also saturation 0.

    Args:
        images: red, green and blue from 0 to 1, [*row, height, width, channel].
        data_format: where the channels are; what is configured for None.

    Raises:
        InvalidArgument: not pictures, another number of channels, or whole numbers.

    Example:
        >>> rgb_to_hsv(jnp.array([[[0.0, 0.5, 0.0]]])).ravel().round(3).tolist()
        [0.3330000042915344, 1.0, 0.5]

    Source: Smith, "Color gamut transform pairs", 1978.
    """
    x = operand(images)
    axis = _channels("rgb_to_hsv", x, data_format, (3,), real=True)
    limits: Any = jnp.finfo
    x = jnp.where(jnp.abs(x) < limits(x.dtype).eps, 0, x)
    red, green, blue = jnp.moveaxis(x, axis, 0)
    value = jnp.maximum(jnp.maximum(red, green), blue)
    spread = value - jnp.minimum(jnp.minimum(red, green), blue)
    coloured = spread > 0
    # A quotient that is not used must be finite too, or its gradient is not a number.
    saturation = jnp.where(value > 0, spread / jnp.where(value > 0, value, 1), 0)
    unit = 1 / (6 * jnp.where(coloured, spread, 1))
    others = jnp.where(value == green, unit * (blue - red) + 2 / 6, unit * (red - green) + 4 / 6)
    hue = jnp.where(value == red, unit * (green - blue), others)
    hue = jnp.where(coloured, hue, 0) + (hue < 0).astype(hue.dtype)
    return jnp.stack([hue, saturation, value], axis)


@op
def hsv_to_rgb(images: ArrayLike, data_format: str | None = None) -> Array:
    """Return red, green and blue of colours given by hue, saturation and value: the inverse of `rgb_to_hsv`.

        colour = value (1 - saturation + saturation purity),  purity of red = clip(|6 hue - 3| - 1, 0, 1),
        of green = clip(2 - |6 hue - 2|, 0, 1),  of blue = clip(2 - |6 hue - 4|, 0, 1)

    Args:
        images: hue (a whole turn is 1), saturation and value from 0 to 1, [*row, height, width, channel].
        data_format: where the channels are; what is configured for None.

    Raises:
        InvalidArgument: not pictures, another number of channels, or whole numbers.

    Example:
        >>> hsv_to_rgb(jnp.array([[[0.5, 1.0, 0.5]]])).ravel().tolist()
        [0.0, 0.5, 0.5]

    Source: Smith, "Color gamut transform pairs", 1978.
    """
    x = operand(images)
    axis = _channels("hsv_to_rgb", x, data_format, (3,), real=True)
    hue, saturation, value = jnp.moveaxis(x, axis, 0)
    sixths = 6 * jnp.mod(hue, 1)
    purities = (jnp.abs(sixths - 3) - 1, 2 - jnp.abs(sixths - 2), 2 - jnp.abs(sixths - 4))
    return jnp.stack([value * ((1 - saturation) + saturation * jnp.clip(one, 0, 1)) for one in purities], axis)


def _channels(place: str, x: Array, data_format: Any, counts: tuple[int, ...], real: bool = False) -> int:
    """Return the channels' axis.

    Raises:
        InvalidArgument: not pictures, another number of channels than `counts`, or whole numbers where `real`.
    """
    axis = located(place, x, data_format)[2]
    if x.shape[axis] not in counts:
        raise InvalidArgument(
            "The pictures have another number of channels.",
            code="image-channels",
            place=place,
            expected=" or ".join(map(str, counts)) + " channels",
            received=f"{x.shape[axis]} in shape {x.shape}",
            fix="cut off alpha with x[..., :3], or check data_format",
        )
    if real and not jnp.issubdtype(x.dtype, jnp.floating):
        raise InvalidArgument(
            "Hue, saturation and value are fractions.",
            code="image-dtype",
            place=place,
            expected="floats from 0 to 1",
            received=x.dtype,
            fix='images.astype("float32") / 255',
        )
    return axis
