"""Bounding boxes as layers take them and hand them back; `ops` knows their formats and how they move."""

from __future__ import annotations

from typing import Any

from ranvier import ops
from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.ops.box_formats import convert_format
from ranvier.ops.box_moves import clip_to_image_size

__all__ = ["dense", "framed"]


def framed(bounding_boxes: dict[str, Any], corners: Array, form: str, height: Any, width: Any) -> dict[str, Any]:
    """Return boxes in their format again, cut to the picture; the label of a box of which nothing is left becomes -1.

    Args:
        bounding_boxes: what came along with the pictures.
        corners: where its boxes are now, `"xyxy"` [pixels].
        form: the format.
        height: the new picture's height [pixels].
        width: its width.
    """
    cut = clip_to_image_size({**bounding_boxes, "boxes": corners}, height, width)
    return {**cut, "boxes": convert_format(cut["boxes"], "xyxy", form, height, width)}


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
