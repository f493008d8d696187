"""Bounding boxes: what their four numbers mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import jax.numpy as jnp

from ranvier._errors import InvalidArgument
from ranvier._typing import Array, ArrayLike, DType
from ranvier.ops.core import operand
from ranvier.state.symbolic import op
from ranvier.state.variable import dtype_name

__all__ = ["convert_format", "known_format", "sizes_of", "unfit"]


class _Format(NamedTuple):
    """What the numbers of a box are: a point and another point or sizes; `swapped`: y before x."""

    second: str
    swapped: bool = False
    relative: bool = False


_FORMATS = {
    "xyxy": _Format("corner"),
    "yxyx": _Format("corner", swapped=True),
    "xywh": _Format("size"),
    "center_xywh": _Format("size around"),
    "center_yxhw": _Format("size around", swapped=True),
    "rel_xyxy": _Format("corner", relative=True),
    "rel_yxyx": _Format("corner", swapped=True, relative=True),
    "rel_xywh": _Format("size", relative=True),
    "rel_center_xywh": _Format("size around", relative=True),
}


@op
def convert_format(
    boxes: ArrayLike,
    source: str,
    target: str,
    height: ArrayLike | None = None,
    width: ArrayLike | None = None,
    dtype: DType = "float32",
) -> Any:
    """Return boxes written in another way.

    Args:
        boxes: [*box, 4], or a dict that has them as `"boxes"`; a new dict comes back then.
        source: `"xyxy"` (left, top, right, bottom), `"yxyx"`, `"xywh"` (left, top, width, height), `"center_xywh"` (the
            middle first), `"center_yxhw"`; and with `"rel_"` in front, as shares of the picture, `"rel_xyxy"`,
            `"rel_yxyx"`, `"rel_xywh"`, `"rel_center_xywh"`.
        target: likewise.
        height: of the picture [pixels]; needed where one of the two is relative.
        width: likewise.
        dtype: type of the result.

    Raises:
        InvalidArgument: an unknown format, not four numbers, or no size where one is needed.

    Example:
        >>> convert_format([[1, 2, 4, 8]], "xyxy", "center_xywh").tolist()
        [[2.5, 5.0, 3.0, 6.0]]
    """
    if isinstance(boxes, Mapping):
        return {**boxes, "boxes": convert_format(boxes["boxes"], source, target, height, width, dtype)}
    place, x = "convert_format", operand(boxes)
    before, after = (
        _FORMATS[known_format(f"{place}: {name}", value)] for name, value in (("source", source), ("target", target))
    )
    if x.ndim < 1 or x.shape[-1] != 4:
        raise unfit(place, "four numbers for each box, [*box, 4]", f"shape {x.shape}")
    if (before.relative or after.relative) and (height is None or width is None):
        raise unfit(place, "height and width of the picture, for a relative format", f"{height} and {width}")
    x = x.astype(dtype_name(dtype))
    if before == after:
        return x
    low, high = _corners(x, before)
    if before.relative != after.relative:
        sizes = sizes_of(operand(height).astype(x.dtype), operand(width).astype(x.dtype))
        if before.relative:
            return _written(low * sizes, high * sizes, after)
        return _written(low, high, after, sizes)
    return _written(low, high, after)


def known_format(place: str, value: Any) -> str:
    """Return the name of a format in small letters.

    Raises:
        InvalidArgument: there is no such format, or none was named.
    """
    found = str(value).lower()
    if found not in _FORMATS:
        raise InvalidArgument(
            "There is no such format of boxes.",
            code="box-format",
            place=place,
            expected="one of " + ", ".join(_FORMATS),
            received=repr(value),
            fix='say what the four numbers are, such as "xyxy"',
        )
    return found


def sizes_of(height: Array, width: Array) -> Array:
    """Return the picture's sizes so that they fit `[..., (x, y)]`; those of several pictures are [row, 1, 1]."""
    return jnp.concatenate([width, height], -1) if width.ndim else jnp.stack([width, height])


def _corners(x: Array, form: _Format) -> tuple[Array, Array]:
    """Return the corners (left, top) and (right, bottom)."""
    first, second = x[..., :2], x[..., 2:]
    if form.swapped:
        first, second = first[..., ::-1], second[..., ::-1]
    if form.second == "corner":
        return first, second
    if form.second == "size":
        return first, first + second
    return first - second / 2, first + second / 2


def _written(low: Array, high: Array, form: _Format, sizes: ArrayLike = 1) -> Array:
    """Return boxes with these corners in a format, as shares of `sizes`."""
    first, second = low, high
    if form.second != "corner":
        second = high - low
        first = low if form.second == "size" else low + second / 2
    first, second = first / sizes, second / sizes
    if form.swapped:
        first, second = first[..., ::-1], second[..., ::-1]
    return jnp.concatenate([first, second], -1)


def unfit(place: str, expected: str, received: str) -> InvalidArgument:
    """Return the error for boxes without what belongs to them."""
    return InvalidArgument(
        "These are not boxes with all that belongs to them.",
        code="box-arguments",
        place=place,
        expected=expected,
        received=received,
    )
