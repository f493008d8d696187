"""Windows that slide along spatial axes: their arguments, and where they stand."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp

from ranvier import _config
from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.kernels.windows import Window

__all__ = [
    "channels_first",
    "integers",
    "known_padding",
    "placed",
    "steps",
    "to_last",
    "too_large",
]


def integers(place: str, name: str, value: Any, rank: int, least: int = 1) -> tuple[int, ...]:
    """Return an argument as one whole number per axis; a single one counts for all axes.

    Raises:
        InvalidArgument: another number of values, or one that is no whole number from `least` up.
    """
    given = list(value) if isinstance(value, (list, tuple)) else [value] * rank
    try:
        found = tuple(operator.index(one) for one in given if not isinstance(one, bool))
    except TypeError:
        found = ()
    if len(found) != rank or len(given) != rank or min(found) < least:
        raise InvalidArgument(
            f"{name} counts steps along {rank} spatial ax{'e' if rank > 1 else 'i'}s.",
            code="window-argument",
            place=f"{place}: {name}",
            expected=f"a whole number from {least} up, or {rank} of them",
            received=repr(value),
        )
    return found


def known_padding(place: str, padding: Any, known: Sequence[str] = ("valid", "same")) -> str:
    """Return the padding's name in small letters.

    Raises:
        InvalidArgument: there is no such padding.
    """
    found = padding.lower() if isinstance(padding, str) else ""
    if found not in known:
        raise InvalidArgument(
            "There is no padding of this name here.",
            code="window-padding",
            place=f"{place}: padding",
            expected=" or ".join(map(repr, known)),
            received=repr(padding),
        )
    return found


def channels_first(place: str, data_format: Any) -> bool:
    """Return whether the channels stand before the spatial axes; what is configured counts for None.

    Raises:
        InvalidArgument: `data_format` is neither of the two.
    """
    found = _config.image_data_format() if data_format is None else data_format
    if found not in ("channels_last", "channels_first"):
        raise InvalidArgument(
            "data_format says where the channels stand.",
            code="data-format",
            place=f"{place}: data_format",
            expected="'channels_last' or 'channels_first'",
            received=repr(data_format),
        )
    return bool(found == "channels_first")


def to_last(place: str, x: Array, data_format: Any, rank: int | None = None) -> tuple[Array, bool]:
    """Return the array with its channels last, and whether they stood first.

    Raises:
        InvalidArgument: the array has no spatial axis, or another number of them than `rank`.
    """
    if x.ndim < 3 or rank not in (None, x.ndim - 2):
        raise InvalidArgument(
            "The inputs have another number of axes than a window can slide along.",
            code="window-rank",
            place=place,
            expected="rows, channels and one spatial axis or more" if rank is None else f"{rank + 2} axes",
            received=f"shape {x.shape}",
        )
    first = channels_first(place, data_format)
    if 0 in x.shape[2:] or (0 in x.shape[1:-1] and not first):
        raise too_large(place, x.shape[1:], (1,) * (x.ndim - 2))
    return (jnp.moveaxis(x, 1, -1) if first else x), first


def steps(length: int, size: int, stride: int, dilation: int, padding: str) -> int:
    """Return at how many places a window stands along an axis; 0 or less where it does not fit."""
    return -(-length // stride) if padding == "same" else (length - dilation * (size - 1) - 1) // stride + 1


def placed(
    place: str, lengths: Sequence[int], sizes: Sequence[int], strides: Any, padding: str, dilation_rate: Any = 1
) -> list[Window]:
    """Return the window along each spatial axis.

    Raises:
        InvalidArgument: an argument cannot be right, or a window is larger than the inputs.
    """
    padding = known_padding(place, padding)
    found = []
    for length, size, stride, dilation in zip(
        lengths,
        sizes,
        integers(place, "strides", strides, len(lengths)),
        integers(place, "dilation_rate", dilation_rate, len(lengths)),
        strict=True,
    ):
        count, reach = steps(length, size, stride, dilation, padding), dilation * (size - 1) + 1
        if count < 1:
            raise too_large(place, lengths, sizes, dilation_rate)
        missing = max((count - 1) * stride + reach - length, 0) if padding == "same" else 0
        found.append(Window(size, stride, dilation, missing // 2, missing - missing // 2, count))
    return found


def too_large(place: str, lengths: Any, sizes: Any, dilation_rate: Any = 1) -> InvalidArgument:
    """Return the error for a window that does not fit into the inputs."""
    return InvalidArgument(
        "The window is larger than the inputs, so nothing would come out.",
        code="window-size",
        place=place,
        expected=f"spatial sizes that a window of {tuple(sizes)} with dilation {dilation_rate} fits into",
        received=tuple(lengths),
        fix="make the window smaller, leave out a pooling layer before it, or use padding='same'",
    )
