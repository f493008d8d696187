"""Layers that turn, move, scale, shear or tilt pictures by chance, one way for each picture."""

from __future__ import annotations

import math
from typing import Any, ClassVar, final

import jax.numpy as jnp

from ranvier import random
from ranvier._typing import Array
from ranvier.layers.preprocessing.boxes import framed
from ranvier.layers.preprocessing.image_arguments import factor_range, known_choice
from ranvier.layers.preprocessing.image_augmentation import BaseImagePreprocessingLayer
from ranvier.ops import image
from ranvier.ops.box_formats import convert_format
from ranvier.ops.box_moves import inverted, projected

__all__ = ["RandomRotation", "RandomTranslation", "RandomZoom", "Warping"]

_FILL_MODES = ("reflect", "wrap", "constant", "nearest")
INTERPOLATIONS = ("nearest", "bilinear")


class Warping(BaseImagePreprocessingLayer):
    """What they share: a map of the plane, of which each pixel of the result asks where it was before.

    A subclass gives `_matrix(transformation, height, width)`: `[batch, 8]`, as `ops.image.affine_transform` has it.
    """

    _USE_BASE_FACTOR: ClassVar[bool] = False
    fill_mode = "constant"

    def _keep(self, fill_mode: str, interpolation: str, seed: Any, fill_value: float) -> None:
        self.fill_mode = known_choice(self, "fill_mode", fill_mode, _FILL_MODES)
        self.interpolation = known_choice(self, "interpolation", interpolation, INTERPOLATIONS)
        self.fill_value = fill_value
        self._set_seed(seed)

    def _matrix(self, transformation: Any, height: int, width: int) -> Array:
        raise NotImplementedError

    def _uniform(self, shape: tuple[int, ...], bounds: tuple[float, float], seed: Any) -> Array:
        return random.uniform(shape, *bounds, dtype="float32", seed=self._seed(seed))

    def _transform_images(self, images: Array, transformation: Any, interpolation: str) -> Array:
        if transformation is None:
            return images
        batch = images if images.ndim == 4 else images[None]
        moved = self._moved(batch, transformation, interpolation)
        return moved if images.ndim == 4 else moved[0]

    def _moved(self, images: Array, transformation: Any, interpolation: str) -> Array:
        return image.affine_transform(
            images,
            self._matrix(transformation, *self._sizes(images)[1:]),
            interpolation=interpolation,
            fill_mode=self.fill_mode,
            fill_value=self.fill_value,
            data_format=self.data_format,
        )

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        """Return the smallest upright boxes around the moved ones, cut to the pictures."""
        if not training or transformation is None:
            return bounding_boxes
        height, width = self._picture_size(transformation)
        form = str(self.bounding_box_format)
        corners = convert_format(bounding_boxes["boxes"], form, "xyxy", height, width)
        corners = self._moved_corners(corners, transformation, (height, width))
        return framed(bounding_boxes, corners, form, height, width)

    def _picture_size(self, transformation: Any) -> tuple[int, int]:
        shape = transformation["input_shape"]
        return shape[self.height_axis], shape[self.width_axis]

    def _moved_corners(self, corners: Array, transformation: Any, size: tuple[int, int]) -> Array:
        return projected(corners, inverted(self._matrix(transformation, *size)))


