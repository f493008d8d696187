"""Keras's `utils.bounding_boxes`: boxes in other formats, moved with their pictures, compared, and as steps."""

from __future__ import annotations

from ranvier.ops.box_formats import convert_format
from ranvier.ops.box_moves import affine_transform, clip_to_image_size, crop, pad
from ranvier.ops.box_overlap import compute_ciou, compute_iou, decode_deltas_to_boxes, encode_box_to_deltas

__all__ = [
    "affine_transform",
    "clip_to_image_size",
    "compute_ciou",
    "compute_iou",
    "convert_format",
    "crop",
    "decode_deltas_to_boxes",
    "encode_box_to_deltas",
    "pad",
]
