"""Calls of `utils.bounding_boxes`: pure data, read by the recording script too."""

from __future__ import annotations

from typing import Any

import numpy as np

_RANDOM = np.random.default_rng(6)


def _boxes(*rows: int, size: float = 20.0) -> np.ndarray:
    corner = _RANDOM.uniform(0, size, (*rows, 2))
    return np.concatenate([corner, corner + _RANDOM.uniform(0.1, size / 2, (*rows, 2))], -1).astype("float32")


ARRAYS: dict[str, Any] = {
    "boxes": _boxes(2, 3),
    "others": _boxes(2, 4),
    "row": _boxes(3),
    "column": _boxes(5),
    "same": _boxes(3),
    "shares": _boxes(3, size=0.6),
    "steps": _RANDOM.normal(size=(2, 3, 4)).astype("float32") / 4,
    "absent": np.concatenate([_boxes(2), -np.ones((1, 4), "float32")]),
    "angle": np.array([30.0, -75.0], "float32"),
    "across": np.array([0.1, -0.2], "float32"),
    "down": np.array([0.0, 0.15], "float32"),
    "factor": np.array([1.2, 0.7], "float32"),
    "lean": np.array([5.0, -12.0], "float32"),
    "tilt": np.array([-8.0, 3.0], "float32"),
}
ARRAYS["labelled"] = {"boxes": ARRAYS["boxes"], "labels": np.arange(6).reshape(2, 3)}
ARRAYS["labelled_shares"] = {"boxes": ARRAYS["shares"] * 2 - 0.5, "labels": np.arange(3)}

_ABSOLUTE = ("xyxy", "yxyx", "xywh", "center_xywh", "center_yxhw")
_RELATIVE = ("rel_xyxy", "rel_yxyx", "rel_xywh", "rel_center_xywh")
_SIZE = {"height": 21, "width": 34}
_SHAPE = {"image_shape": (21, 34, 3)}
_MOVES = ["boxes", "angle", "across", "down", "factor", "lean", "tilt"]

CASES: list[tuple[str, list[str], dict[str, Any]]] = [
    *(("convert_format", ["boxes"], {"source": source, "target": "xyxy"}) for source in _ABSOLUTE),
    *(("convert_format", ["row"], {"source": "xyxy", "target": target}) for target in _ABSOLUTE),
    *(("convert_format", ["shares"], {"source": source, "target": "xywh"} | _SIZE) for source in _RELATIVE),
    *(("convert_format", ["boxes"], {"source": "yxyx", "target": target} | _SIZE) for target in _RELATIVE),
    ("convert_format", ["shares"], {"source": "rel_yxyx", "target": "rel_center_xywh"} | _SIZE),
    ("convert_format", ["row"], {"source": "xywh", "target": "center_yxhw", "dtype": "float16"}),
    ("convert_format", ["labelled"], {"source": "xyxy", "target": "xywh"}),
    ("clip_to_image_size", ["labelled"], {"height": 9, "width": 12}),
    ("clip_to_image_size", ["labelled_shares"], {"bounding_box_format": "rel_xyxy"}),
    ("affine_transform", _MOVES, _SIZE),
    ("affine_transform", _MOVES, _SIZE | {"center_x": 0.3, "center_y": 0.8}),
    ("crop", ["boxes"], {"top": 3, "left": 2, "height": 10, "width": 14}),
    ("pad", ["boxes"], {"top": 3, "left": 2}),
    ("encode_box_to_deltas", ["row", "boxes"], {"anchor_format": "xyxy", "box_format": "xywh"}),
    (
        "encode_box_to_deltas",
        ["shares", "boxes"],
        {"anchor_format": "rel_xyxy", "box_format": "yxyx", "encoding_format": "center_xywh"}
        | {"variance": [0.1, 0.1, 0.2, 0.3]}
        | _SHAPE,
    ),
    ("decode_deltas_to_boxes", ["row", "steps"], {"anchor_format": "xyxy", "box_format": "xywh"}),
    (
        "decode_deltas_to_boxes",
        ["shares", "steps"],
        {"anchor_format": "rel_xyxy", "box_format": "rel_yxyx", "encoded_format": "center_xywh"}
        | {"variance": [0.1, 0.1, 0.2, 0.3]}
        | _SHAPE,
    ),
    ("compute_iou", ["row", "column"], {"bounding_box_format": "xyxy"}),
    ("compute_iou", ["boxes", "others"], {"bounding_box_format": "center_xywh"}),
    ("compute_iou", ["boxes", "column"], {"bounding_box_format": "yxyx"}),
    ("compute_iou", ["shares", "row"], {"bounding_box_format": "rel_xyxy"} | _SHAPE),
    ("compute_iou", ["absent", "row"], {"bounding_box_format": "xyxy", "use_masking": True, "mask_val": -3}),
    ("compute_ciou", ["row", "same"], {"bounding_box_format": "xyxy"}),
    ("compute_ciou", ["boxes", "row"], {"bounding_box_format": "xywh"}),
]
SLOPES = ("compute_iou", "compute_ciou", "encode_box_to_deltas", "decode_deltas_to_boxes")
"""Functions whose gradients by the second array are compared: detectors train through them."""


def probe(shape: tuple[int, ...]) -> np.ndarray:
    """Return the weights of the sum whose gradients are compared."""
    return np.random.default_rng(11).normal(size=shape).astype("float32")
