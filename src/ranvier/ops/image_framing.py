"""The frame of pictures: cut off or added at their sides."""

from __future__ import annotations

import operator
from typing import Any

import jax.numpy as jnp

from ranvier._errors import InvalidArgument
from ranvier._typing import Array, ArrayLike
from ranvier.ops.core import operand
from ranvier.ops.image_axes import located
from ranvier.state.symbolic import op

__all__ = ["crop_images", "pad_images"]


@op
def crop_images(
    images: ArrayLike,
    top_cropping: int | None = None,
    left_cropping: int | None = None,
    bottom_cropping: int | None = None,
    right_cropping: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: str | None = None,
) -> Array:
    """Return pictures without some rows and columns at their sides; two of each three numbers say how many.

        height = top_cropping + target_height + bottom_cropping,  width = left_cropping + target_width + right_cropping

    Args:
        images: [*row, height, width, channel], or [*row, channel, height, width] when channels_first.
        top_cropping: rows cut off above, as are the others at their sides.
        left_cropping: columns cut off.
        bottom_cropping: rows cut off below.
        right_cropping: columns cut off.
        target_height: rows that stay.
        target_width: columns that stay.
        data_format: where the channels are; what is configured for None.

    Raises:
        InvalidArgument: not pictures, not two numbers of three, or numbers that do not fit.

    Example:
        >>> crop_images(jnp.arange(6).reshape(2, 3, 1), 1, 0, target_height=1, target_width=2).ravel().tolist()
        [3, 4]
    """
    place, x = "crop_images", operand(images)
    rows, columns, _ = located(place, x, data_format)
    top, bottom = _margins(
        place, ("top_cropping", "bottom_cropping", "target_height"), (top_cropping, bottom_cropping, target_height),
        x.shape[rows], grow=False,
    )  # fmt: skip
    left, right = _margins(
        place, ("left_cropping", "right_cropping", "target_width"), (left_cropping, right_cropping, target_width),
        x.shape[columns], grow=False,
    )  # fmt: skip
    kept = [slice(None)] * x.ndim
    kept[rows], kept[columns] = slice(top, x.shape[rows] - bottom), slice(left, x.shape[columns] - right)
    return x[tuple(kept)]


@op
def pad_images(
    images: ArrayLike,
    top_padding: int | None = None,
    left_padding: int | None = None,
    bottom_padding: int | None = None,
    right_padding: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: str | None = None,
) -> Array:
    """Return pictures with zeros at their sides; two of each three numbers say how many.

        target_height = top_padding + height + bottom_padding,  target_width = left_padding + width + right_padding

    Args:
        images: [*row, height, width, channel], or [*row, channel, height, width] when channels_first.
        top_padding: rows added above, as are the others at their sides.
        left_padding: columns added.
        bottom_padding: rows added below.
        right_padding: columns added.
        target_height: rows of the result.
        target_width: columns of the result.
        data_format: where the channels are; what is configured for None.

    Raises:
        InvalidArgument: not pictures, not two numbers of three, or numbers that do not fit.

    Example:
        >>> pad_images(jnp.ones((1, 1, 1)), 0, 1, target_height=1, target_width=3).ravel().tolist()
        [0.0, 1.0, 0.0]
    """
    place, x = "pad_images", operand(images)
    rows, columns, _ = located(place, x, data_format)
    margins = [(0, 0)] * x.ndim
    margins[rows] = _margins(
        place, ("top_padding", "bottom_padding", "target_height"), (top_padding, bottom_padding, target_height),
        x.shape[rows], grow=True,
    )  # fmt: skip
    margins[columns] = _margins(
        place, ("left_padding", "right_padding", "target_width"), (left_padding, right_padding, target_width),
        x.shape[columns], grow=True,
    )  # fmt: skip
    return jnp.pad(x, margins)


def _margins(
    place: str, names: tuple[str, str, str], given: tuple[Any, Any, Any], length: int, grow: bool
) -> tuple[int, int]:
    """Return how much is cut off or added before and after an axis; one of the three given numbers is None.

    Raises:
        InvalidArgument: not just one is None, or they do not fit the axis.
    """
    shown = ", ".join(f"{name}={value}" for name, value in zip(names, given, strict=True))
    try:
        low, high, target = (None if value is None else operator.index(value) for value in given)
    except TypeError:
        low = high = target = None
    if [low, high, target].count(None) != 1:
        raise _unfit(place, "whole numbers for just two of the three", shown)
    sign = 1 if grow else -1
    if target is None:
        target = length + sign * ((low or 0) + (high or 0))
    between = sign * (target - length)
    low = between - (high or 0) if low is None else low
    high = between - low if high is None else high
    if min(low, high, target) < 0:
        raise _unfit(place, f"numbers from 0 up that fit the {length} which the pictures have", shown)
    return low, high


def _unfit(place: str, expected: str, received: str) -> InvalidArgument:
    return InvalidArgument(
        "These numbers do not place the picture.",
        code="image-margins",
        place=place,
        expected=expected,
        received=received,
    )
