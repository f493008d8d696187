"""Windows over arrays: what pads them, and the values under their taps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax.numpy as jnp
from jax import lax

from ranvier._typing import Array

__all__ = ["Window", "padded", "patches", "taps", "under"]

_SLICES = 32


class Window(NamedTuple):
    """How a window slides along an axis: tap j of place i, one of `places`, at `i * stride + j * dilation - low`."""

    size: int
    stride: int
    dilation: int
    low: int
    high: int
    places: int


def padded(x: Array, windows: Sequence[Window], value: Any = 0) -> Array:
    """Return `x` [row, *space, channel] with what its windows need at the ends; negative margins cut off."""
    margins = [(0, 0, 0), *((window.low, window.high, 0) for window in windows), (0, 0, 0)]
    return lax.pad(x, jnp.asarray(value, x.dtype), margins) if any(low or high for low, high, _ in margins) else x


def taps(x: Array, axis: int, window: Window) -> list[Array]:
    """Return what lies under each tap of the window along an axis, at all places; `x` is padded already.

    The axis is dealt out first, every stride-th position to the same hand: a slice with steps has a slow gradient.
    """
    starts = [divmod(tap * window.dilation, window.stride) for tap in range(window.size)]
    hands = [x]
    if window.stride > 1:
        rounds = max(first for first, _ in starts) + window.places
        margins = [(0, 0, 0)] * x.ndim
        margins[axis] = (0, rounds * window.stride - x.shape[axis], 0)
        dealt = lax.pad(x, jnp.zeros((), x.dtype), margins)
        dealt = jnp.reshape(dealt, (*x.shape[:axis], rounds, window.stride, *x.shape[axis + 1 :]))
        hands = [jnp.squeeze(hand, axis + 1) for hand in lax.split(dealt, (1,) * window.stride, axis + 1)]
    return [lax.slice_in_dim(hands[hand], first, first + window.places, axis=axis) for first, hand in starts]


def under(x: Array, windows: Sequence[Window], most: int | None = None) -> list[Array]:
    """Return what lies under each tap of the windows at all places, for `x` [row, *space, channel].

    Args:
        x: the inputs, not yet padded.
        windows: one for each spatial axis.
        most: rather than into more arrays than this, the taps of an axis go next to each other into the channels.
    """
    parts = [padded(x, windows)]
    for axis in range(len(windows), 0, -1):
        window = windows[axis - 1]
        if most is not None and len(parts) * window.size > most:
            parts = [jnp.concatenate(parts, -1)]
        moved = [taps(part, axis, window) for part in parts]
        parts = [one[tap] for tap in range(window.size) for one in moved]
    return parts


def patches(x: Array, windows: Sequence[Window]) -> Array:
    """Return what lies under all windows, [row, *place, tap channel], for `x` [row, *space, channel].

    Many slices take long to compile, a stack of stacks long to run (`benchmarks/in_the_loop.py`): up to `_SLICES`.
    """
    return jnp.concatenate(under(x, windows, _SLICES), -1)
