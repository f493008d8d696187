"""Brightness, contrast, hue and saturation; grey and coloured pictures. Bytes are computed as fractions of white."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ranvier import ops
from ranvier.compat.tensorflow.image.types import as_fractions, frames, refusal
from ranvier.state.symbolic import op

__all__ = [
    "adjust_brightness",
    "adjust_contrast",
    "adjust_gamma",
    "adjust_hue",
    "adjust_saturation",
    "grayscale_to_rgb",
    "hsv_to_rgb",
    "per_image_standardization",
    "rgb_to_grayscale",
    "rgb_to_hsv",
]


@op
def adjust_brightness(image: Any, delta: Any) -> Any:
    """Return pictures with `delta` added to their fractions of white.

    Example:
        >>> adjust_brightness(jnp.array([[[10], [250]]], "uint8"), 0.1).ravel().tolist()
        [35, 255]
    """
    return as_fractions(ops.convert_to_tensor(image), lambda x: x + jnp.asarray(delta, x.dtype))


@op
def adjust_contrast(images: Any, contrast_factor: Any) -> Any:
    """Return pictures whose distances from each channel's mean are multiplied, `(x - mean) factor + mean`.

    Raises:
        InvalidArgument: not pictures.
    """

    def change(x: Any) -> Any:
        mean = jnp.mean(x, (-3, -2), keepdims=True)
        return (x - mean) * jnp.asarray(contrast_factor, x.dtype) + mean

    return as_fractions(frames("adjust_contrast", images), change)


@op
def adjust_gamma(image: Any, gamma: Any = 1, gain: Any = 1) -> Any:
    """Return pictures as `gain x^gamma` of their fractions of white.

    Raises:
        InvalidArgument: `gamma` is below 0.
    """
    if isinstance(gamma, (int, float)) and gamma < 0:
        raise refusal("adjust_gamma", "gamma from 0 up", gamma)
    return as_fractions(ops.convert_to_tensor(image), lambda x: gain * x**gamma)


@op
def adjust_hue(image: Any, delta: Any, name: str | None = None) -> Any:
    """Return coloured pictures whose hue is turned by `delta`, a whole turn being 1.

    Raises:
        InvalidArgument: not pictures with three channels, or a `delta` outside of -1 to 1.
    """
    if isinstance(delta, (int, float)) and not -1 <= delta <= 1:
        raise refusal("adjust_hue", "a delta from -1 to 1", delta)

    def change(x: Any) -> Any:
        hue, *others = jnp.moveaxis(rgb_to_hsv(x), -1, 0)
        return hsv_to_rgb(jnp.stack([jnp.mod(hue + delta, 1), *others], -1))

    return as_fractions(frames("adjust_hue", image, 3), change)


@op
def adjust_saturation(image: Any, saturation_factor: Any, name: str | None = None) -> Any:
    """Return coloured pictures whose saturation is multiplied.

    Raises:
        InvalidArgument: not pictures with three channels.
    """

    def change(x: Any) -> Any:
        hue, saturation, value = jnp.moveaxis(rgb_to_hsv(x), -1, 0)
        return hsv_to_rgb(jnp.stack([hue, jnp.clip(saturation * saturation_factor, 0, 1), value], -1))

    return as_fractions(frames("adjust_saturation", image, 3), change)


@op
def rgb_to_hsv(images: Any, name: str | None = None) -> Any:
    """Return hue, saturation and value of colours given by fractions."""
    return ops.image.rgb_to_hsv(images, data_format="channels_last")


@op
def hsv_to_rgb(images: Any, name: str | None = None) -> Any:
    """Return red, green and blue of colours given by hue, saturation and value."""
    return ops.image.hsv_to_rgb(images, data_format="channels_last")


@op
def rgb_to_grayscale(images: Any, name: str | None = None) -> Any:
    """Return the brightness `0.2989 red + 0.587 green + 0.114 blue` in one channel.

    Raises:
        InvalidArgument: not pictures with three channels.
    """
    grey = lambda x: ops.image.rgb_to_grayscale(x, data_format="channels_last")  # noqa: E731
    return as_fractions(frames("rgb_to_grayscale", images, 3), grey, saturate=False)


@op
def grayscale_to_rgb(images: Any, name: str | None = None) -> Any:
    """Return grey pictures with three equal channels.

    Raises:
        InvalidArgument: not pictures with one channel.
    """
    return jnp.repeat(frames("grayscale_to_rgb", images, 1), 3, -1)


@op
def per_image_standardization(image: Any) -> Any:
    """Return each picture with mean 0 and variance 1: `(x - mean) / max(deviation, 1 / sqrt(n))`, n its numbers.

    Raises:
        InvalidArgument: not pictures.
    """
    x = frames("per_image_standardization", image)
    x = x if jnp.issubdtype(x.dtype, jnp.floating) else x.astype("float32")
    axes = (-3, -2, -1)
    count = x.shape[-3] * x.shape[-2] * x.shape[-1]
    deviation = jnp.maximum(jnp.std(x, axes, keepdims=True), count**-0.5)
    return (x - jnp.mean(x, axes, keepdims=True)) / deviation
