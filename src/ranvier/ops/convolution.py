"""Convolutions of any rank, their transposes, and those that treat each channel by itself.

On a processor they are patches and a matrix product: inside a compiled loop XLA's own convolution, and its gradient
above all, runs many times slower there than alone (`benchmarks/in_the_loop.py`). Elsewhere they are XLA's.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any, cast

import jax
import jax.numpy as jnp
from jax import lax

from ranvier._errors import InvalidArgument
from ranvier._typing import Array, ArrayLike
from ranvier.ops.core import operand
from ranvier.ops.sliding import Window, integers, known_padding, patches, placed, to_last, under
from ranvier.state.symbolic import op

__all__ = ["conv", "conv_transpose", "depthwise_conv", "separable_conv"]

_PATCH_BYTES = 2**28
"""Patches that would need more memory than this are made for some rows at a time."""


@op
def conv(
    inputs: ArrayLike,
    kernel: ArrayLike,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Array:
    """Return the weighted sums of what lies under a sliding window.

        outputs[n, i, f] = sum_{j, c} inputs[n, i * strides + j * dilation_rate - low, c] * kernel[j, c, f]

    i and j stand for one index per spatial axis; low is 0 for `"valid"`. Where `kernel` has fewer channels than
    `inputs`, these are split into groups, and filter f sees the group that its place among the filters falls into.

    Args:
        inputs: [row, *space, channel], or [row, channel, *space] when channels_first.
        kernel: [*tap, channel, filter], or [*tap, channel / groups, filter].
        strides: steps between the places of the window, one number or one per axis.
        padding: `"valid"`: the window stays inside; `"same"`: zeros at the ends, `ceil(size / strides)` places.
        data_format: where the channels are; what is configured for None.
        dilation_rate: steps between the taps of the window.

    Raises:
        InvalidArgument: shapes or arguments that do not fit each other.

    Example:
        >>> x, ones = jnp.array([1.0, 2.0, 3.0]).reshape(1, 3, 1), jnp.ones((2, 1, 1))
        >>> conv(x, ones)[0, :, 0].tolist()
        [3.0, 5.0]

    Source: LeCun et al., "Backpropagation applied to handwritten zip code recognition", 1989.
    """
    w = operand(kernel)
    x, first = to_last("conv", operand(inputs).astype(w.dtype), data_format, w.ndim - 2)
    channels, own, filters = x.shape[-1], w.shape[-2], w.shape[-1]
    if not own or channels % own or filters % (channels // own):
        raise _channels(
            "conv", f"a multiple of the kernel's {own}, and {filters} filters for each group alike", channels
        )
    windows = placed("conv", x.shape[1:-1], w.shape[:-2], strides, padding, dilation_rate)
    y = _convolved(x, w, windows)
    return jnp.moveaxis(y, -1, 1) if first else y


@op
def depthwise_conv(
    inputs: ArrayLike,
    kernel: ArrayLike,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Array:
    """Return the convolution of each channel by itself, with `multiplier` filters each.

        outputs[n, i, c * multiplier + m] = sum_j inputs[n, i * strides + j * dilation_rate - low, c] * kernel[j, c, m]

    Args:
        inputs: [row, *space, channel], or [row, channel, *space] when channels_first.
        kernel: [*tap, channel, multiplier].
        strides: steps between the places of the window, one number or one per axis.
        padding: `"valid"` or `"same"`, see `conv`.
        data_format: where the channels are; what is configured for None.
        dilation_rate: steps between the taps of the window.

    Raises:
        InvalidArgument: shapes or arguments that do not fit each other.

    Example:
        >>> depthwise_conv(jnp.ones((1, 2, 2)), jnp.array([[[1.0], [3.0]], [[1.0], [3.0]]])).tolist()
        [[[2.0, 6.0]]]

    Source: Sifre, "Rigid-motion scattering for image classification", 2014, section 6.2.
    """
    w = operand(kernel)
    x, first = to_last("depthwise_conv", operand(inputs).astype(w.dtype), data_format, w.ndim - 2)
    if x.shape[-1] != w.shape[-2]:
        raise _channels("depthwise_conv", f"the kernel's {w.shape[-2]}", x.shape[-1])
    windows = placed("depthwise_conv", x.shape[1:-1], w.shape[:-2], strides, padding, dilation_rate)
    y = _convolved(x, jnp.reshape(w, (*w.shape[:-2], 1, math.prod(w.shape[-2:]))), windows)
    return jnp.moveaxis(y, -1, 1) if first else y


@op
def separable_conv(
    inputs: ArrayLike,
    depthwise_kernel: ArrayLike,
    pointwise_kernel: ArrayLike,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Array:
    """Return a convolution of each channel by itself whose channels are then mixed at each place.

        outputs = conv(depthwise_conv(inputs, depthwise_kernel), pointwise_kernel)

    Args:
        inputs: [row, *space, channel], or [row, channel, *space] when channels_first.
        depthwise_kernel: [*tap, channel, multiplier].
        pointwise_kernel: [*1, channel * multiplier, filter].
        strides: steps between the places of the window, one number or one per axis.
        padding: `"valid"` or `"same"`, see `conv`.
        data_format: where the channels are; what is configured for None.
        dilation_rate: steps between the taps of the window.

    Raises:
        InvalidArgument: shapes or arguments that do not fit each other.

    Example:
        >>> separable_conv(jnp.ones((1, 3, 1)), jnp.ones((2, 1, 1)), jnp.full((1, 1, 1), 4.0))[0, :, 0].tolist()
        [8.0, 8.0]

    Source: Chollet, "Xception: deep learning with depthwise separable convolutions", 2017.
    """
    depthwise, pointwise = operand(depthwise_kernel), operand(pointwise_kernel)
    between = math.prod(depthwise.shape[-2:])
    if pointwise.shape[:-1] != (*(1,) * (depthwise.ndim - 2), between):
        raise _channels("separable_conv", f"{between} in the pointwise kernel, which has one tap", pointwise.shape)
    apart = depthwise_conv(inputs, depthwise, strides, padding, data_format, dilation_rate)
    return conv(apart, pointwise, data_format=data_format)


@op
def conv_transpose(
    inputs: ArrayLike,
    kernel: ArrayLike,
    strides: Any = 1,
    padding: str = "valid",
    output_padding: Any = None,
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Array:
    """Return the transpose of a convolution: every value puts its weighted window into the outputs, which add up.

        outputs[n, i * strides + j * dilation_rate - low, f] += inputs[n, i, c] * kernel[j, f, c]

    Sizes, with reach = dilation_rate * (taps - 1) + 1: `"valid"`: `(size - 1) * strides + reach + output_padding`, by
    default `max(strides - reach, 0)`; `"same"`: `size * strides`, or with an output_padding
    `(size - 1) * strides + reach % 2 + output_padding`.

    Args:
        inputs: [row, *space, channel], or [row, channel, *space] when channels_first.
        kernel: [*tap, filter, channel].
        strides: steps between the windows in the outputs, one number or one per axis.
        padding: `"valid"` or `"same"`.
        output_padding: see the sizes.
        data_format: where the channels are; what is configured for None.
        dilation_rate: steps between the taps of the window.

    Raises:
        InvalidArgument: shapes or arguments that do not fit each other.

    Example:
        >>> x, ones = jnp.array([1.0, 2.0]).reshape(1, 2, 1), jnp.ones((3, 1, 1))
        >>> conv_transpose(x, ones, strides=2)[0, :, 0].tolist()
        [1.0, 1.0, 3.0, 2.0, 2.0]

    Source: Zeiler et al., "Deconvolutional networks", 2010.
    """
    place, w = "conv_transpose", operand(kernel)
    rank = w.ndim - 2
    x, first = to_last(place, operand(inputs).astype(w.dtype), data_format, rank)
    if x.shape[-1] != w.shape[-1]:
        raise _channels(place, f"the kernel's {w.shape[-1]}", x.shape[-1])
    padding = known_padding(place, padding)
    strides, dilations = (
        integers(place, name, value, rank) for name, value in (("strides", strides), ("dilation_rate", dilation_rate))
    )
    extra = [None] * rank if output_padding is None else integers(place, "output_padding", output_padding, rank, 0)
    sides = zip(x.shape[1:-1], w.shape[:-2], strides, dilations, extra, strict=True)
    windows = [_spread(*side, padding) for side in sides]
    y = _spread_out(x, w, windows)
    return jnp.moveaxis(y, -1, 1) if first else y


def _channels(place: str, expected: str, received: object) -> InvalidArgument:
    return InvalidArgument(
        "The channels of the inputs do not fit those of the kernel.",
        code="conv-channels",
        place=place,
        expected=f"channels: {expected}",
        received=received,
        fix="check data_format, the kernel's shape, and that the groups divide channels and filters",
    )


def _spread(length: int, size: int, stride: int, dilation: int, extra: int | None, padding: str) -> Window:
    """Return the window that slides over the outputs of a transpose so that it stands at `length` places."""
    reach = dilation * (size - 1) + 1
    if padding == "valid":
        low, total = 0, (length - 1) * stride + reach + (max(stride - reach, 0) if extra is None else extra)
    else:
        total = length * stride if extra is None else (length - 1) * stride + reach % 2 + extra
        both = total - (length - 1) * stride + reach - 2
        low = reach - 1 - min(both - both // 2, reach - 1)
    return Window(size, stride, dilation, low, (length - 1) * stride + reach - total - low, length)


def _by_patches() -> bool:
    return jax.default_backend() == "cpu"


def _letters(rank: int) -> tuple[str, str, str]:
    space = "DHW"[-rank:] if rank <= 3 else "ABDEFGHJ"[:rank]
    return f"N{space}C", f"{space}IO", f"N{space}C"


def _convolved(x: Array, w: Array, windows: Sequence[Window]) -> Array:
    """Return the convolution of `x` [row, *space, channel] with `w` [*tap, channel / groups, filter]."""
    if not _by_patches():
        return lax.conv_general_dilated(
            x,
            w,
            [window.stride for window in windows],
            [(window.low, window.high) for window in windows],
            rhs_dilation=[window.dilation for window in windows],
            dimension_numbers=_letters(len(windows)),
            feature_group_count=x.shape[-1] // w.shape[-2],
        )
    numbers = math.prod(window.size * window.places for window in windows) * x.shape[-1]
    rows = max(_PATCH_BYTES // max(numbers * x.dtype.itemsize, 1), 1)
    if x.shape[0] <= rows:
        return _multiplied(x, w, windows)
    y: Array = lax.map(jax.checkpoint(lambda row: _multiplied(row[None], w, windows)[0]), x, batch_size=rows)
    return y


def _multiplied(x: Array, w: Array, windows: Sequence[Window]) -> Array:
    groups, filters = x.shape[-1] // w.shape[-2], w.shape[-1]
    if w.shape[-2] == 1 and groups > 1:
        return _each_by_itself(x, w, windows)
    if groups > 1:
        apart = jnp.reshape(x, (*x.shape[:-1], groups, w.shape[-2]))
        weights = jnp.reshape(w, (*w.shape[:-1], groups, filters // groups))
        y = jax.vmap(lambda x, w: _multiplied(x, w, windows), (-2, -2), -2)(apart, weights)
        return jnp.reshape(y, (*y.shape[:-2], filters))
    rows = patches(x, windows)
    return rows @ jnp.reshape(w, (rows.shape[-1], filters))


def _each_by_itself(x: Array, w: Array, windows: Sequence[Window]) -> Array:
    """Return the convolution whose groups have one channel: a sum over taps, without a matrix product."""
    channels = x.shape[-1]
    weights = jnp.reshape(w, (-1, channels, w.shape[-1] // channels))
    total = functools.reduce(jnp.add, (part[..., None] * weights[tap] for tap, part in enumerate(under(x, windows))))
    return jnp.reshape(total, (*total.shape[:-2], w.shape[-1]))


def _spread_out(x: Array, w: Array, windows: Sequence[Window]) -> Array:
    """Return the transpose of a convolution over `windows`: `x` [row, *place, channel], `w` [*tap, filter, channel]."""
    sizes = [(v.places - 1) * v.stride + v.dilation * (v.size - 1) + 1 - v.low - v.high for v in windows]
    outputs = jax.ShapeDtypeStruct((x.shape[0], *sizes, w.shape[-2]), x.dtype)
    if not _by_patches():
        (y,) = jax.linear_transpose(lambda y: _convolved(y, w, windows), outputs)(x)
        return cast("Array", y)
    columns = x @ jnp.reshape(w, (-1, w.shape[-1])).T
    (y,) = jax.linear_transpose(lambda y: patches(y, windows), outputs)(columns)
    return cast("Array", y)
