"""Pooling of any rank: the largest or the average number under a sliding window, of each channel.

    outputs[n, i, c] = max_j x[n, i * stride + j - low, c]       or the mean over the j inside of `x`

i and j stand for one index per spatial axis. The gradient of a largest number goes to its first place; NaN is largest.
Outside of `x` the largest numbers see minus infinity.

The reference works by slices, one axis after the other, and not by `lax.reduce_window`, whose gradient is slow on a
processor everywhere. Native code serves one and two axes and remembers each winner's tap in a byte.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ranvier._typing import Array
from ranvier.kernels import native
from ranvier.kernels.convolution import geometry
from ranvier.kernels.kernel import Kernel, Native
from ranvier.kernels.windows import Window, padded, taps

__all__ = ["AVERAGE", "MAX", "MOST_TAPS", "average_pool", "can", "largest", "max_pool"]

MOST_TAPS = 255
"""Taps that a byte can number, less one for nobody."""

_NOBODY = 255

_MANY = 1 << 21
"""Fewer numbers under windows side by side are as fast by the reference (`benchmarks/kernels.py`, max_pool)."""


def max_pool(x: Array, windows: Sequence[Window]) -> Array:
    """Return the largest numbers of `x` [row, *space, channel] under `windows`, one for each spatial axis."""
    return MAX(x, static=tuple(windows))[0]


def average_pool(x: Array, windows: Sequence[Window]) -> Array:
    """Return the averages of `x` [row, *space, channel] under `windows`; what hangs over the ends does not count."""
    return AVERAGE(x, static=tuple(windows))[0]


def largest(values: Sequence[Array]) -> Array:
    """Return the largest of several arrays; of equal ones the first has the gradient, and NaN wins."""
    most = values[0]
    for value in values[1:]:
        most = jnp.where((value > most) | (value != value), value, most)
    return most


# --- reference -------------------------------------------------------------------------------------------------------


def _largest(x: Array, *, static: tuple[Window, ...], saving: bool) -> tuple[Array, ...]:
    lowest = -np.inf if jnp.issubdtype(x.dtype, jnp.floating) else np.iinfo(x.dtype).min
    y = padded(x, static, lowest)
    for axis in range(len(static), 0, -1):
        y = largest(taps(y, axis, static[axis - 1]))
    return (y, _winners(x, static)) if saving else (y,)


def _winners(x: Array, windows: tuple[Window, ...]) -> Array:
    """Return the number of the tap that is largest at each place, as native code keeps it."""
    values, real = [padded(x, windows, -np.inf)], [padded(jnp.ones_like(x), windows)]
    for axis in range(len(windows), 0, -1):
        values, real = (_split(old, axis, windows[axis - 1]) for old in (values, real))
    most, winner = values[0], jnp.where(real[0] > 0, 0, _NOBODY)
    for tap, value in enumerate(values[1:], 1):
        better = (value > most) | (value != value)
        most, winner = jnp.where(better, value, most), jnp.where(better, tap, winner)
    return winner.astype(jnp.uint8)


def _split(parts: Sequence[Array], axis: int, window: Window) -> list[Array]:
    """Return what lies under the taps along one more axis, the taps of this one outermost."""
    moved = [taps(part, axis, window) for part in parts]
    return [one[tap] for tap in range(window.size) for one in moved]


def _averages(x: Array, *, static: tuple[Window, ...], saving: bool) -> tuple[Array, ...]:
    lengths = x.shape[1:-1]
    y = padded(x, static)
    for axis in range(len(static), 0, -1):
        window = static[axis - 1]
        counts = _inside(window, lengths[axis - 1]).reshape((-1,) + (1,) * (x.ndim - axis - 1))
        y = functools.reduce(jnp.add, taps(y, axis, window)) / counts.astype(x.dtype)
    return (y,)


def _inside(window: Window, length: int) -> np.ndarray[Any, Any]:
    """Return how many taps lie on the axis at each place of the window."""
    starts = np.arange(window.places) * window.stride - window.low
    return np.minimum(starts + window.size, length) - np.maximum(starts, 0)


# --- native ----------------------------------------------------------------------------------------------------------


def _fits_max(x: Array, *, static: tuple[Window, ...]) -> str:
    few = _side_by_side(static) and x.size < _MANY
    return can(x, static=static) or (f"fewer than {_MANY} numbers under windows side by side" if few else "")


def _fits_average(x: Array, *, static: tuple[Window, ...]) -> str:
    return can(x, static=static) or ("windows side by side are plain sums" if _side_by_side(static) else "")


def _side_by_side(windows: tuple[Window, ...]) -> bool:
    return all(window.stride >= window.size for window in windows)


def can(x: Array, *, static: tuple[Window, ...]) -> str:
    """Return what native code cannot pool; empty where it can, be it faster or not."""
    if len(static) > 2:
        return f"it has {len(static)} spatial axes, more than 2"
    if math.prod(window.size for window in static) > MOST_TAPS:
        return f"its window has more than {MOST_TAPS} taps"
    if x.dtype != jnp.float32:
        return "its numbers are not float32"
    return "there is nothing to do" if x.size == 0 else ""


def _outputs(x: Array, windows: tuple[Window, ...]) -> tuple[int, ...]:
    return (x.shape[0], *(window.places for window in windows), x.shape[-1])


def _max_forward(x: Array, *, static: tuple[Window, ...], saving: bool) -> tuple[Array, ...]:
    shape = _outputs(x, static)
    results = (
        jax.ShapeDtypeStruct(shape, x.dtype),
        jax.ShapeDtypeStruct(shape if saving else (0,), np.uint8),
    )
    made = native.call("max_pool_forward_f32", results, x, geometry=geometry(static, x.shape))
    return tuple(made if saving else made[:1])


def _max_backward(
    operands: tuple[Array, ...],
    outputs: tuple[Array, ...],
    saved: tuple[Array, ...],
    cotangents: tuple[Array, ...],
    wanted: tuple[int, ...],
    *,
    static: tuple[Window, ...],
) -> tuple[Array, ...]:
    return _given_back("max_pool_backward_f32", operands[0], static, saved[0], cotangents[0])


def _average_forward(x: Array, *, static: tuple[Window, ...], saving: bool) -> tuple[Array, ...]:
    result = jax.ShapeDtypeStruct(_outputs(x, static), x.dtype)
    return (native.call("average_pool_forward_f32", result, x, geometry=geometry(static, x.shape)),)


def _average_backward(
    operands: tuple[Array, ...],
    outputs: tuple[Array, ...],
    saved: tuple[Array, ...],
    cotangents: tuple[Array, ...],
    wanted: tuple[int, ...],
    *,
    static: tuple[Window, ...],
) -> tuple[Array, ...]:
    return _given_back("average_pool_backward_f32", operands[0], static, cotangents[0])


def _given_back(target: str, x: Array, windows: tuple[Window, ...], *known: Array) -> tuple[Array, ...]:
    result = jax.ShapeDtypeStruct(x.shape, x.dtype)
    return (native.call(target, result, *known, geometry=geometry(windows, x.shape)),)


MAX = Kernel("max_pool", 1, _largest, Native(_fits_max, _max_forward, _max_backward))
AVERAGE = Kernel("average_pool", 1, _averages, Native(_fits_average, _average_forward, _average_backward))
