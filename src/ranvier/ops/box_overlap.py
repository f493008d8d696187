"""How much boxes overlap, and boxes as steps away from anchors."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import jax.numpy as jnp

from ranvier import _config
from ranvier._typing import Array, ArrayLike
from ranvier.ops.box_formats import convert_format, unfit
from ranvier.ops.core import operand
from ranvier.state.symbolic import op

__all__ = ["compute_ciou", "compute_iou", "decode_deltas_to_boxes", "encode_box_to_deltas"]


@op
def compute_iou(
    boxes1: ArrayLike,
    boxes2: ArrayLike,
    bounding_box_format: str,
    use_masking: bool = False,
    mask_val: float = -1,
    image_shape: Sequence[int] | None = None,
) -> Array:
    """Return the overlap of each box with each other box, `area of both / area of either`, [*row, box 1, box 2].

    Args:
        boxes1: [*row, box 1, 4].
        boxes2: [*row, box 2, 4].
        bounding_box_format: see `convert_format`.
        use_masking: whether boxes of which all numbers are negative get `mask_val`.
        mask_val: what they get.
        image_shape: (height, width, channels) of the picture, for a relative format.

    Raises:
        InvalidArgument: other shapes, an unknown format, or no `image_shape` where one is needed.

    Example:
        >>> compute_iou([[0, 0, 2, 2]], [[1, 0, 3, 2], [5, 5, 6, 6]], "xyxy").round(4).tolist()
        [[0.33329999446868896, 0.0]]

    Source: Jaccard, "The distribution of the flora in the alpine zone", 1912.
    """
    place = "compute_iou"
    for boxes in (boxes1, boxes2):
        if operand(boxes).ndim not in (2, 3):
            raise unfit(place, "[box, 4] or [row, box, 4]", f"shape {operand(boxes).shape}")
    one, two = (_as_corners(place, boxes, bounding_box_format, image_shape) for boxes in (boxes1, boxes2))
    first, second = one[..., :, None, :], two[..., None, :, :]
    both = _shared(first, second)
    either = _area(first) + _area(second) - both
    overlap = both / (either + _config.epsilon())
    if not use_masking:
        return overlap
    absent = (jnp.max(first, -1) < 0) | (jnp.max(second, -1) < 0)
    return jnp.where(absent, jnp.asarray(mask_val, overlap.dtype), overlap)


@op
def compute_ciou(
    boxes1: ArrayLike, boxes2: ArrayLike, bounding_box_format: str, image_shape: Sequence[int] | None = None
) -> Array:
    """Return the complete overlap of boxes one by one: it falls with the distance and with unlike shapes, [*box].

        overlap - distance^2 / diagonal^2 - v^2 / (1 - overlap + v)
        v = 4 / pi^2 (arctan(width 2 / height 2) - arctan(width 1 / height 1))^2

    with the distance of the middles and the diagonal of the smallest box around both.

    Args:
        boxes1: [*box, 4].
        boxes2: [*box, 4].
        bounding_box_format: see `convert_format`.
        image_shape: (height, width, channels) of the picture, for a relative format.

    Raises:
        InvalidArgument: an unknown format, not four numbers, or no `image_shape` where one is needed.

    Numerics: relative formats work where `image_shape` is given; Keras refuses them all.

    Example:
        >>> round(float(compute_ciou([0, 0, 2, 2], [1, 0, 3, 2], "xyxy")), 3)
        0.256

    Source: Zheng et al., "Enhancing geometric factors in model learning and inference for object detection", 2022.
    """
    eps = _config.epsilon()
    one, two = (_as_corners("compute_ciou", boxes, bounding_box_format, image_shape) for boxes in (boxes1, boxes2))
    wide1, wide2 = (box[..., 2] - box[..., 0] for box in (one, two))
    high1, high2 = (box[..., 3] - box[..., 1] + eps for box in (one, two))
    both = _shared(one, two)
    overlap = both / (wide1 * high1 + wide2 * high2 - both + eps + eps)
    around = jnp.maximum(one[..., 2:], two[..., 2:]) - jnp.minimum(one[..., :2], two[..., :2])
    apart = (one[..., :2] + one[..., 2:]) / 2 - (two[..., :2] + two[..., 2:]) / 2
    distance = jnp.sum(jnp.square(apart), -1) / (jnp.sum(jnp.square(around), -1) + eps)
    v = 4 / math.pi**2 * jnp.square(jnp.arctan(wide2 / high2) - jnp.arctan(wide1 / high1))
    return overlap - (distance + v * (v / (v - overlap + (1 + eps))))


@op
def encode_box_to_deltas(
    anchors: ArrayLike,
    boxes: ArrayLike,
    anchor_format: str,
    box_format: str,
    encoding_format: str = "center_yxhw",
    variance: ArrayLike | None = None,
    image_shape: Sequence[int] | None = None,
) -> Array:
    """Return boxes as steps from anchors: what a detector learns to predict.

        ((middle - anchor's middle) / anchor's size, log(size / anchor's size)) / variance

    Args:
        anchors: [box, 4].
        boxes: [*row, box, 4].
        anchor_format: see `convert_format`.
        box_format: likewise.
        encoding_format: `"center_yxhw"` or `"center_xywh"`: the order of the steps.
        variance: four divisors; 1 for None.
        image_shape: (height, width, channels) of the picture, for a relative format.

    Raises:
        InvalidArgument: an unknown format, other than four divisors, or no `image_shape` where one is needed.

    Example:
        >>> encode_box_to_deltas([[0, 0, 2, 4]], [[1, 0, 3, 4]], "xyxy", "xyxy").tolist()
        [[0.0, 0.5, 0.0, 0.0]]

    Source: Girshick et al., "Rich feature hierarchies for accurate object detection", 2014, appendix C.
    """
    place = "encode_box_to_deltas"
    divisors = _variance(place, variance)
    size = _encoding(place, encoding_format, image_shape)
    anchor, box = (
        convert_format(given, form, encoding_format, *size)
        for given, form in ((anchors, anchor_format), (boxes, box_format))
    )
    unit, extent = (jnp.maximum(array[..., 2:], _config.epsilon()) for array in (anchor, box))
    steps = [(box[..., :2] - anchor[..., :2]) / unit, jnp.log(extent / unit)]
    steps = [jnp.broadcast_to(step, jnp.broadcast_shapes(*(s.shape for s in steps))) for step in steps]
    return jnp.concatenate(steps, -1) / divisors


@op
def decode_deltas_to_boxes(
    anchors: Any,
    boxes_delta: Any,
    anchor_format: str,
    box_format: str,
    encoded_format: str = "center_yxhw",
    variance: ArrayLike | None = None,
    image_shape: Sequence[int] | None = None,
) -> Any:
    """Return the boxes that steps from anchors lead to: the inverse of `encode_box_to_deltas`.

    Args:
        anchors: [box, 4], or a dict of them by level.
        boxes_delta: [*row, box, 4], or a dict of them.
        anchor_format: see `convert_format`.
        box_format: likewise.
        encoded_format: `"center_yxhw"` or `"center_xywh"`: the order of the steps.
        variance: four factors; 1 for None.
        image_shape: (height, width, channels) of the picture, for a relative format.

    Raises:
        InvalidArgument: an unknown format, other than four factors, or no `image_shape` where one is needed.

    Example:
        >>> decode_deltas_to_boxes([[0, 0, 2, 4]], [[0.0, 0.5, 0.0, 0.0]], "xyxy", "xyxy").tolist()
        [[1.0, 0.0, 3.0, 4.0]]

    Source: Girshick et al., "Rich feature hierarchies for accurate object detection", 2014, appendix C.
    """
    if isinstance(anchors, Mapping) and isinstance(boxes_delta, Mapping):
        rest = (anchor_format, box_format, encoded_format, variance, image_shape)
        return {level: decode_deltas_to_boxes(anchor, boxes_delta[level], *rest) for level, anchor in anchors.items()}
    place = "decode_deltas_to_boxes"
    factors = _variance(place, variance)
    size = _encoding(place, encoded_format, image_shape)
    anchor = convert_format(anchors, anchor_format, encoded_format, *size)
    steps = operand(boxes_delta) * factors
    middle, unit = anchor[..., :2], anchor[..., 2:]
    box = jnp.concatenate([steps[..., :2] * unit + middle, jnp.exp(steps[..., 2:]) * unit], -1)
    return convert_format(box, encoded_format, box_format, *size)


def _as_corners(place: str, boxes: ArrayLike, form: str, image_shape: Sequence[int] | None) -> Array:
    if isinstance(form, str) and form.startswith("rel") and image_shape is None:
        raise unfit(place, "image_shape=(height, width, channels), for a relative format", "None")
    corners: Array = convert_format(boxes, form, "xyxy", *_size(place, image_shape))
    return corners


def _size(place: str, image_shape: Sequence[int] | None) -> tuple[Any, Any]:
    """Return the picture's height and width."""
    if image_shape is None:
        return None, None
    if len(image_shape) != 3:
        raise unfit(place, "image_shape=(height, width, channels)", repr(image_shape))
    return image_shape[0], image_shape[1]


def _encoding(place: str, form: str, image_shape: Sequence[int] | None) -> tuple[Any, Any]:
    """Return the picture's height and width, for steps in one of two orders."""
    if form not in ("center_xywh", "center_yxhw"):
        raise unfit(place, "steps as 'center_xywh' or 'center_yxhw'", repr(form))
    return _size(place, image_shape)


def _variance(place: str, variance: ArrayLike | None) -> Array:
    if variance is None:
        return jnp.ones((), "float32")
    found = operand(variance).astype("float32")
    if found.ndim < 1 or found.shape[-1] != 4:
        raise unfit(place, "four numbers as variance", f"shape {found.shape}")
    return found


def _area(box: Array) -> Array:
    return (box[..., 3] - box[..., 1]) * (box[..., 2] - box[..., 0])


def _shared(one: Array, two: Array) -> Array:
    """Return the area that boxes (left, top, right, bottom) have in common."""
    sides = jnp.minimum(one[..., 2:], two[..., 2:]) - jnp.maximum(one[..., :2], two[..., :2])
    return jnp.prod(jnp.maximum(sides, 0), -1)
