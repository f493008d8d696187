"""Pictures as blocks and patches, and how near one is to another."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ranvier import _config
from ranvier._errors import InvalidArgument
from ranvier._typing import Array, ArrayLike
from ranvier.ops.core import operand
from ranvier.ops.rearranging import rearrange
from ranvier.state.symbolic import op

__all__ = ["depth_to_space", "fold", "psnr", "space_to_depth", "unfold"]

_JOINED = {"channels_last": "n h w (a b c) -> n (h a) (w b) c", "channels_first": "n (c a b) h w -> n c (h a) (w b)"}


def _pattern(x: Array, block_size: int, data_format: str | None) -> str:
    known = data_format or _config.image_data_format()
    if x.ndim != 4 or block_size < 2 or known not in _JOINED:
        raise InvalidArgument(
            "Blocks are made of pictures.",
            code="block-arguments",
            place="space_to_depth, depth_to_space",
            expected="four axes, block_size from 2 up, channels_last or channels_first",
            received=f"shape {x.shape}, block_size={block_size}, {known!r}",
        )
    return _JOINED[known]


@op
def depth_to_space(x: ArrayLike, block_size: int, data_format: str = "channels_last") -> Array:
    """Return pictures whose channels have become blocks of pixels: [n, h, w, a b c] gives [n, h a, w b, c].

    Args:
        x: pictures [n, h, w, channel], or [n, channel, h, w] when channels_first.
        block_size: a = b, sides of a block.
        data_format: where the channels are.

    Raises:
        InvalidArgument: not pictures, or their channels do not divide into blocks.

    Example:
        >>> depth_to_space(jnp.arange(4).reshape(1, 1, 1, 4), 2)[0, :, :, 0].tolist()
        [[0, 1], [2, 3]]

    Source: Shi et al., "Real-time single image and video super-resolution", 2016.
    """
    x = operand(x)
    return rearrange(x, _pattern(x, block_size, data_format), a=block_size, b=block_size)


@op
def space_to_depth(x: ArrayLike, block_size: int, data_format: str = "channels_last") -> Array:
    """Return pictures whose blocks of pixels have become channels: the inverse of `depth_to_space`.

    Raises:
        InvalidArgument: not pictures, or they do not divide into blocks.
    """
    x = operand(x)
    joined, _, split = _pattern(x, block_size, data_format).partition(" -> ")
    return rearrange(x, f"{split} -> {joined}", a=block_size, b=block_size)


def _two(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def _taps(size: int, kernel: int, dilation: int, stride: int) -> Array:
    """Return the positions [patch, tap] along an axis of `size`."""
    count = (size - dilation * (kernel - 1) - 1) // stride + 1
    return stride * jnp.arange(count)[:, None] + dilation * jnp.arange(kernel)


def _grid(size: Any, kernel_size: Any, dilation: Any, stride: Any) -> tuple[Array, Array]:
    """Return the rows and columns [patch row, row tap, patch column, column tap] of all patches."""
    rows, columns = (_taps(*axis) for axis in zip(size, _two(kernel_size), _two(dilation), _two(stride), strict=True))
    return rows[:, :, None, None], columns[None, None]


@op
def unfold(x: ArrayLike, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Array:
    """Return the patches of pictures as columns, [n, channel * row tap * column tap, patch].

    Args:
        x: pictures [n, channel, h, w].
        kernel_size: sides of a patch, one number or (rows, columns), as are the others.
        dilation: steps between its taps.
        padding: zeros added at each side of the picture.
        stride: steps from one patch to the next.

    Raises:
        InvalidArgument: `x` does not have four axes.

    Example:
        >>> unfold(jnp.arange(4).reshape(1, 1, 2, 2), (1, 2)).tolist()
        [[[0, 2], [1, 3]]]
    """
    x = operand(x)
    if x.ndim != 4:
        raise _axes("unfold", "[n, channel, h, w]", x)
    vertical, horizontal = _two(padding)
    x = jnp.pad(x, ((0, 0), (0, 0), (vertical, vertical), (horizontal, horizontal)))
    rows, columns = _grid(x.shape[2:], kernel_size, dilation, stride)
    return rearrange(x[:, :, rows, columns], "n c h a w b -> n (c a b) (h w)")


@op
def fold(
    x: ArrayLike, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> Array:
    """Return pictures [n, channel, h, w] as the sum of patches: the transpose of `unfold`.

    Args:
        x: patches [n, channel * row tap * column tap, patch].
        output_size: (h, w), or one number for both.
        kernel_size: as given to `unfold`, as are the others.
        dilation: steps between the taps of a patch.
        padding: zeros that were added at each side.
        stride: steps from one patch to the next.

    Raises:
        InvalidArgument: `x` does not have three axes, or its sizes do not fit.
    """
    x = operand(x)
    if x.ndim != 3:
        raise _axes("fold", "[n, channel * tap, patch]", x)
    (height, width), (vertical, horizontal) = _two(output_size), _two(padding)
    outer = (height + 2 * vertical, width + 2 * horizontal)
    rows, columns = _grid(outer, kernel_size, dilation, stride)
    sizes = {"a": rows.shape[1], "b": columns.shape[3], "h": rows.shape[0], "w": columns.shape[2]}
    patches = rearrange(x, "n (c a b) (h w) -> n c h a w b", **sizes)
    whole = jnp.zeros((*patches.shape[:2], *outer), x.dtype).at[:, :, rows, columns].add(patches)
    return whole[:, :, vertical : vertical + height, horizontal : horizontal + width]


def _axes(place: str, expected: str, x: Array) -> InvalidArgument:
    return InvalidArgument(
        f"{place} takes an array of another rank.", code="patch-axes", place=place, expected=expected, received=x.shape
    )


@op
def psnr(x1: ArrayLike, x2: ArrayLike, max_val: float) -> Array:
    """Return the peak signal-to-noise ratio [dB], `20 log10(max_val) - 10 log10(mean((x1 - x2)^2))`.

    Raises:
        InvalidArgument: the shapes differ.

    Example:
        >>> round(float(psnr(jnp.zeros(4), jnp.full(4, 0.1), 1.0)), 3)
        20.0
    """
    a, b = operand(x1), operand(x2)
    if a.shape != b.shape:
        raise InvalidArgument(
            "The pictures have different shapes.", code="psnr-shape", place="psnr", expected=a.shape, received=b.shape
        )
    peak = jnp.asarray(max_val, b.dtype)
    return 20 * jnp.log10(peak) - 10 * jnp.log10(jnp.mean(jnp.square(a - b)))
