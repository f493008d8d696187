"""Convolution with a bias and ReLU whose outputs go through max pooling at once.

    outputs = max_pool(convolve(x, w, windows, bias, relu), pool_windows)

Native code keeps no more of the convolution's outputs than a band: what the gradient needs are the pooled ones and the
tap of each winner. The pooling's windows must neither overlap nor hang over the edges.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import numpy as np

from ranvier._typing import Array
from ranvier.kernels import convolution, native, pooling
from ranvier.kernels.kernel import Kernel, Native
from ranvier.kernels.windows import Window

__all__ = ["KERNEL", "Setting", "convolve_and_pool"]


class Setting(NamedTuple):
    """The convolution's setting, and the pooling's windows."""

    first: convolution.Setting
    pool: tuple[Window, ...]


def convolve_and_pool(
    x: Array,
    w: Array,
    windows: Sequence[Window],
    pool: Sequence[Window],
    bias: Array | None = None,
    relu: bool = False,
) -> Array:
    """Return the largest numbers of a convolution under the windows `pool`.

    Args:
        x: [row, *space, channel].
        w: [*tap, channel / groups, filter].
        windows: the convolution's, one for each spatial axis.
        pool: the pooling's.
        bias: [filter], or None.
        relu: whether negative sums become 0.
    """
    static = Setting(convolution.Setting(tuple(windows), relu), tuple(pool))
    operands = (x, w) if bias is None else (x, w, bias)
    if KERNEL.why_reference(*operands, static=static):
        return pooling.max_pool(convolution.convolve(x, w, windows, bias, relu), pool)
    return KERNEL(*operands, static=static)[0]


def _reference(*operands: Array, static: Setting, saving: bool) -> tuple[Array, ...]:
    (y,) = convolution.KERNEL.reference(*operands, static=static.first, saving=False)
    return pooling.MAX.reference(y, static=static.pool, saving=saving)


def _fits(*operands: Array, static: Setting) -> str:
    if any(window.stride < window.size or window.low or window.high for window in static.pool):
        return "its pooling's windows overlap or hang over the edges"
    if np.prod([window.size for window in static.pool]) > pooling.MOST_TAPS:
        return f"its pooling's window has more than {pooling.MOST_TAPS} taps"
    x, w = operands[:2]
    if w.shape[-2] == 1 and x.shape[-1] > 1:
        return "each channel is by itself"
    return convolution.why_not(*operands, windows=static.first.windows)


def _geometry(x: Array, w: Array, static: Setting) -> Any:
    first = convolution.geometry(static.first.windows, x.shape, w.shape)
    return np.concatenate([first, convolution.geometry(static.pool, x.shape)[4:]])


def _forward(x: Array, w: Array, bias: Array | None = None, *, static: Setting, saving: bool) -> tuple[Array, ...]:
    shape = (x.shape[0], *(window.places for window in static.pool), w.shape[-1])
    made = native.call(
        "conv_pool_forward_f32",
        (jax.ShapeDtypeStruct(shape, x.dtype), jax.ShapeDtypeStruct(shape if saving else (0,), np.uint8)),
        *(x, w, convolution.or_nothing(bias, x)),
        geometry=_geometry(x, w, static),
        relu=np.int64(static.first.relu),
    )
    return tuple(made if saving else made[:1])


def _backward(
    operands: tuple[Array, ...],
    outputs: tuple[Array, ...],
    saved: tuple[Array, ...],
    cotangents: tuple[Array, ...],
    wanted: tuple[int, ...],
    *,
    static: Setting,
) -> tuple[Array, ...]:
    (x, w), (dy,) = operands[:2], cotangents
    shapes = [shape if place in wanted else (0,) for place, shape in enumerate((x.shape, w.shape, w.shape[-1:]))]
    known = (x if 1 in wanted else None, w if 0 in wanted else None, outputs[0] if static.first.relu else None)
    made = native.call(
        "conv_pool_backward_f32",
        [jax.ShapeDtypeStruct(shape, dy.dtype) for shape in shapes],
        *(convolution.or_nothing(operand, dy) for operand in known),
        *(saved[0], dy),
        geometry=_geometry(x, w, static),
        relu=np.int64(static.first.relu),
    )
    return tuple(made[place] for place in wanted)


KERNEL = Kernel("convolution_pooled", 1, _reference, Native(_fits, _forward, _backward))
