"""A layer that brings every picture to the same number of bounding boxes."""

from __future__ import annotations

from typing import Any, ClassVar, final

import jax.numpy as jnp

from ranvier._typing import Array
from ranvier.layers.configured import positive_integer
from ranvier.layers.preprocessing.image_augmentation import BaseImagePreprocessingLayer

__all__ = ["MaxNumBoundingBoxes"]


@final
class MaxNumBoundingBoxes(BaseImagePreprocessingLayer):
    """Keep the first boxes of each picture, and fill up where there are fewer.

        boxes[n, b] = given[n, b] where b < the given number, else fill_value      b < max_number

    Shapes: boxes `[batch, box, 4]` to `[batch, max_number, 4]`, labels likewise; all else stays as it is.

    Numerics: `fill_value` is part of the configuration; Keras forgets it.

    Args:
        max_number: the number of boxes.
        fill_value: what missing boxes and labels consist of.

    Raises:
        InvalidArgument: no number of boxes, or boxes without a format.

    Example:
        >>> boxes = {"boxes": [[[0.0, 0.0, 2.0, 2.0]]], "labels": [[3]]}
        >>> layer = MaxNumBoundingBoxes(2, bounding_box_format="xyxy")
        >>> layer({"images": jnp.zeros((1, 4, 4, 1)), "bounding_boxes": boxes})["bounding_boxes"]["labels"].tolist()
        [[3, -1]]
    """

    _USE_BASE_FACTOR: ClassVar[bool] = False

    def __init__(self, max_number: int, fill_value: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.max_number = positive_integer(self, "max_number", max_number)
        self.fill_value = int(fill_value)

    def transform_images(self, images: Array, transformation: Any = None, training: bool = True) -> Array:
        """Return the pictures as they are."""
        return images

    def transform_segmentation_masks(
        self, segmentation_masks: Array, transformation: Any = None, training: bool = True
    ) -> Array:
        """Return the segmentation masks as they are."""
        return segmentation_masks

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        """Return `max_number` boxes and labels for each picture."""
        return {name: self._brought(values) for name, values in bounding_boxes.items()}

    def _brought(self, values: Array) -> Array:
        kept = values[:, : self.max_number]
        missing = [(0, 0), (0, self.max_number - kept.shape[1]), *[(0, 0)] * (kept.ndim - 2)]
        return jnp.pad(kept, missing, constant_values=self.fill_value)