@final
class RandomRotation(Warping):
    """Turn each picture around its middle while training.

        outputs[y, x] = images at middle + [[cos a, -sin a], [sin a, cos a]] (x, y - middle)      a = 2 pi * turn

    Shapes: outputs have the shape of the pictures.

    Numerics: boxes may have any format; Keras reads them as `"xyxy"`, whatever `bounding_box_format` says.

    Args:
        factor: bounds of `turn` [turns], positive counter-clockwise: a pair, or a number for both directions.
        fill_mode: what lies outside: `"reflect"`, `"wrap"`, `"constant"` or `"nearest"`.
        interpolation: `"bilinear"` or `"nearest"`.
        seed: makes the draws of this layer its own: an integer or a SeedGenerator.
        fill_value: what lies outside where `fill_mode` is `"constant"`.
        data_format: `"channels_last"` or `"channels_first"`.

    Raises:
        InvalidArgument: a factor outside of [-1, 1], or data of another rank.
        Unsupported: an unknown fill mode or interpolation.

    Example:
        >>> half = RandomRotation((0.5, 0.5))([[[1.0], [2.0]], [[3.0], [4.0]]], training=True)
        >>> [[round(float(v)) for v in row] for row in half[..., 0]]
        [[4, 3], [2, 1]]

    Source: Simard, Steinkraus and Platt, "Best practices for convolutional neural networks", 2003.
    """

    _USE_BASE_FACTOR: ClassVar[bool] = True

    def __init__(
        self,
        factor: Any,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: Any = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(factor=factor, data_format=data_format, **kwargs)
        self._keep(fill_mode, interpolation, seed, fill_value)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Return for each picture the angle [degrees] and the map that turns it."""
        if not training:
            return None
        images = self._images_of(data)
        batch, height, width = self._sizes(images)
        lower, upper = self.factor
        angle = self._uniform((batch,), (lower * 360.0, upper * 360.0), seed)
        matrix = _turned(angle, height, width)
        return {
            "angle": angle,
            "rotation_matrix": matrix if self._is_batched(images) else matrix[0],
            "image_height": height,
            "image_width": width,
            "batch_size": batch,
        }

    def _matrix(self, transformation: Any, height: int, width: int) -> Array:
        return jnp.reshape(transformation["rotation_matrix"], (-1, 8))

    def _picture_size(self, transformation: Any) -> tuple[int, int]:
        return transformation["image_height"], transformation["image_width"]


def _turned(angle: Array, height: int, width: int) -> Array:
    """Return the maps `[batch, 8]` that turn pictures by angles [degrees] around their middle."""
    angle = angle * (math.pi / 180.0)
    middle_x, middle_y = 0.5 * (width - 1), 0.5 * (height - 1)
    cos, sin, none = jnp.cos(angle), jnp.sin(angle), jnp.zeros_like(angle)
    across = middle_x - middle_x * cos + middle_y * sin
    down = middle_y - middle_x * sin - middle_y * cos
    return jnp.stack([cos, -sin, across, sin, cos, down, none, none], axis=1)


@final
class RandomTranslation(Warping):
    """Move each picture while training.

        outputs[y, x] = images at (x - columns * right, y - rows * down)

    Shapes: outputs have the shape of the pictures.

    Args:
        height_factor: bounds of `down` [heights]: a pair, or a number for both directions.
        width_factor: bounds of `right` [widths], likewise.
        fill_mode: what lies outside: `"reflect"`, `"wrap"`, `"constant"` or `"nearest"`.
        interpolation: `"bilinear"` or `"nearest"`.
        seed: makes the draws of this layer its own: an integer or a SeedGenerator.
        fill_value: what lies outside where `fill_mode` is `"constant"`.
        data_format: `"channels_last"` or `"channels_first"`.

    Raises:
        InvalidArgument: a factor outside of [-1, 1], or data of another rank.
        Unsupported: an unknown fill mode or interpolation.

    Example:
        >>> right = RandomTranslation(0.0, (0.5, 0.5), fill_mode="constant")
        >>> right([[[1.0], [2.0]]], training=True)[..., 0].tolist()
        [[0.0, 1.0]]

    Source: Simard, Steinkraus and Platt, "Best practices for convolutional neural networks", 2003.
    """

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: Any = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.height_factor, self.width_factor = height_factor, width_factor
        self._heights = factor_range(self, "height_factor", height_factor, (-1, 1))
        self._widths = factor_range(self, "width_factor", width_factor, (-1, 1))
        self._keep(fill_mode, interpolation, seed, fill_value)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Return for each picture how far it moves: (right, down) [pixels]."""
        if not training:
            return None
        images = self._images_of(data)
        batch, height, width = self._sizes(images)
        down = self._uniform((batch, 1), self._heights, seed) * height
        right = self._uniform((batch, 1), self._widths, seed) * width
        return {"translations": jnp.concatenate([right, down], axis=1), "input_shape": tuple(images.shape)}

    def _matrix(self, transformation: Any, height: int, width: int) -> Array:
        right, down = jnp.moveaxis(jnp.asarray(transformation["translations"]), 1, 0)
        one, none = jnp.ones_like(right), jnp.zeros_like(right)
        return jnp.stack([one, none, -right, none, one, -down, none, none], axis=1)


@final
class RandomZoom(Warping):
    """Bring each picture nearer or farther while training, its middle staying where it is.

        outputs[y, x] = images at middle + ((1 + w) * (x - middle), (1 + h) * (y - middle))

    Shapes: outputs have the shape of the pictures.

    Args:
        height_factor: bounds of `h`, negative brings nearer: a pair, or a number for both directions.
        width_factor: bounds of `w`, likewise; None for `w = h`, which keeps the aspect ratio.
        fill_mode: what lies outside: `"reflect"`, `"wrap"`, `"constant"` or `"nearest"`.
        interpolation: `"bilinear"` or `"nearest"`.
        seed: makes the draws of this layer its own: an integer or a SeedGenerator.
        fill_value: what lies outside where `fill_mode` is `"constant"`.
        data_format: `"channels_last"` or `"channels_first"`.

    Raises:
        InvalidArgument: a factor outside of (-1, 1], or data of another rank.
        Unsupported: an unknown fill mode or interpolation.

    Example:
        >>> farther = RandomZoom((1.0, 1.0), fill_mode="constant")
        >>> farther([[[1.0]], [[2.0]], [[3.0]]], training=True)[:, 0, 0].tolist()
        [0.0, 2.0, 0.0]

    Source: Simonyan and Zisserman, "Very deep convolutional networks", 2014, section 3.1 (scale jittering).
    """

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any = None,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: Any = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.height_factor, self.width_factor = height_factor, width_factor
        self._heights = factor_range(self, "height_factor", height_factor, (-1, 1), open_below=True)
        self._widths = None
        if width_factor is not None:
            self._widths = factor_range(self, "width_factor", width_factor, (-1, 1), open_below=True)
        self._keep(fill_mode, interpolation, seed, fill_value)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Return for each picture `1 + h` and `1 + w`."""
        if not training:
            return None
        images = self._images_of(data)
        shape = (self._sizes(images)[0], 1)
        height, width = (
            None if bounds is None else self._uniform(shape, (1.0 + bounds[0], 1.0 + bounds[1]), seed)
            for bounds in (self._heights, self._widths)
        )
        return {
            "height_zoom": height,
            "width_zoom": height if width is None else width,
            "input_shape": tuple(images.shape),
        }

    def _matrix(self, transformation: Any, height: int, width: int) -> Array:
        across, down = (jnp.asarray(transformation[name])[:, 0] for name in ("width_zoom", "height_zoom"))
        none = jnp.zeros_like(across)
        left, top = (width - 1) / 2 * (1 - across), (height - 1) / 2 * (1 - down)
        return jnp.stack([across, none, left, none, down, top, none, none], axis=1)
