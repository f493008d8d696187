"""Rows for layers that move pixels: what they are called with. Pure data, read by the recording script too."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

DRAW_SEED = 5


@dataclasses.dataclass(frozen=True)
class MovingCase:
    """One layer with its arguments and the data it changes.

    Attributes:
        layer: name of the class.
        arguments: constructor arguments.
        shape: shape of the pictures; three axes for a single one.
        dtype: their type.
        boxes: format of the boxes that come along; empty for none.
        masks: whether segmentation masks come along.
        seeded: how the draw is seeded: by the layer's own stream, or by `seed=` of `get_random_transformation`.
        config: whether the configuration is Keras's.
    """

    layer: str
    arguments: dict[str, Any] = dataclasses.field(default_factory=dict)
    shape: tuple[int, ...] = (3, 5, 6, 2)
    dtype: str = "float32"
    boxes: str = ""
    masks: bool = True
    seeded: str = "layer"
    config: bool = True

    @property
    def id(self) -> str:
        shown = "-".join(f"{k}={v}" for k, v in self.arguments.items())
        more = f"-{self.dtype}-{self.boxes or 'none'}{'-masks' * self.masks}"
        return f"{self.layer}-{shown}-{'x'.join(map(str, self.shape))}{more}".replace(" ", "")

    def make(self, package: Any, **more: Any) -> Any:
        """Return the layer, of the `layers` package of either library."""
        seed = {} if self.layer in DETERMINISTIC else {"seed": 3}
        boxes = {"bounding_box_format": self.boxes} if self.boxes else {}
        return getattr(package, self.layer)(**{**seed, **boxes, **self.arguments, **more})

    def data(self) -> dict[str, Any]:
        """Return pictures, labels, and what comes along."""
        random = np.random.default_rng(2)
        batch = self.shape[:-3]
        first = self.arguments.get("data_format") == "channels_first"
        height, width = self.shape[-2:] if first else self.shape[-3:-1]
        found: dict[str, Any] = {"images": random.uniform(0, 255, self.shape).astype(self.dtype)}
        found["labels"] = np.arange(3 * int(np.prod(batch)), dtype="float32").reshape(*batch, 3)
        if self.masks:
            plane = (1, height, width) if first else (height, width, 1)
            found["segmentation_masks"] = random.integers(0, 4, (*batch, *plane)).astype("int32")
        if self.boxes:
            found["bounding_boxes"] = self._boxes(random, batch, height, width)
        return found

    def _boxes(self, random: np.random.Generator, batch: tuple[int, ...], height: int, width: int) -> dict[str, Any]:
        """Return two boxes for each picture, and one of nothing that fills up."""
        left, top = random.uniform(0.1, 0.5, (2, *batch, 2))
        wide, high = random.uniform(0.2, 0.4, (2, *batch, 2))
        corners = np.stack([left, top, left + wide, top + high], -1)
        if self.boxes.endswith("xywh"):
            corners[..., 2:] -= corners[..., :2]
        if self.boxes == "yxyx":
            corners = corners[..., [1, 0, 3, 2]]
        size = np.array([height, width, height, width] if self.boxes == "yxyx" else [width, height, width, height])
        corners = corners if self.boxes.startswith("rel_") else corners * size
        corners = np.concatenate([corners, np.zeros((*batch, 1, 4))], -2).astype("float32")
        labels = np.broadcast_to(np.array([1, 2, -1], "int32"), (*batch, 3))
        return {"boxes": corners, "labels": labels.copy()}


DETERMINISTIC = ("CenterCrop", "MaxNumBoundingBoxes", "Resizing")
_FIRST = {"data_format": "channels_first"}
_CHANNELS_FIRST = (3, 2, 5, 6)
_ALONE = (5, 6, 2)

RESIZING = [
    *[
        MovingCase("Resizing", {"height": 7, "width": 4, "interpolation": name}, masks=False)
        for name in ("bicubic", "lanczos3", "lanczos5", "nearest")
    ],
    MovingCase("Resizing", {"height": 7, "width": 4}, boxes="xyxy"),
    MovingCase("Resizing", {"height": 7, "width": 4, **_FIRST}, _CHANNELS_FIRST, boxes="yxyx"),
    MovingCase("Resizing", {"height": 3, "width": 4, "antialias": True}, _ALONE, boxes="rel_xywh"),
    MovingCase("Resizing", {"height": 7, "width": 4}, dtype="uint8"),
    MovingCase("Resizing", {"height": 8, "width": 6, "crop_to_aspect_ratio": True}, boxes="xywh"),
    MovingCase("Resizing", {"height": 4, "width": 12, "crop_to_aspect_ratio": True}, _ALONE, boxes="center_xywh"),
    MovingCase("Resizing", {"height": 8, "width": 6, "pad_to_aspect_ratio": True, "fill_value": 7.0}, boxes="xyxy"),
    MovingCase("Resizing", {"height": 4, "width": 12, "pad_to_aspect_ratio": True}, boxes="rel_yxyx"),
]
CROPS = [
    MovingCase("CenterCrop", {"height": 3, "width": 4}, boxes="xyxy"),
    MovingCase("CenterCrop", {"height": 2, "width": 3}, _ALONE, "uint8", boxes="rel_center_xywh"),
    MovingCase("CenterCrop", {"height": 3, "width": 3, **_FIRST}, _CHANNELS_FIRST),
    MovingCase("CenterCrop", {"height": 8, "width": 4}, boxes="xywh", masks=False),
    MovingCase("RandomCrop", {"height": 3, "width": 4}),
    MovingCase("RandomCrop", {"height": 2, "width": 5}, _ALONE, "uint8"),
    MovingCase("RandomCrop", {"height": 3, "width": 2, **_FIRST}, _CHANNELS_FIRST),
    MovingCase("RandomCrop", {"height": 5, "width": 4}),
    MovingCase("RandomCrop", {"height": 8, "width": 8}, masks=False),
]
FLIPS = [
    MovingCase("RandomFlip", {}, (6, 3, 4, 1), boxes="xyxy"),
    MovingCase("RandomFlip", {"mode": "horizontal"}, (6, 3, 4, 1), "uint8", boxes="rel_xyxy"),
    MovingCase("RandomFlip", {"mode": "vertical", **_FIRST}, (6, 1, 3, 4), boxes="yxyx"),
    MovingCase("RandomFlip", {"seed": 4}, _ALONE, boxes="xywh"),
]
_SIDES = ("reflect", "constant", "nearest", "wrap")
WARPS = [
    *[MovingCase("RandomRotation", {"factor": 0.3, "fill_mode": side, "fill_value": 9.0}) for side in _SIDES],
    MovingCase("RandomRotation", {"factor": (0.1, 0.4), "interpolation": "nearest"}, dtype="uint8", boxes="xyxy"),
    MovingCase("RandomRotation", {"factor": 1.0, **_FIRST}, _CHANNELS_FIRST, boxes="xyxy"),
    MovingCase("RandomRotation", {"factor": -0.1}, _ALONE, seeded="call"),
    MovingCase("RandomTranslation", {"height_factor": 0.5, "width_factor": 0.3}, boxes="xyxy"),
    MovingCase(
        "RandomTranslation",
        {"height_factor": (-0.2, 0.4), "width_factor": 0.9, "fill_mode": "constant", "fill_value": 3.0},
        boxes="rel_xywh",
    ),
    MovingCase("RandomTranslation", {"height_factor": 0.2, "width_factor": 0.3, **_FIRST}, _CHANNELS_FIRST, "uint8"),
    MovingCase("RandomTranslation", {"height_factor": 0.4, "width_factor": 0.3, "interpolation": "nearest"}, _ALONE),
    MovingCase("RandomZoom", {"height_factor": 0.6}, boxes="xyxy"),
    MovingCase("RandomZoom", {"height_factor": (-0.5, -0.2), "width_factor": 0.3}, boxes="rel_yxyx"),
    MovingCase("RandomZoom", {"height_factor": 1.0, "fill_mode": "wrap", **_FIRST}, _CHANNELS_FIRST, boxes="yxyx"),
    MovingCase("RandomZoom", {"height_factor": 0.3, "fill_mode": "nearest"}, _ALONE, "uint8"),
    MovingCase("RandomShear", {"x_factor": (0.1, 0.5), "y_factor": (0.2, 0.6)}),
    MovingCase("RandomShear", {"x_factor": 0.4}, (3, 6, 6, 2), boxes="xyxy", config=False),
    MovingCase(
        "RandomShear", {"y_factor": (0.2, 0.9), "fill_mode": "wrap"}, (3, 6, 6, 2), boxes="rel_xyxy", config=False
    ),
    MovingCase("RandomShear", {"x_factor": (0.1, 0.5), "fill_mode": "constant"}, _ALONE, "uint8", config=False),
    MovingCase("RandomPerspective", {}, boxes="xyxy"),
    MovingCase("RandomPerspective", {"factor": 0.9, "scale": 0.5, "fill_value": 5.0}, boxes="xyxy"),
    MovingCase("RandomPerspective", {"scale": 0.4, "interpolation": "nearest", **_FIRST}, _CHANNELS_FIRST),
    MovingCase("RandomPerspective", {"scale": 0.7}, _ALONE, "uint8", seeded="call"),
]
ELASTIC = [
    MovingCase("RandomElasticTransform", arguments, shape, dtype, masks=False, seeded="call")
    for arguments, shape, dtype in (
        ({}, (3, 12, 14, 2), "float32"),
        ({"scale": (0.5, 0.9), "fill_mode": "constant", "fill_value": 3.0}, (2, 20, 24, 1), "uint8"),
        ({"interpolation": "nearest", "fill_mode": "mirror", "factor": 0.9, **_FIRST}, (4, 1, 10, 12), "float32"),
        ({"value_range": (50, 100), "fill_mode": "wrap"}, (3, 12, 12, 1), "float32"),
    )
]
BOXES = [
    MovingCase("MaxNumBoundingBoxes", {"max_number": 2}, boxes="xyxy", config=False),
    MovingCase("MaxNumBoundingBoxes", {"max_number": 5, "fill_value": -7}, _ALONE, "uint8", boxes="xywh", config=False),
]
CASES = [*RESIZING, *CROPS, *FLIPS, *WARPS, *ELASTIC, *BOXES]
