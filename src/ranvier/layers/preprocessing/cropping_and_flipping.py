"""Layers that choose a part of pictures, or mirror them, by chance."""

from __future__ import annotations

from typing import Any, ClassVar, final

import jax
import jax.numpy as jnp

from ranvier import random
from ranvier._typing import Array
from ranvier.layers.configured import positive_integer
from ranvier.layers.preprocessing.boxes import framed
from ranvier.layers.preprocessing.image_arguments import known_choice
from ranvier.layers.preprocessing.image_augmentation import BaseImagePreprocessingLayer
from ranvier.layers.preprocessing.resizing import cut, window
from ranvier.ops import image
from ranvier.ops.box_formats import convert_format

__all__ = ["RandomCrop", "RandomFlip"]

_MODES = ("horizontal", "vertical", "horizontal_and_vertical")


@final
class RandomCrop(BaseImagePreprocessingLayer):
    """Cut a part out of pictures while training, the same part of all pictures of a batch.

        outputs[y, x] = images[y + top, x + left]      top ~ {0, ..., rows - height}, left ~ {0, ..., columns - width}

    A picture that is smaller or equal in one direction is not cut by chance: its middle is resized. Nothing happens
    when not training, as in Keras: let CenterCrop or Resizing follow where the size must be the same then.

    Shapes: `[batch, row, column, channel]` (or one picture) to `[batch, height, width, channel]` while training.

    Numerics: boxes follow the pixels; Keras takes `top` for x and `left` for y, and keeps the labels of boxes of which
    nothing is left (-1 here).

    Args:
        height: rows of the result.
        width: columns of the result.
        seed: makes the draws of this layer its own: an integer or a SeedGenerator.
        data_format: `"channels_last"` or `"channels_first"`.
        name: display name.

    Raises:
        InvalidArgument: no size, or data of another rank.

    Example:
        >>> float(RandomCrop(1, 1)([[[5.0], [5.0]], [[5.0], [5.0]]], training=True)[0, 0, 0])
        5.0

    Source: Krizhevsky et al., "ImageNet classification with deep convolutional neural networks", 2012, section 4.1.
    """

    _USE_BASE_FACTOR: ClassVar[bool] = False

    def __init__(
        self,
        height: int,
        width: int,
        seed: Any = None,
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, data_format=data_format, **kwargs)
        self.height, self.width = positive_integer(self, "height", height), positive_integer(self, "width", width)
        self._set_seed(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Return top and left of the part, then rows and columns of the pictures."""
        _, rows, columns = self._sizes(self._images_of(data))
        if training and rows > self.height and columns > self.width:
            spare = (rows - self.height + 1, columns - self.width + 1)
            drawn = (random.uniform((), 0, float(most), seed=self._seed(seed)) for most in spare)
            # In float32 a draw just below the bound may round up to it.
            top, left = (jnp.minimum(d.astype("int32"), m - 1) for d, m in zip(drawn, spare, strict=True))
            return top, left, rows, columns
        high = max(min(rows, int(columns * self.height / self.width)), 1)
        wide = max(min(columns, int(rows * self.width / self.height)), 1)
        return (rows - high) // 2, (columns - wide) // 2, rows, columns

    def transform_images(self, images: Array, transformation: Any, training: bool = True) -> Array:
        """Return the part of the pictures."""
        if not training:
            return images
        return self._transform_images(images.astype(self.compute_dtype), transformation, "bilinear")

    def _transform_images(self, images: Array, transformation: Any, interpolation: str) -> Array:
        top, left = transformation[:2]
        rows, columns = images.shape[self.height_axis], images.shape[self.width_axis]
        if rows > self.height and columns > self.width:
            for axis, start, size in ((self.height_axis, top, self.height), (self.width_axis, left, self.width)):
                images = jax.lax.dynamic_slice_in_dim(images, start, size, axis % images.ndim)
            return images
        part = cut(self, images, int(top), int(left), self.height, self.width)
        if (part.shape[self.height_axis], part.shape[self.width_axis]) == (self.height, self.width):
            return part
        return image.resize(part, (self.height, self.width), interpolation, data_format=self.data_format)

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        """Return the boxes in the part of the pictures."""
        if not training:
            return bounding_boxes
        top, left, *size = transformation
        rows, columns = size or (self.height, self.width)
        high, wide = self.height, self.width
        if not (rows > high and columns > wide):
            high, wide = min(high, rows - int(top)), min(wide, columns - int(left))
        return window(self, bounding_boxes, (rows, columns), (top, left, high, wide))

    def transform_segmentation_masks(
        self, segmentation_masks: Array, transformation: Any, training: bool = True
    ) -> Array:
        """Return the part of the segmentation masks, in the compute type as the pictures."""
        if not training:
            return segmentation_masks
        return self._transform_images(segmentation_masks.astype(self.compute_dtype), transformation, "nearest")


@final
class RandomFlip(BaseImagePreprocessingLayer):
    """Mirror each picture while training, with probability 1/2.

        outputs[y, x] = images[y, columns - 1 - x]      "horizontal", where a coin says so

    With `"horizontal_and_vertical"` one coin decides on both, as in Keras.

    Shapes: outputs have the shape of the pictures.

    Numerics: boxes are cut to the picture, also relative ones.

    Args:
        mode: `"horizontal"`, `"vertical"` or `"horizontal_and_vertical"`.
        seed: makes the draws of this layer its own: an integer or a SeedGenerator.
        data_format: `"channels_last"` or `"channels_first"`.

    Raises:
        InvalidArgument: data of another rank.
        Unsupported: an unknown mode.

    Example:
        >>> y = RandomFlip("horizontal", seed=1)([[[1.0], [2.0]]], training=True)[0, :, 0].tolist()
        >>> y in ([1.0, 2.0], [2.0, 1.0])
        True

    Source: Krizhevsky et al., "ImageNet classification with deep convolutional neural networks", 2012, section 4.1.
    """

    _USE_BASE_FACTOR: ClassVar[bool] = False

    def __init__(
        self, mode: str = "horizontal_and_vertical", seed: Any = None, data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.mode = known_choice(self, "mode", mode, _MODES)
        self._set_seed(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Return for each picture whether it is mirrored."""
        if not training:
            return None
        images = self._images_of(data)
        batch = self._sizes(images)[0]
        shape = (batch, 1, 1, 1) if len(images.shape) == 4 else (1, 1, 1)
        return {
            "flips": random.uniform(shape, seed=self._seed(seed)) <= 0.5,
            "input_shape": tuple(images.shape),
        }

    def _transform_images(self, images: Array, transformation: Any, interpolation: str) -> Array:
        if transformation is None:
            return images
        axes = {"horizontal": (self.width_axis,), "vertical": (self.height_axis,)}
        turned = jnp.flip(images, axes.get(self.mode, (self.height_axis, self.width_axis)))
        return jnp.where(transformation["flips"], turned, images)

    def transform_segmentation_masks(
        self, segmentation_masks: Array, transformation: Any, training: bool = True
    ) -> Array:
        """Return the segmentation masks mirrored as the pictures, in the compute type."""
        return self.transform_images(segmentation_masks, transformation, training=training)

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        """Return the boxes in the mirrored pictures."""
        if not training or transformation is None:
            return bounding_boxes
        shape, form = transformation["input_shape"], str(self.bounding_box_format)
        height, width = shape[self.height_axis], shape[self.width_axis]
        corners = convert_format(bounding_boxes["boxes"], form, "xyxy", height, width)
        left, top, right, bottom = jnp.moveaxis(corners, -1, 0)
        if self.mode != "vertical":
            left, right = width - right, width - left
        if self.mode != "horizontal":
            top, bottom = height - bottom, height - top
        flips = jnp.reshape(jnp.asarray(transformation["flips"]), (-1, 1, 1))
        corners = jnp.where(flips, jnp.stack([left, top, right, bottom], axis=-1), corners)
        return framed(bounding_boxes, corners, form, height, width)
