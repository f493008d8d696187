"""Bounding boxes of pictures that are clipped, cropped, padded or turned."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp

from ranvier._errors import Unsupported
from ranvier._typing import Array, ArrayLike
from ranvier.ops.box_formats import sizes_of, unfit
from ranvier.ops.core import operand
from ranvier.ops.image_axes import reals
from ranvier.state.symbolic import op

__all__ = ["affine_transform", "clip_to_image_size", "crop", "inverted", "pad", "projected"]


@op
def clip_to_image_size(
    bounding_boxes: Mapping[str, Any],
    height: ArrayLike | None = None,
    width: ArrayLike | None = None,
    bounding_box_format: str = "xyxy",
) -> dict[str, Any]:
    """Return boxes without what lies outside of their picture; labels of boxes that vanish become -1.

    Args:
        bounding_boxes: `"boxes"` [*box, 4] and, where known, `"labels"` [*box].
        height: of the picture [pixels]; not needed for `"rel_xyxy"`.
        width: likewise.
        bounding_box_format: `"xyxy"` or `"rel_xyxy"`.

    Raises:
        Unsupported: another format.
        InvalidArgument: the picture's size is missing.

    Example:
        >>> found = {"boxes": jnp.array([[-1.0, 0, 2, 9], [7, 0, 9, 3]]), "labels": jnp.array([4, 5])}
        >>> clipped = clip_to_image_size(found, height=5, width=6)
        >>> clipped["boxes"].tolist(), clipped["labels"].tolist()
        ([[0.0, 0.0, 2.0, 5.0], [6.0, 0.0, 6.0, 3.0]], [4, -1])
    """
    place = "clip_to_image_size"
    _only(place, bounding_box_format, "xyxy", "rel_xyxy")
    if bounding_box_format == "xyxy" and (height is None or width is None):
        raise unfit(place, "height and width of the picture", f"{height} and {width}")
    boxes = operand(bounding_boxes["boxes"])
    most: ArrayLike = 1
    if bounding_box_format == "xyxy":
        most = sizes_of(operand(height).astype(boxes.dtype), operand(width).astype(boxes.dtype))
    low, high = (jnp.clip(corner, 0, most) for corner in (boxes[..., :2], boxes[..., 2:]))
    result = {**bounding_boxes, "boxes": jnp.concatenate([low, high], -1)}
    if bounding_boxes.get("labels") is not None:
        labels = operand(bounding_boxes["labels"])
        seen = jnp.prod(high - low, -1) > 0
        result["labels"] = jnp.where(seen.reshape(seen.shape + (1,) * (labels.ndim - seen.ndim)), labels, -1)
    return result


@op
def crop(
    boxes: ArrayLike,
    top: ArrayLike,
    left: ArrayLike,
    height: ArrayLike,
    width: ArrayLike,
    bounding_box_format: str = "xyxy",
) -> Array:
    """Return boxes (left, top, right, bottom) in the coordinates of a part of their picture, clipped to it.

    Args:
        boxes: [*box, 4].
        top: rows above the part.
        left: columns before it.
        height: its rows.
        width: its columns.
        bounding_box_format: `"xyxy"`.

    Raises:
        Unsupported: another format.

    Example:
        >>> crop(jnp.array([[1.0, 2, 6, 7]]), top=3, left=2, height=10, width=3).tolist()
        [[0.0, 0.0, 3.0, 4.0]]
    """
    _only("crop", bounding_box_format, "xyxy")
    x, origin, most = operand(boxes), sizes_of(operand(top), operand(left)), sizes_of(operand(height), operand(width))
    return jnp.concatenate([jnp.clip(x[..., :2] - origin, 0, most), jnp.clip(x[..., 2:] - origin, 0, most)], -1)


@op
def pad(
    boxes: ArrayLike,
    top: ArrayLike,
    left: ArrayLike,
    height: ArrayLike | None = None,
    width: ArrayLike | None = None,
    bounding_box_format: str = "xyxy",
) -> Array:
    """Return boxes (left, top, right, bottom) of a picture that got rows above and columns before it.

    Args:
        boxes: [*box, 4].
        top: rows added above.
        left: columns added before.
        height: accepted, it changes nothing.
        width: likewise.
        bounding_box_format: `"xyxy"`.

    Raises:
        Unsupported: another format.

    Example:
        >>> pad(jnp.array([[1.0, 2, 6, 7]]), top=10, left=20).tolist()
        [[21.0, 12.0, 26.0, 17.0]]
    """
    _only("pad", bounding_box_format, "xyxy")
    x, origin = operand(boxes), sizes_of(operand(top), operand(left))
    return jnp.concatenate([x[..., :2] + origin, x[..., 2:] + origin], -1)


@op
def affine_transform(
    boxes: ArrayLike,
    angle: ArrayLike,
    translate_x: ArrayLike,
    translate_y: ArrayLike,
    scale: ArrayLike,
    shear_x: ArrayLike,
    shear_y: ArrayLike,
    height: ArrayLike,
    width: ArrayLike,
    center_x: ArrayLike | None = None,
    center_y: ArrayLike | None = None,
    bounding_box_format: str = "xyxy",
) -> Array:
    """Return the upright boxes around boxes of pictures that were turned, sheared, scaled and moved.

    Args:
        boxes: [row, box, 4], (left, top, right, bottom).
        angle: turn counter-clockwise [degrees], [row] as are the others.
        translate_x: share of the width moved to the left.
        translate_y: share of the height moved up.
        scale: factor.
        shear_x: shear along the width [degrees].
        shear_y: shear along the height [degrees].
        height: of the pictures [pixels].
        width: of the pictures [pixels].
        center_x: share of the width where the fixed point lies, the middle when None.
        center_y: share of the height, likewise.
        bounding_box_format: `"xyxy"`.

    Raises:
        Unsupported: another format.

    Example:
        >>> none = jnp.zeros(1)
        >>> turned = affine_transform(jnp.array([[[0.0, 1, 4, 3]]]), none + 90, none, none, none + 1, none, none, 5, 5)
        >>> turned.round().tolist()
        [[[1.0, 0.0, 3.0, 4.0]]]
    """
    _only("affine_transform", bounding_box_format, "xyxy")
    angle, translate_x, translate_y, scale, shear_x, shear_y = (
        jnp.reshape(reals(operand(value)), (-1, 1, 1))
        for value in (angle, translate_x, translate_y, scale, shear_x, shear_y)
    )
    wide, high = operand(width) - 1, operand(height) - 1
    middle_x = (0.5 if center_x is None else operand(center_x)) * wide
    middle_y = (0.5 if center_y is None else operand(center_y)) * high
    turn, across, down = (-value * (1 / 180 * math.pi) for value in (angle, shear_x, shear_y))
    a, c = jnp.cos(turn - down) / jnp.cos(down), -jnp.sin(turn - down) / jnp.cos(down)
    b, d = a * jnp.tan(across) + jnp.sin(turn), jnp.cos(turn) - c * jnp.tan(across)
    x = operand(boxes).astype(angle.dtype)
    u, v = _corners(x)
    # From the place that the fixed point moves to.
    u, v = u - (middle_x - translate_x * wide), v - (middle_y - translate_y * high)
    return _around(middle_x + scale * (d * u - b * v), middle_y + scale * (a * v - c * u))


def projected(boxes: Array, forward: Array) -> Array:
    """Return the upright boxes around boxes whose corners a map carries along.

        (x', y') = (X / Z, Y / Z)      (X, Y, Z) = forward (x, y, 1)

    Args:
        boxes: [row, box, 4], (left, top, right, bottom).
        forward: [row, 3, 3].
    """
    x, y = _corners(boxes)
    new = jnp.einsum("nij,nbcj->nbci", forward, jnp.stack([x, y, jnp.ones_like(x)], -1), precision="highest")
    return _around(new[..., 0] / new[..., 2], new[..., 1] / new[..., 2])


def inverted(transform: Array) -> Array:
    """Return the maps [row, 3, 3] from old to new places for the [row, 8] of `ops.image.affine_transform`."""
    rows = jnp.concatenate([transform, jnp.ones_like(transform[:, :1])], 1).reshape(-1, 3, 3)
    first, second, third = rows[:, 0], rows[:, 1], rows[:, 2]
    # The adjugate does for the inverse: their common factor cancels where homogeneous coordinates are divided.
    return jnp.stack([jnp.cross(second, third), jnp.cross(third, first), jnp.cross(first, second)], -1)


def _corners(boxes: Array) -> tuple[Array, Array]:
    """Return x and y [*box, 4] of the four corners."""
    return boxes[..., [0, 2, 2, 0]], boxes[..., [1, 1, 3, 3]]


def _around(x: Array, y: Array) -> Array:
    """Return the upright boxes around corners."""
    return jnp.stack([jnp.min(x, -1), jnp.min(y, -1), jnp.max(x, -1), jnp.max(y, -1)], -1)


def _only(place: str, value: str, *names: str) -> None:
    """Refuse formats that Keras does not take here either."""
    if value not in names:
        raise Unsupported(
            "Boxes of this format cannot be moved.",
            code="box-format",
            place=f"{place}: bounding_box_format",
            expected=" or ".join(map(repr, names)),
            received=repr(value),
            fix=f'convert_format(boxes, {value!r}, "xyxy", height, width) first',
        )
