"""Pooling of any rank: the largest or the average value under a window.

The work is the kernel's (`kernels/pooling.py`); here are the arguments, and the windows that adapt to the inputs.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import jax.numpy as jnp
from jax import lax

from ranvier._typing import Array, ArrayLike
from ranvier.kernels import pooling as kernel
from ranvier.kernels.windows import Window, taps
from ranvier.ops.core import floating, operand
from ranvier.ops.sliding import integers, placed, to_last
from ranvier.state.symbolic import op

__all__ = ["adaptive_average_pool", "adaptive_max_pool", "average_pool", "max_pool"]


@op
def max_pool(
    inputs: ArrayLike,
    pool_size: Any,
    strides: Any = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> Array:
    """Return the largest value under a sliding window, of each channel; its first place has the gradient.

    Args:
        inputs: [row, *space, channel], or [row, channel, *space] when channels_first.
        pool_size: sides of the window, one number or one per axis.
        strides: steps between its places; `pool_size` for None.
        padding: `"valid"`: the window stays inside; `"same"`: it hangs over the ends, `ceil(size / strides)` places.
        data_format: where the channels are; what is configured for None.

    Raises:
        InvalidArgument: shapes or arguments that do not fit each other.

    Example:
        >>> max_pool(jnp.array([1.0, 5.0, 2.0, 3.0]).reshape(1, 4, 1), 2)[0, :, 0].tolist()
        [5.0, 3.0]
    """
    x, first = to_last("max_pool", operand(inputs), data_format)
    windows = _windows("max_pool", x, pool_size, strides, padding)
    x = kernel.max_pool(x, windows)
    return jnp.moveaxis(x, -1, 1) if first else x


@op
def average_pool(
    inputs: ArrayLike,
    pool_size: Any,
    strides: Any = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> Array:
    """Return the average under a sliding window, of each channel; what hangs over the ends does not count.

    Args:
        inputs: [row, *space, channel], or [row, channel, *space] when channels_first.
        pool_size: sides of the window, one number or one per axis.
        strides: steps between its places; `pool_size` for None.
        padding: `"valid"` or `"same"`, see `max_pool`.
        data_format: where the channels are; what is configured for None.

    Raises:
        InvalidArgument: shapes or arguments that do not fit each other.

    Example:
        >>> average_pool(jnp.array([1.0, 5.0, 2.0]).reshape(1, 3, 1), 2, padding="same")[0, :, 0].tolist()
        [3.0, 2.0]
    """
    x, first = to_last("average_pool", floating(inputs), data_format)
    windows = _windows("average_pool", x, pool_size, strides, padding)
    x = kernel.average_pool(x, windows)
    return jnp.moveaxis(x, -1, 1) if first else x


@op
def adaptive_max_pool(inputs: ArrayLike, output_size: Any, data_format: str | None = None) -> Array:
    """Return the largest value of each of `output_size` windows that cover the inputs, of each channel.

        window i of an axis reaches from floor(i * size / output_size) to ceil((i + 1) * size / output_size)

    Args:
        inputs: [row, *space, channel], or [row, channel, *space] when channels_first.
        output_size: number of windows, one number or one per axis.
        data_format: where the channels are; what is configured for None.

    Raises:
        InvalidArgument: `output_size` does not fit the axes.

    Example:
        >>> adaptive_max_pool(jnp.array([1.0, 5.0, 2.0]).reshape(1, 3, 1), 2)[0, :, 0].tolist()
        [5.0, 5.0]
    """
    return _adapted("adaptive_max_pool", operand(inputs), output_size, data_format, kernel.largest)


@op
def adaptive_average_pool(inputs: ArrayLike, output_size: Any, data_format: str | None = None) -> Array:
    """Return the average of each of `output_size` windows that cover the inputs, of each channel.

        window i of an axis reaches from floor(i * size / output_size) to ceil((i + 1) * size / output_size)

    Args:
        inputs: [row, *space, channel], or [row, channel, *space] when channels_first.
        output_size: number of windows, one number or one per axis.
        data_format: where the channels are; what is configured for None.

    Raises:
        InvalidArgument: `output_size` does not fit the axes.

    Example:
        >>> adaptive_average_pool(jnp.array([1.0, 5.0, 2.0]).reshape(1, 3, 1), 2)[0, :, 0].tolist()
        [3.0, 3.5]
    """
    return _adapted("adaptive_average_pool", floating(inputs), output_size, data_format, _average)


def _windows(place: str, x: Array, pool_size: Any, strides: Any, padding: str) -> list[Window]:
    sizes = integers(place, "pool_size", pool_size, x.ndim - 2)
    return placed(place, x.shape[1:-1], sizes, sizes if strides is None else strides, padding)


def _average(values: Sequence[Array]) -> Array:
    return functools.reduce(jnp.add, values) / len(values)


def _adapted(
    place: str, x: Array, output_size: Any, data_format: str | None, joined: Callable[[Sequence[Array]], Array]
) -> Array:
    x, first = to_last(place, x, data_format)
    for axis, places in enumerate(integers(place, "output_size", output_size, x.ndim - 2), 1):
        length = x.shape[axis]
        if length % places == 0:
            side = length // places
            x = joined(taps(x, axis, Window(side, side, 1, 0, 0, places)))
            continue
        ends = [(i * length // places, -(-(i + 1) * length // places)) for i in range(places)]
        split = [[lax.slice_in_dim(x, at, at + 1, axis=axis) for at in range(*end)] for end in ends]
        x = jnp.concatenate([joined(values) for values in split], axis)
    return jnp.moveaxis(x, -1, 1) if first else x
