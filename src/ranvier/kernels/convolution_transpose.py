"""The transpose of a convolution of any rank: every number puts its weighted window into the outputs, which add up.

    outputs[n, i * stride + j * dilation - low, f] += x[n, i, c] * w[j, f, c]

i and j stand for one index per spatial axis. It is the gradient of the convolution for its inputs, and native code is
that of `kernels/convolution.py` with the roles changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp

from ranvier._typing import Array
from ranvier.kernels import convolution
from ranvier.kernels.kernel import Kernel, Native
from ranvier.kernels.windows import Window, patches

__all__ = ["KERNEL", "Setting", "convolve_transposed"]


class Setting(NamedTuple):
    """A window for each spatial axis, which slides over the outputs, and the outputs' sides."""

    windows: tuple[Window, ...]
    sides: tuple[int, ...]


def convolve_transposed(x: Array, w: Array, windows: Sequence[Window], sides: Sequence[int]) -> Array:
    """Return the transpose of a convolution over `windows`: `x` [row, *place, channel], `w` [*tap, filter, channel].

    Args:
        x: one number for each place of the windows and channel.
        w: the weights.
        windows: one for each spatial axis; they slide over the outputs.
        sides: the outputs' sizes.
    """
    return KERNEL(x, w, static=Setting(tuple(windows), tuple(sides)))[0]


def _reference(x: Array, w: Array, *, static: Setting, saving: bool) -> tuple[Array, ...]:
    outputs = jax.ShapeDtypeStruct((x.shape[0], *static.sides, w.shape[-2]), x.dtype)
    if not convolution.by_patches():
        back = jax.linear_transpose(lambda y: convolution.sums(y, w, static.windows), outputs)
        return tuple(back(x))
    columns = x @ jnp.reshape(w, (-1, w.shape[-1])).T
    return tuple(jax.linear_transpose(lambda y: patches(y, static.windows), outputs)(columns))


def _fits(x: Array, w: Array, *, static: Setting) -> str:
    if min(static.sides) == 0:
        return "there is nothing to do"
    return convolution.why_not(x, w, windows=static.windows)


def _forward(x: Array, w: Array, *, static: Setting, saving: bool) -> tuple[Array, ...]:
    outputs = jax.ShapeDtypeStruct((x.shape[0], *static.sides, w.shape[-2]), x.dtype)
    return tuple(convolution.backward(outputs, w, None, x, (0,), static.windows))


def _backward(
    operands: tuple[Array, ...],
    outputs: tuple[Array, ...],
    saved: tuple[Array, ...],
    cotangents: tuple[Array, ...],
    wanted: tuple[int, ...],
    *,
    static: Setting,
) -> tuple[Array, ...]:
    (x, w), dy = operands, cotangents[0]
    found: list[Array] = []
    if 0 in wanted:
        found.append(convolution.forward(dy, w, static.windows))
    if 1 in wanted:
        found += convolution.backward(dy, w, None, x, (1,), static.windows)
    return tuple(found)


KERNEL = Kernel("convolution_transpose", 1, _reference, Native(_fits, _forward, _backward))
