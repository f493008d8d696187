"""How alike pictures are, and how they change from pixel to pixel."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ranvier import ops
from ranvier.compat.tensorflow.image.types import convert_image_dtype, frames, refusal
from ranvier.state.symbolic import op

__all__ = ["image_gradients", "psnr", "sobel_edges", "ssim", "total_variation"]


def _pair(place: str, one: Any, two: Any, max_val: Any) -> tuple[Any, Any, Any]:
    """Return two pictures and their greatest value as fractions of white."""
    a, b = frames(place, one), frames(place, two)
    if a.shape[-3:] != b.shape[-3:]:
        raise refusal(place, f"two pictures of shape {a.shape}", b.shape)
    most = convert_image_dtype(jnp.asarray(max_val).astype(a.dtype), "float32")
    return convert_image_dtype(a, "float32"), convert_image_dtype(b, "float32"), most


@op
def psnr(a: Any, b: Any, max_val: Any, name: str | None = None) -> Any:
    """Return the peak signal-to-noise ratio [dB] of each pair of pictures.

    Raises:
        InvalidArgument: not pictures, or of different shapes.
    """
    x, y, most = _pair("psnr", a, b, max_val)
    error = jnp.mean(jnp.square(x - y), (-3, -2, -1))
    return 20 * jnp.log10(most) - 10 * jnp.log10(error)


@op
def ssim(
    img1: Any,
    img2: Any,
    max_val: Any,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
) -> Any:
    """Return the structural similarity of each pair of pictures, 1 for equal ones.

    Raises:
        InvalidArgument: not pictures, of different shapes, or smaller than the filter.
    """
    x, y, most = _pair("ssim", img1, img2, max_val)
    return ops.image.ssim(x, y, most, filter_size, filter_sigma, k1, k2, "channels_last")


@op
def total_variation(images: Any, name: str | None = None) -> Any:
    """Return the sum of the absolute differences between neighbouring pixels, for each picture.

    Raises:
        InvalidArgument: not pictures.

    Example:
        >>> float(total_variation(jnp.array([[[0.0], [3.0]], [[1.0], [1.0]]])))
        6.0
    """
    x = frames("total_variation", images)
    axes = (-3, -2, -1)
    return sum(jnp.sum(jnp.abs(jnp.diff(x, axis=axis)), axes) for axis in (-3, -2))


@op
def sobel_edges(image: Any) -> Any:
    """Return the slopes of pictures, `[..., (down, across)]`; pictures go on mirrored beyond their sides.

    Raises:
        InvalidArgument: not a batch of pictures.
    """
    if ops.ndim(image) != 4:
        raise refusal("sobel_edges", "[row, height, width, channel]", f"shape {ops.shape(image)}")
    x = jnp.pad(ops.convert_to_tensor(image), ((0, 0), (1, 1), (1, 1), (0, 0)), "reflect")
    return ops.image.sobel_edges(x, "channels_last")[:, 1:-1, 1:-1]


@op
def image_gradients(image: Any) -> Any:
    """Return the differences to the pixel below and to the one on the right; 0 in the last row and column.

    Raises:
        InvalidArgument: not a batch of pictures.
    """
    if ops.ndim(image) != 4:
        raise refusal("image_gradients", "[row, height, width, channel]", f"shape {ops.shape(image)}")
    x = ops.convert_to_tensor(image)
    down, across = (jnp.diff(x, axis=axis) for axis in (1, 2))
    return jnp.pad(down, ((0, 0), (0, 1), (0, 0), (0, 0))), jnp.pad(across, ((0, 0), (0, 0), (0, 1), (0, 0)))
