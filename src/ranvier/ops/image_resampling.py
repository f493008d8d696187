"""Pictures in another size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from ranvier._errors import InvalidArgument
from ranvier._typing import Array, ArrayLike
from ranvier.ops.core import operand
from ranvier.ops.image_axes import as_before, counted, known, located
from ranvier.state.symbolic import op

__all__ = ["resize", "scale_and_translate"]

_RESIZING = ("bilinear", "nearest", "lanczos3", "lanczos5", "bicubic")
_SCALING = ("linear", "bilinear", "trilinear", "cubic", "bicubic", "tricubic", "lanczos3", "lanczos5")


@op
def resize(
    images: ArrayLike,
    size: Sequence[int],
    interpolation: str = "bilinear",
    antialias: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    fill_mode: str = "constant",
    fill_value: float = 0.0,
    data_format: str | None = None,
) -> Array:
    """Return pictures with another height and width.

    The centre of pixel i lies at `(i + 0.5) * old / new - 0.5` of the old picture; the pixels around it count by the
    interpolation's kernel.

    Args:
        images: [*row, height, width, channel], or [*row, channel, height, width] when channels_first.
        size: the new (height, width).
        interpolation: `"bilinear"`, `"nearest"`, `"bicubic"`, `"lanczos3"` or `"lanczos5"`.
        antialias: whether the kernel grows with the pixels when a picture shrinks.
        crop_to_aspect_ratio: whether the sides that do not fit are cut off first, instead of being squeezed.
        pad_to_aspect_ratio: whether `fill_value` is added at the sides first.
        fill_mode: `"constant"`.
        fill_value: what is added.
        data_format: where the channels are; what is configured for None.

    Raises:
        InvalidArgument: not pictures, or arguments that cannot be right.

    Numerics: whole numbers are computed as floats, rounded, and kept within the bounds of their type.

    Example:
        >>> resize(jnp.array([0.0, 4.0]).reshape(1, 2, 1), (1, 4)).ravel().tolist()
        [0.0, 1.0, 3.0, 4.0]

    Source: Keys, "Cubic convolution interpolation for digital image processing", 1981 (bicubic).
    """
    place, x = "resize", operand(images)
    dtype = x.dtype
    known(place, "interpolation", interpolation, _RESIZING)
    known(place, "fill_mode", fill_mode, ("constant",))
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise InvalidArgument(
            "A picture is either cropped or padded to an aspect ratio.",
            code="image-argument",
            place=place,
            expected="one of crop_to_aspect_ratio and pad_to_aspect_ratio",
            received="both",
        )
    height, width = counted(place, "size", size, 2)
    rows, columns, _ = located(place, x, data_format)
    if crop_to_aspect_ratio:
        x = _cropped(x, (rows, columns), (height, width))
    elif pad_to_aspect_ratio:
        x = _padded(x, (rows, columns), (height, width), fill_value)
    shape = list(x.shape)
    shape[rows], shape[columns] = height, width
    return as_before(jax.image.resize(x, shape, interpolation, antialias), dtype)


def _scaled(lengths: tuple[int, int], target: tuple[int, int]) -> tuple[int, int]:
    """Return the height that the width asks for at the target's aspect ratio, and the width that the height does."""
    return int(lengths[1] * target[0] / target[1]), int(lengths[0] * target[1] / target[0])


def _cropped(x: Array, axes: tuple[int, int], target: tuple[int, int]) -> Array:
    lengths = (x.shape[axes[0]], x.shape[axes[1]])
    kept = [slice(None)] * x.ndim
    for axis, length, wanted in zip(axes, lengths, _scaled(lengths, target), strict=True):
        size = max(min(length, wanted), 1)
        start = (length - size) // 2
        kept[axis] = slice(start, start + size)
    return x[tuple(kept)]


def _padded(x: Array, axes: tuple[int, int], target: tuple[int, int], fill_value: Any) -> Array:
    """Return the pictures with equal margins at both sides; an odd missing row is not added, as in Keras."""
    lengths = (x.shape[axes[0]], x.shape[axes[1]])
    margins = [(0, 0)] * x.ndim
    for axis, length, wanted in zip(axes, lengths, _scaled(lengths, target), strict=True):
        margin = (max(wanted, length) - length) // 2
        margins[axis] = (margin, margin)
    return jnp.pad(x.astype(jnp.result_type(x.dtype, fill_value)), margins, constant_values=fill_value)


@op
def scale_and_translate(
    images: ArrayLike,
    output_shape: Sequence[int],
    scale: ArrayLike,
    translation: ArrayLike,
    spatial_dims: Sequence[int],
    method: str,
    antialias: bool = True,
) -> Array:
    """Return arrays that were scaled and then moved along some axes, both by numbers that gradients reach.

        outputs[i] = images at (i + 0.5 - translation) / scale - 0.5; 0 outside

    Args:
        images: an array of any shape.
        output_shape: the shape of the result, equal to that of `images` along the other axes.
        scale: one factor for each of the axes.
        translation: one distance [pixels of the result] for each of them.
        spatial_dims: these axes.
        method: `"linear"` (or `"bilinear"`, `"trilinear"`), `"cubic"` (`"bicubic"`, `"tricubic"`), `"lanczos3"` or
            `"lanczos5"`.
        antialias: whether the kernel grows with the pixels when the array shrinks.

    Raises:
        InvalidArgument: an unknown method, or numbers that do not belong to each other.

    Example:
        >>> x = jnp.array([1.0, 2.0, 3.0])
        >>> scale_and_translate(x, (3,), jnp.array([1.0]), jnp.array([1.0]), (0,), "linear").tolist()
        [0.0, 1.0, 2.0]
    """
    place = "scale_and_translate"
    x, factors, distances = operand(images), operand(scale), operand(translation)
    known(place, "method", method, _SCALING)
    shape, axes = tuple(output_shape), tuple(spatial_dims)
    places = {axis % x.ndim for axis in axes if -x.ndim <= axis < x.ndim}
    fits = len(shape) == x.ndim and all(i in places or shape[i] == x.shape[i] for i in range(x.ndim))
    if len(places) != len(axes) or not fits or factors.shape != (len(axes),) or distances.shape != (len(axes),):
        raise InvalidArgument(
            "The shapes do not belong to each other.",
            code="image-size",
            place=place,
            expected=f"output_shape as {x.shape} but for spatial_dims, and one scale and translation for each of these",
            received=f"output_shape={shape}, spatial_dims={axes}, scale {factors.shape}, translation {distances.shape}",
        )
    moved: Array = jax.image.scale_and_translate(x, shape, axes, factors, distances, method, antialias)
    return moved
