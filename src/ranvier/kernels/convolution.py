"""Convolution of any rank, with a bias and ReLU.

    outputs[n, i, f] = relu(bias[f] + sum_{j, c} x[n, i * stride + j * dilation - low, c] * w[j, c, f])

i and j stand for one index per spatial axis. Where `w` has fewer channels than `x`, these are split into groups, and
filter f sees the group that its place among the filters falls into. What lies outside of `x` is zero.

The reference on a processor is patches and a matrix product: inside a compiled loop XLA's own convolution, and its
gradient above all, runs many times slower there than alone (`benchmarks/in_the_loop.py`). Elsewhere it is XLA's.
Native code serves one and two axes; it adds the weights' gradient in a number of parts that the shapes alone decide.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ranvier._typing import Array
from ranvier.kernels import native
from ranvier.kernels.kernel import Kernel, Native
from ranvier.kernels.windows import Window, patches, under

__all__ = [
    "KERNEL",
    "Setting",
    "backward",
    "by_patches",
    "convolve",
    "forward",
    "geometry",
    "or_nothing",
    "sums",
    "why_not",
]

_PATCH_BYTES = 2**28
"""Patches that would need more memory than this are made for some rows at a time."""


class Setting(NamedTuple):
    """What is not an array: a window for each spatial axis, and whether negative sums become 0."""

    windows: tuple[Window, ...]
    relu: bool = False


def convolve(x: Array, w: Array, windows: Sequence[Window], bias: Array | None = None, relu: bool = False) -> Array:
    """Return the convolution of `x` [row, *space, channel] with `w` [*tap, channel / groups, filter].

    Args:
        x: the inputs, not yet padded.
        w: the weights.
        windows: one for each spatial axis.
        bias: [filter], or None.
        relu: whether negative sums become 0.
    """
    operands = (x, w) if bias is None else (x, w, bias)
    return KERNEL(*operands, static=Setting(tuple(windows), relu))[0]


def by_patches() -> bool:
    """Whether the reference makes patches rather than call XLA's convolution."""
    return jax.default_backend() == "cpu"


# --- reference -------------------------------------------------------------------------------------------------------


def _reference(x: Array, w: Array, bias: Array | None = None, *, static: Setting, saving: bool) -> tuple[Array, ...]:
    y = sums(x, w, static.windows)
    if bias is not None:
        y = y + bias
    return (jax.nn.relu(y) if static.relu else y,)


def sums(x: Array, w: Array, windows: Sequence[Window]) -> Array:
    """Return the convolution by JAX alone."""
    if not by_patches():
        space = "DHW"[-len(windows) :] if len(windows) <= 3 else "ABDEFGHJ"[: len(windows)]
        return lax.conv_general_dilated(
            x,
            w,
            [window.stride for window in windows],
            [(window.low, window.high) for window in windows],
            rhs_dilation=[window.dilation for window in windows],
            dimension_numbers=(f"N{space}C", f"{space}IO", f"N{space}C"),
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


# --- native ----------------------------------------------------------------------------------------------------------


def why_not(*operands: Array, windows: Sequence[Window]) -> str:
    """Return what speaks against native code for these operands; empty for nothing."""
    if len(windows) > 2:
        return f"it has {len(windows)} spatial axes, more than 2"
    if any(operand.dtype != jnp.float32 for operand in operands):
        return "its numbers are not float32"
    return "there is nothing to do" if any(operand.size == 0 for operand in operands) else ""


def geometry(windows: Sequence[Window], x: tuple[int, ...], w: tuple[int, ...] = ()) -> Any:
    """Return as native code takes them: the shape of the inputs, the windows, the shape of the weights.

    A sequence is a picture of one row.
    """
    still = 2 - len(windows)
    both = [Window(1, 1, 1, 0, 0, 1)] * still + list(windows)
    slides = [number for v in both for number in (v.size, v.stride, v.dilation, v.low, v.places)]
    weights = (*(1,) * still, *w) if w else ()
    return np.array([x[0], *(1,) * still, *x[1:], *slides, *weights], np.int64)


def forward(x: Array, w: Array, windows: Sequence[Window], bias: Array | None = None, relu: bool = False) -> Array:
    """Return the convolution by native code."""
    made: Array = native.call(
        "conv_forward_f32",
        jax.ShapeDtypeStruct((x.shape[0], *(window.places for window in windows), w.shape[-1]), x.dtype),
        *(x, w, or_nothing(bias, x)),
        geometry=geometry(windows, x.shape, w.shape),
        relu=np.int64(relu),
    )
    return made


def backward(
    x: Array | jax.ShapeDtypeStruct,
    w: Array | jax.ShapeDtypeStruct,
    y: Array | None,
    dy: Array,
    wanted: Sequence[int],
    windows: Sequence[Window],
) -> list[Array]:
    """Return by native code those gradients for inputs (0), weights (1) and bias (2) that are wanted.

    Args:
        x: the inputs; their shape is enough where the weights' gradient is not wanted.
        w: the weights; their shape is enough where the inputs' gradient is not wanted.
        y: the outputs where they went through ReLU, else None.
        dy: the gradient for the outputs.
        wanted: which.
        windows: one for each spatial axis.
    """
    shapes = [shape if place in wanted else (0,) for place, shape in enumerate((x.shape, w.shape, w.shape[-1:]))]
    made = native.call(
        "conv_backward_f32",
        [jax.ShapeDtypeStruct(shape, dy.dtype) for shape in shapes],
        *(or_nothing(x if 1 in wanted else None, dy), or_nothing(w if 0 in wanted else None, dy)),
        *(or_nothing(y, dy), dy),
        geometry=geometry(windows, x.shape, w.shape),
        relu=np.int64(y is not None),
    )
    return [made[place] for place in wanted]


def or_nothing(operand: Any, like: Array) -> Any:
    """Return an operand, or no numbers at all where there is none: so native code takes what is not given."""
    return jnp.zeros((0,), like.dtype) if operand is None else operand


def _fits(*operands: Array, static: Setting) -> str:
    return why_not(*operands, windows=static.windows)


def _forward(x: Array, w: Array, bias: Array | None = None, *, static: Setting, saving: bool) -> tuple[Array, ...]:
    return (forward(x, w, static.windows, bias, static.relu),)


def _backward(
    operands: tuple[Array, ...],
    outputs: tuple[Array, ...],
    saved: tuple[Array, ...],
    cotangents: tuple[Array, ...],
    wanted: tuple[int, ...],
    *,
    static: Setting,
) -> tuple[Array, ...]:
    y = outputs[0] if static.relu else None
    return tuple(backward(operands[0], operands[1], y, cotangents[0], wanted, static.windows))


KERNEL = Kernel("convolution", 1, _reference, Native(_fits, _forward, _backward))
