"""Convolutions of any rank, their transposes, and those that treat each channel by itself.

The sums are the kernel's (`kernels/convolution.py`); here are the arguments, and the transposes.
"""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp

from ranvier._errors import InvalidArgument
from ranvier._typing import Array, ArrayLike
from ranvier.kernels.convolution import convolve
from ranvier.kernels.convolution_pooled import convolve_and_pool
from ranvier.kernels.convolution_transpose import convolve_transposed
from ranvier.kernels.windows import Window
from ranvier.ops.core import operand
from ranvier.ops.sliding import integers, known_padding, placed, to_last
from ranvier.state.symbolic import op

__all__ = ["conv", "conv_transpose", "depthwise_conv", "separable_conv"]


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
    return activated_conv(inputs, kernel, None, False, strides, padding, data_format, dilation_rate)


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
    return activated_depthwise_conv(inputs, kernel, None, False, strides, padding, data_format, dilation_rate)


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
    spread = [_spread(*side, padding) for side in sides]
    y = convolve_transposed(x, w, [window for window, _ in spread], [size for _, size in spread])
    return jnp.moveaxis(y, -1, 1) if first else y


# What the layers call: in one pass with the bias and ReLU. No part of the public operations.


@op
def activated_conv(
    inputs: ArrayLike,
    kernel: ArrayLike,
    bias: ArrayLike | None,
    relu: bool,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
    pool: tuple[Any, Any, str] | None = None,
) -> Array:
    """Return `conv` plus a bias [filter], and of that the positive part where `relu`.

    `pool` are size, strides and padding of a max pooling of it all, or None.
    """
    w = operand(kernel)
    x, first = to_last("conv", operand(inputs).astype(w.dtype), data_format, w.ndim - 2)
    channels, own, filters = x.shape[-1], w.shape[-2], w.shape[-1]
    if not own or channels % own or filters % (channels // own):
        raise _channels(
            "conv", f"a multiple of the kernel's {own}, and {filters} filters for each group alike", channels
        )
    windows = placed("conv", x.shape[1:-1], w.shape[:-2], strides, padding, dilation_rate)
    y = _pooled(x, w, windows, None if bias is None else operand(bias), relu, pool)
    return jnp.moveaxis(y, -1, 1) if first else y


@op
def activated_depthwise_conv(
    inputs: ArrayLike,
    kernel: ArrayLike,
    bias: ArrayLike | None,
    relu: bool,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
    pool: tuple[Any, Any, str] | None = None,
) -> Array:
    """Return `depthwise_conv` plus a bias [channel * multiplier], and of that the positive part where `relu`.

    `pool` are size, strides and padding of a max pooling of it all, or None.
    """
    w = operand(kernel)
    x, first = to_last("depthwise_conv", operand(inputs).astype(w.dtype), data_format, w.ndim - 2)
    if x.shape[-1] != w.shape[-2]:
        raise _channels("depthwise_conv", f"the kernel's {w.shape[-2]}", x.shape[-1])
    windows = placed("depthwise_conv", x.shape[1:-1], w.shape[:-2], strides, padding, dilation_rate)
    w = jnp.reshape(w, (*w.shape[:-2], 1, math.prod(w.shape[-2:])))
    y = _pooled(x, w, windows, None if bias is None else operand(bias), relu, pool)
    return jnp.moveaxis(y, -1, 1) if first else y


def _pooled(x: Array, w: Array, windows: list[Window], bias: Array | None, relu: bool, pool: Any) -> Array:
    if pool is None:
        return convolve(x, w, windows, bias, relu)
    size, strides, padding = pool
    sides = [window.places for window in windows]
    return convolve_and_pool(x, w, windows, placed("max_pool", sides, size, strides, padding), bias, relu)


def _channels(place: str, expected: str, received: object) -> InvalidArgument:
    return InvalidArgument(
        "The channels of the inputs do not fit those of the kernel.",
        code="conv-channels",
        place=place,
        expected=f"channels: {expected}",
        received=received,
        fix="check data_format, the kernel's shape, and that the groups divide channels and filters",
    )


def _spread(length: int, size: int, stride: int, dilation: int, extra: int | None, padding: str) -> tuple[Window, int]:
    """Return a window that slides over the outputs of a transpose and stands at `length` places, and their size."""
    reach = dilation * (size - 1) + 1
    if padding == "valid":
        low, total = 0, (length - 1) * stride + reach + (max(stride - reach, 0) if extra is None else extra)
    else:
        total = length * stride if extra is None else (length - 1) * stride + reach % 2 + extra
        both = total - (length - 1) * stride + reach - 2
        low = reach - 1 - min(both - both // 2, reach - 1)
    return Window(size, stride, dilation, low, (length - 1) * stride + reach - total - low, length), total
