"""Layers that bring pictures to a wanted size, in training and after it."""

from __future__ import annotations

from typing import Any, ClassVar, final

import jax.numpy as jnp

from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.layers.configured import positive_integer
from ranvier.layers.preprocessing.boxes import framed
from ranvier.layers.preprocessing.image_arguments import known_choice
from ranvier.layers.preprocessing.image_augmentation import BaseImagePreprocessingLayer
from ranvier.ops import image
from ranvier.ops.box_formats import convert_format

__all__ = ["CenterCrop", "Resizing", "cut", "window"]

_INTERPOLATIONS = ("bicubic", "bilinear", "lanczos3", "lanczos5", "nearest")


@final
class Resizing(BaseImagePreprocessingLayer):
    """Bring pictures to a size, by interpolation.

        outputs[y, x] = images interpolated at ((y + 1/2) * rows / height - 1/2, (x + 1/2) * columns / width - 1/2)

    Shapes: `[batch, row, column, channel]` (or one picture) to `[batch, height, width, channel]`.

    Numerics: integers are rounded and stay integers. Boxes of which nothing is left have the label -1.

    Args:
        height: rows of the result.
        width: columns of the result.
        interpolation: `"bilinear"`, `"nearest"`, `"bicubic"`, `"lanczos3"` or `"lanczos5"`.
        crop_to_aspect_ratio: cut off what has another aspect ratio, instead of distorting.
        pad_to_aspect_ratio: fill up with `fill_value` what has another aspect ratio, instead of distorting.
        fill_mode: only `"constant"`.
        fill_value: what `pad_to_aspect_ratio` fills up with.
        antialias: smooth before making smaller.
        data_format: `"channels_last"` or `"channels_first"`.

    Raises:
        InvalidArgument: no size, both ways to keep the aspect ratio, or data of another rank.
        Unsupported: an unknown interpolation or fill mode.

    Example:
        >>> Resizing(1, 2)([[[1.0], [3.0]], [[1.0], [3.0]]])[..., 0].tolist()
        [[1.0, 3.0]]
    """

    _USE_BASE_FACTOR: ClassVar[bool] = False

    def __init__(
        self,
        height: int,
        width: int,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        fill_mode: str = "constant",
        fill_value: float = 0.0,
        antialias: bool = False,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.height, self.width = positive_integer(self, "height", height), positive_integer(self, "width", width)
        self.interpolation = known_choice(self, "interpolation", interpolation, _INTERPOLATIONS)
        if crop_to_aspect_ratio and pad_to_aspect_ratio:
            raise InvalidArgument(
                "A picture is cropped or padded to its aspect ratio, not both.",
                code="resizing-ratio",
                place=f"layer {self.name!r}",
                expected="at most one of crop_to_aspect_ratio and pad_to_aspect_ratio",
                received="both",
            )
        self.crop_to_aspect_ratio, self.pad_to_aspect_ratio = crop_to_aspect_ratio, pad_to_aspect_ratio
        self.fill_mode = known_choice(self, "fill_mode", fill_mode, ("constant",))
        self.fill_value, self.antialias = fill_value, bool(antialias)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Return height and width of the pictures; nothing is drawn."""
        return self._sizes(self._images_of(data))[1:]

    def transform_images(self, images: Array, transformation: Any = None, training: bool = True) -> Array:
        """Return the pictures in the wanted size and their own type."""
        return self._transform_images(images, transformation, self.interpolation)

    def transform_segmentation_masks(
        self, segmentation_masks: Array, transformation: Any = None, training: bool = True
    ) -> Array:
        """Return the segmentation masks in the wanted size; each pixel takes the class of its nearest."""
        return self._transform_images(segmentation_masks, transformation, "nearest")

    def _transform_images(self, images: Array, transformation: Any, interpolation: str) -> Array:
        return image.resize(
            images,
            (self.height, self.width),
            interpolation=interpolation,
            antialias=self.antialias,
            crop_to_aspect_ratio=self.crop_to_aspect_ratio,
            pad_to_aspect_ratio=self.pad_to_aspect_ratio,
            fill_mode=self.fill_mode,
            fill_value=self.fill_value,
            data_format=self.data_format,
        )

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        """Return the boxes in the resized pictures; boxes of only 0 or only -1 fill up a list and become 0."""
        height, width = transformation
        given, form = bounding_boxes["boxes"], str(self.bounding_box_format)
        filling = jnp.all(given == -1, axis=-1) | jnp.all(given == 0, axis=-1)
        scale_y, scale_x, top, left = self._placed(height, width)
        scale = jnp.asarray([scale_x, scale_y, scale_x, scale_y], "float32")
        corners = convert_format(given, form, "xyxy", height, width) * scale
        corners = corners + jnp.asarray([left, top, left, top], "float32")
        moved = framed(bounding_boxes, corners, form, self.height, self.width)
        return {**moved, "boxes": jnp.where(filling[..., None], 0, moved["boxes"])}

    def _placed(self, height: int, width: int) -> tuple[float, float, float, float]:
        """Return how places change: two scales (y, x), and where the old origin comes to stand (y, x)."""
        scale_y, scale_x = self.height / height, self.width / width
        if not self.pad_to_aspect_ratio and not self.crop_to_aspect_ratio:
            return scale_y, scale_x, 0.0, 0.0
        if self.pad_to_aspect_ratio:
            scale = min(scale_y, scale_x)
            return scale, scale, (self.height - height * scale) // 2, (self.width - width * scale) // 2
        scale = max(scale_y, scale_x)
        return scale, scale, -((height * scale - self.height) // 2), -((width * scale - self.width) // 2)


@final
class CenterCrop(BaseImagePreprocessingLayer):
    """Cut the middle out of pictures.

        outputs[y, x] = images[y + floor((rows - height) / 2), x + floor((columns - width) / 2)]

    A picture that is smaller is resized: its largest middle part of the wanted aspect ratio fills the result.

    Shapes: `[batch, row, column, channel]` (or one picture) to `[batch, height, width, channel]`.

    Numerics: the result has the compute type. Segmentation masks that are resized keep their classes, where Keras
    blends them.

    Args:
        height: rows of the result.
        width: columns of the result.
        data_format: `"channels_last"` or `"channels_first"`.

    Raises:
        InvalidArgument: no size, or data of another rank.

    Example:
        >>> CenterCrop(1, 1)([[[1.0], [2.0], [3.0]]]).tolist()
        [[[2.0]]]
    """

    _USE_BASE_FACTOR: ClassVar[bool] = False

    def __init__(self, height: int, width: int, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.height, self.width = positive_integer(self, "height", height), positive_integer(self, "width", width)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Return the shape of the pictures; nothing is drawn."""
        return {"input_shape": tuple(self._images_of(data).shape)}

    def transform_images(self, images: Array, transformation: Any = None, training: bool = True) -> Array:
        """Return the middle of the pictures."""
        return self._transform_images(images.astype(self.compute_dtype), transformation, "bilinear")

    def transform_segmentation_masks(
        self, segmentation_masks: Array, transformation: Any = None, training: bool = True
    ) -> Array:
        """Return the middle of the segmentation masks, as the pictures' one."""
        return self._transform_images(segmentation_masks.astype(self.compute_dtype), transformation, "nearest")

    def _transform_images(self, images: Array, transformation: Any, interpolation: str) -> Array:
        rows, columns = images.shape[self.height_axis], images.shape[self.width_axis]
        if rows >= self.height and columns >= self.width:
            top, left = (rows - self.height) // 2, (columns - self.width) // 2
            return cut(self, images, top, left, self.height, self.width)
        size, form = (self.height, self.width), self.data_format
        return image.resize(images, size, interpolation, crop_to_aspect_ratio=True, data_format=form)

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        """Return the boxes in the middle of the pictures."""
        rows, columns = (transformation["input_shape"][axis] for axis in (self.height_axis, self.width_axis))
        if rows >= self.height and columns >= self.width:
            top, left = (rows - self.height) // 2, (columns - self.width) // 2
            return window(self, bounding_boxes, (rows, columns), (top, left, self.height, self.width))
        high = max(min(rows, int(columns * self.height / self.width)), 1)
        wide = max(min(columns, int(rows * self.width / self.height)), 1)
        return window(self, bounding_boxes, (rows, columns), ((rows - high) // 2, (columns - wide) // 2, high, wide))


def cut(layer: BaseImagePreprocessingLayer, images: Array, top: int, left: int, height: int, width: int) -> Array:
    """Return a part of pictures; one that would stand out of them ends at their edge."""
    where = [slice(None)] * images.ndim
    where[layer.height_axis], where[layer.width_axis] = slice(top, top + height), slice(left, left + width)
    return images[tuple(where)]


def window(
    layer: CenterCrop | Any, bounding_boxes: Any, size: tuple[int, int], part: tuple[Any, Any, int, int]
) -> dict[str, Any]:
    """Return boxes in a part of pictures that fills the layer's `height` and `width`.

    Args:
        layer: the layer.
        bounding_boxes: boxes and labels.
        size: rows and columns of the pictures.
        part: the part's top, left, height and width [pixels].
    """
    top, left, height, width = part
    form = str(layer.bounding_box_format)
    corners = convert_format(bounding_boxes["boxes"], form, "xyxy", *size)
    corners = corners - jnp.stack([jnp.asarray(v, "float32") for v in (left, top, left, top)])
    scale = (layer.width / width, layer.height / height)
    corners = corners * jnp.asarray([*scale, *scale], "float32")
    return framed(bounding_boxes, corners, form, layer.height, layer.width)
