"""Filters of pictures: blur, edges, and how alike two pictures look through a window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp

from ranvier._errors import InvalidArgument
from ranvier._typing import Array, ArrayLike
from ranvier.ops.convolution import depthwise_conv
from ranvier.ops.core import operand
from ranvier.ops.image_axes import as_before, counted, pictures, reals
from ranvier.state.symbolic import op

__all__ = ["blurred", "gaussian_blur", "sobel_edges", "ssim"]

_MOST_SLICES = 15
"""A bell of more taps is a product with a matrix."""


def _bell(size: int, sigma: ArrayLike, dtype: Any) -> Array:
    """Return `size` weights `exp(-x^2 / (2 sigma^2))` of sum 1, x counted from their middle."""
    x = jnp.arange(size, dtype=dtype) - jnp.asarray((size - 1) / 2, dtype)
    weights = jnp.exp(-0.5 * jnp.square(x / jnp.asarray(sigma, dtype)))
    return weights / jnp.sum(weights)


def _filtered(x: Array, vertical: Array, horizontal: Array, padding: str = "same") -> Array:
    """Return `x` [row, height, width, channel] weighted along the height and then along the width."""
    for weights, shape in ((vertical, (-1, 1, 1, 1)), (horizontal, (1, -1, 1, 1))):
        kernel = jnp.reshape(weights, shape)
        kernel = jnp.broadcast_to(kernel, (*kernel.shape[:2], x.shape[-1], 1))
        x = depthwise_conv(x, kernel, padding=padding, data_format="channels_last")
    return x


def _smeared(x: Array, weights: Array, axis: int) -> Array:
    """Return `x` weighted along an axis, zeros outside, as a product with a matrix: many taps take long to compile."""
    places = jnp.arange(x.shape[axis])
    tap = places - places[:, None] + (weights.size - 1) // 2
    matrix = jnp.where((tap >= 0) & (tap < weights.size), weights[jnp.clip(tap, 0, weights.size - 1)], 0)
    return jnp.moveaxis(jnp.tensordot(matrix, x, (1, axis), precision="highest"), 0, axis)


def blurred(x: Array, kernel_size: Sequence[int], sigma: Any) -> Array:
    """Return `x` [row, height, width, channel] under a bell of (width, height) taps and standard deviations."""
    (wide, high), (across, down) = kernel_size, sigma
    vertical, horizontal = _bell(high, down, x.dtype), _bell(wide, across, x.dtype)
    if max(wide, high) > _MOST_SLICES:
        return _smeared(_smeared(x, vertical, 1), horizontal, 2)
    return _filtered(x, vertical, horizontal)


@op
def gaussian_blur(
    images: ArrayLike, kernel_size: Sequence[int] = (3, 3), sigma: Any = (1.0, 1.0), data_format: str | None = None
) -> Array:
    """Return pictures whose pixels are means of those around them, weighted by a bell.

        weight of the pixel (x, y) away ~ exp(-x^2 / (2 sigma[0]^2) - y^2 / (2 sigma[1]^2)), of sum 1; zeros outside

    Args:
        images: [*row, height, width, channel], or [*row, channel, height, width] when channels_first.
        kernel_size: taps along the width and along the height.
        sigma: standard deviations [pixels] along the width and along the height.
        data_format: where the channels are; what is configured for None.

    Raises:
        InvalidArgument: not pictures, or not two kernel sizes and two standard deviations.

    Numerics: whole numbers are computed as floats and rounded. Keras on JAX takes `data_format=None` as
        channels_first, whatever is configured; here it means what is configured, as everywhere.

    Example:
        >>> gaussian_blur(jnp.array([0, 1000, 0]).reshape(1, 3, 1), (3, 1)).ravel().tolist()
        [274, 452, 274]
    """
    place = "gaussian_blur"
    sizes = counted(place, "kernel_size", kernel_size, 2)
    widths = sigma if isinstance(sigma, (list, tuple)) else operand(sigma)
    if (len(widths) if isinstance(widths, (list, tuple)) else widths.size) != 2:
        raise InvalidArgument(
            "A blur has one standard deviation along the width and one along the height.",
            code="image-argument",
            place=f"{place}: sigma",
            expected="two numbers above 0",
            received=repr(sigma),
        )
    x, back = pictures(place, images, data_format)
    return as_before(back(blurred(reals(x), sizes, (widths[0], widths[1]))), x.dtype)


@op
def sobel_edges(images: ArrayLike, data_format: str | None = None) -> Array:
    """Return the slopes of pictures, `[..., (down, across)]`.

        across = [1, 2, 1]^T [-1, 0, 1],  down = [-1, 0, 1]^T [1, 2, 1]; zeros outside

    Args:
        images: [row, height, width, channel], or [row, channel, height, width] when channels_first.
        data_format: where the channels are; what is configured for None.

    Raises:
        InvalidArgument: not a batch of pictures, or numbers without a sign, which cannot hold a slope.

    Example:
        >>> x = jnp.tile(jnp.arange(3.0), (3, 1)).reshape(1, 3, 3, 1)
        >>> sobel_edges(x)[0, 1, 1, 0].tolist()
        [0.0, 8.0]

    Source: Sobel and Feldman, "A 3x3 isotropic gradient operator for image processing", 1968.
    """
    place = "sobel_edges"
    x, back = pictures(place, images, data_format)
    signed = jnp.issubdtype(x.dtype, jnp.floating) or jnp.issubdtype(x.dtype, jnp.signedinteger)
    if operand(images).ndim != 4 or not signed:
        raise InvalidArgument(
            "Edges are found in a batch of pictures whose numbers can be negative.",
            code="image-rank" if operand(images).ndim != 4 else "image-dtype",
            place=place,
            expected="four axes, floats or signed integers",
            received=f"shape {operand(images).shape}, {x.dtype}",
            fix='images.astype("float32"), and images[None] for a single picture',
        )
    slope, smooth = jnp.asarray([-1, 0, 1], x.dtype), jnp.asarray([1, 2, 1], x.dtype)
    return jnp.stack([back(_filtered(x, slope, smooth)), back(_filtered(x, smooth, slope))], -1)


@op
def ssim(
    image1: ArrayLike,
    image2: ArrayLike,
    max_val: float = 1.0,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
    data_format: str | None = None,
) -> Array:
    """Return how alike two pictures look, 1 for equal ones: the structural similarity index, [*row].

        (2 m1 m2 + c1) (2 v12 + c2) / ((m1^2 + m2^2 + c1) (v1 + v2 + c2)),  c1 = (k1 max_val)^2,  c2 = (k2 max_val)^2

    with means m and (co)variances v under a bell, averaged over its places and the channels.

    Args:
        image1: [*row, height, width, channel], or [*row, channel, height, width] when channels_first.
        image2: of the same shape.
        max_val: the distance between the greatest and the smallest possible value.
        filter_size: taps of the bell along both sides.
        filter_sigma: its standard deviation [pixels].
        k1: keeps the quotient steady where it is dark.
        k2: keeps it steady where nothing varies.
        data_format: where the channels are; what is configured for None.

    Raises:
        InvalidArgument: not pictures, other shapes than each other, or smaller than the bell.

    Numerics: pictures of whole numbers give floats; Keras cuts the index off to a whole number.

    Example:
        >>> x = jnp.linspace(0.0, 1.0, 121).reshape(11, 11, 1)
        >>> round(float(ssim(x, x)), 4), round(float(ssim(x, 1 - x)), 2)
        (1.0, -0.95)

    Source: Wang et al., "Image quality assessment: from error visibility to structural similarity", 2004.
    """
    place = "ssim"
    a, b = (pictures(place, image, data_format)[0] for image in (image1, image2))
    counted(place, "filter_size", (filter_size,), 1)
    if operand(image1).shape != operand(image2).shape or min(a.shape[1:3]) < filter_size:
        raise InvalidArgument(
            "These pictures cannot be compared.",
            code="image-size",
            place=place,
            expected=f"equal shapes, height and width from filter_size={filter_size} up",
            received=f"{operand(image1).shape} and {operand(image2).shape}",
        )
    a = reals(a)
    b = b.astype(a.dtype)
    bell = _bell(filter_size, filter_sigma, a.dtype)
    means = _filtered(jnp.concatenate([a, b, a * a, b * b, a * b], -1), bell, bell, "valid")
    m1, m2, s1, s2, s12 = jnp.split(means, 5, -1)
    c1, c2 = (k1 * max_val) ** 2, (k2 * max_val) ** 2
    alike = (2 * m1 * m2 + c1) * (2 * (s12 - m1 * m2) + c2)
    index = alike / ((m1 * m1 + m2 * m2 + c1) * (s1 - m1 * m1 + s2 - m2 * m2 + c2))
    each = jnp.mean(index, (1, 2, 3))
    return each[0] if operand(image1).ndim == 3 else each
