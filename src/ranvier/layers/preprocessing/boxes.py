"""Bounding boxes: their formats, and what becomes of them when the picture around them changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import jax.numpy as jnp

from ranvier import ops
from ranvier._errors import InvalidArgument
from ranvier._typing import Array

__all__ = ["FORMATS", "clipped", "convert", "dense", "inverted", "known_format", "warped"]

FORMATS: Final = (
    "xyxy",
    "yxyx",
    "xywh",
    "center_xywh",
    "center_yxhw",
    "rel_xyxy",
    "rel_yxyx",
    "rel_xywh",
    "rel_center_xywh",
)
"""The formats by name; `rel_` ones count in widths and heights of the picture, the others in pixels."""

_Four = tuple[Array, Array, Array, Array]
_TO_CORNERS: dict[str, Callable[[Any, Any, Any, Any], _Four]] = {
    "xyxy": lambda a, b, c, d: (a, b, c, d),
    "yxyx": lambda a, b, c, d: (b, a, d, c),
    "xywh": lambda a, b, c, d: (a, b, a + c, b + d),
    "center_xywh": lambda a, b, c, d: (a - c / 2, b - d / 2, a + c / 2, b + d / 2),
    "center_yxhw": lambda a, b, c, d: (b - d / 2, a - c / 2, b + d / 2, a + c / 2),
}
_FROM_CORNERS: dict[str, Callable[[Any, Any, Any, Any], _Four]] = {
    "xyxy": lambda l, t, r, b: (l, t, r, b),  # noqa: E741  left, top, right, bottom
    "yxyx": lambda l, t, r, b: (t, l, b, r),  # noqa: E741
    "xywh": lambda l, t, r, b: (l, t, r - l, b - t),  # noqa: E741
    "center_xywh": lambda l, t, r, b: (l + (r - l) / 2, t + (b - t) / 2, r - l, b - t),  # noqa: E741
    "center_yxhw": lambda l, t, r, b: (t + (b - t) / 2, l + (r - l) / 2, b - t, r - l),  # noqa: E741
}


def known_format(place: str, name: Any) -> str:
    """Return the name of a format in small letters.

    Raises:
        InvalidArgument: there is no such format, or none was named.
    """
    found = str(name).lower()
    if found not in FORMATS:
        raise InvalidArgument(
            "Boxes can be read only when their format is known.",
            code="box-format",
            place=place,
            expected="one of " + ", ".join(FORMATS),
            received=repr(name),
            fix='say what the four numbers are, such as bounding_box_format="xyxy"',
        )
    return found


def convert(boxes: Array, source: str, target: str, height: Any, width: Any) -> Array:
    """Return boxes `[..., 4]` in another format, as float32.

    Args:
        boxes: the boxes.
        source: their format.
        target: the wanted one.
        height: the picture's height [pixels].
        width: the picture's width [pixels].
    """
    boxes = boxes.astype("float32")
    if source == target:
        return boxes
    corners = jnp.stack(_TO_CORNERS[source.removeprefix("rel_")](*jnp.moveaxis(boxes, -1, 0)), axis=-1)
    size = jnp.asarray([width, height, width, height], "float32")
    if source.startswith("rel_") != target.startswith("rel_"):
        corners = corners * size if source.startswith("rel_") else corners / size
    return jnp.stack(_FROM_CORNERS[target.removeprefix("rel_")](*jnp.moveaxis(corners, -1, 0)), axis=-1)


def clipped(boxes: Array, labels: Array, height: Any, width: Any) -> tuple[Array, Array]:
    """Return `xyxy` boxes [pixels] cut to the picture; the label of a box of which nothing is left becomes -1."""
    boxes = jnp.clip(boxes, 0, jnp.asarray([width, height, width, height], boxes.dtype))
    left, top, right, bottom = jnp.moveaxis(boxes, -1, 0)
    seen = (right - left) * (bottom - top) > 0
    seen = seen.reshape(seen.shape + (1,) * (labels.ndim - seen.ndim))
    return boxes, jnp.where(seen, labels, jnp.asarray(-1, labels.dtype))


def inverted(transform: Array) -> Array:
    """Return the maps `[batch, 3, 3]` from old to new places for the `[batch, 8]` of `ops.image.affine_transform`."""
    rows = jnp.concatenate([transform, jnp.ones_like(transform[:, :1])], axis=1).reshape(-1, 3, 3)
    first, second, third = rows[:, 0], rows[:, 1], rows[:, 2]
    # The adjugate does for the inverse: their common factor cancels where homogeneous coordinates are divided.
    return jnp.stack([jnp.cross(second, third), jnp.cross(third, first), jnp.cross(first, second)], axis=-1)


def warped(boxes: Array, forward: Array) -> Array:
    """Return the smallest upright boxes around boxes whose corners a map carries along.

        (x', y') = (X / Z, Y / Z)      (X, Y, Z) = forward (x, y, 1)

    Shapes: boxes `[batch, box, 4]` in `xyxy` [pixels], forward `[batch, 3, 3]`.
    """
    left, top, right, bottom = jnp.moveaxis(boxes, -1, 0)
    x = jnp.stack([left, right, right, left], axis=-1)
    y = jnp.stack([top, top, bottom, bottom], axis=-1)
    new = jnp.einsum("nij,nbcj->nbci", forward, jnp.stack([x, y, jnp.ones_like(x)], axis=-1), precision="highest")
    new_x, new_y = new[..., 0] / new[..., 2], new[..., 1] / new[..., 2]
    return jnp.stack([new_x.min(-1), new_y.min(-1), new_x.max(-1), new_y.max(-1)], axis=-1)


def dense(place: str, boxes: Any, batched: bool) -> dict[str, Any]:
    """Return `boxes` and `labels` as arrays; lists of unequal length are filled up with boxes of 0 and labels of -1.

    Raises:
        InvalidArgument: something else than a dict with `boxes` and `labels`, or shapes that do not fit.
    """
    if not isinstance(boxes, dict) or not {"boxes", "labels"} <= set(boxes):
        raise InvalidArgument(
            "Bounding boxes come with their labels.",
            code="boxes-and-labels",
            place=place,
            expected="a dict with 'boxes' and 'labels'",
            received=f"a dict with {sorted(boxes)}" if isinstance(boxes, dict) else type(boxes).__name__,
        )
    found = dict(boxes)
    if batched and isinstance(boxes["boxes"], (list, tuple)) and isinstance(boxes["labels"], (list, tuple)):
        most = max((len(row) for row in boxes["boxes"]), default=0)
        found["boxes"] = [[*map(list, row), *[[0.0] * 4] * (most - len(row))] for row in boxes["boxes"]]
        found["labels"] = [[*row, *[-1] * (most - len(row))] for row in boxes["labels"]]
    corners = ops.cast(ops.convert_to_tensor(found["boxes"]), "float32")
    labels = ops.convert_to_tensor(found["labels"])
    rank = 3 if batched else 2
    if corners.ndim != rank or corners.shape[-1] != 4 or labels.shape[: rank - 1] != corners.shape[:-1]:
        raise InvalidArgument(
            "Boxes have four numbers each, and one label each.",
            code="box-shape",
            place=place,
            expected=f"boxes {'[batch, box, 4]' if batched else '[box, 4]'} and labels of the same batch and boxes",
            received=f"boxes of shape {corners.shape}, labels of shape {labels.shape}",
        )
    return {**found, "boxes": corners, "labels": labels}
