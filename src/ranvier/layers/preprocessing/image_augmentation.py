"""The base of layers that change pictures: one random transformation, applied to everything that comes along.

How a subclass is written:

- `__init__(self, ..., seed=None, data_format=None, **kwargs)` calls `super().__init__(factor=..., data_format=...,
  **kwargs)`, then `self._set_seed(seed)` where it draws, and stores its other arguments under their own names. A class
  without `factor` says `_USE_BASE_FACTOR = False`; other bounds of it are `_FACTOR_BOUNDS`.
- `get_random_transformation(self, data, training=True, seed=None)` draws everything with `ranvier.random` and
  `seed=self._seed(seed)`, and returns a dict of arrays (None when not training). `self._images_of(data)` are the
  pictures, `self._sizes(images)` are (batch, height, width). Nothing is drawn anywhere else.
- `transform_images`, `transform_labels`, `transform_bounding_boxes`, `transform_segmentation_masks` take
  `(values, transformation, training=True)`, always batched. Most classes only override `_transform_images(self,
  images, transformation, interpolation)`; labels stay as they are unless overridden, and boxes that no class moves
  are an error (a class that leaves them in place returns them).
- Arguments are checked by `image_arguments.factor_range` and `image_arguments.known_choice`; ranges of values are
  changed by `self._transform_value_range`.
- `call`, single pictures, dicts, dtypes and configuration are the base's.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

import jax.numpy as jnp

from ranvier import ops
from ranvier._errors import InvalidArgument, Unsupported
from ranvier._typing import Array, DType
from ranvier.layers.base import Layer
from ranvier.layers.data_format import known_data_format
from ranvier.layers.preprocessing.boxes import dense
from ranvier.layers.preprocessing.image_arguments import factor_range
from ranvier.ops.box_formats import known_format
from ranvier.random import SeedGenerator
from ranvier.random.seeds import generator_or_number

__all__ = ["BaseImagePreprocessingLayer"]

_KINDS: Final = (("labels", "label"), ("segmentation_masks", "segmentation_mask"))


class BaseImagePreprocessingLayer(Layer):
    """The base of layers that change pictures, and labels, boxes and segmentation masks in step with them.

    Shapes: data is `[batch, row, column, channel]`, one picture `[row, column, channel]`, or with `channels_first`
    `[batch, channel, row, column]`; or a dict with such `images` and any of `labels`, `segmentation_masks` and
    `bounding_boxes` (a dict of `boxes` `[batch, box, 4]` and `labels` `[batch, box]`).

    Numerics: pictures are cast to the compute type, boxes and labels keep their own precision.

    Args:
        factor: how strong the change is: a number, or a pair of bounds.
        bounding_box_format: what the four numbers of a box are, such as `"xyxy"`.
        data_format: `"channels_last"` or `"channels_first"`.

    Raises:
        InvalidArgument: a factor out of range, an unknown format, data of another rank, boxes without a format.
    """

    _USE_BASE_FACTOR: ClassVar[bool] = True
    _FACTOR_BOUNDS: ClassVar[tuple[float, float]] = (-1, 1)
    interpolation: str = "bilinear"

    def __init__(
        self,
        factor: Any = None,
        bounding_box_format: str | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        # Casting is done here, where it meets pictures only: a box at column 513 does not fit in bfloat16.
        self.autocast = False
        self.built = True
        self.data_format = known_data_format(self, data_format)
        self.bounding_box_format = bounding_box_format
        if bounding_box_format is not None:
            self.bounding_box_format = known_format(f"layer {self.name!r}: bounding_box_format", bounding_box_format)
        self.height_axis, self.width_axis = (-3, -2) if self.data_format == "channels_last" else (-2, -1)
        if self._USE_BASE_FACTOR:
            self._set_factor(factor or 0.0)
        elif factor is not None:
            raise InvalidArgument(
                f"{type(self).__name__} has no factor.",
                code="unknown-argument",
                place=f"layer {self.name!r}",
                received=f"factor={factor!r}",
                fix="remove it",
            )

    def _set_factor(self, factor: Any) -> None:
        self.factor = factor_range(self, "factor", factor, self._FACTOR_BOUNDS, overlapping=True)

    def _set_seed(self, seed: Any) -> None:
        self.seed = generator_or_number(seed)
        self.generator = self.seed if isinstance(self.seed, SeedGenerator) else SeedGenerator(self.seed)

    def _seed(self, seed: Any = None) -> Any:
        """Return what a draw is seeded with: the caller's word, else the layer's own stream."""
        return self.generator if seed is None else seed

    # --- the parts that subclasses write -----------------------------------------------------------------------------

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Draw what happens to the data; None when nothing does."""
        return None

    def _transform_images(self, images: Array, transformation: Any, interpolation: str) -> Array:
        raise NotImplementedError

    def transform_images(self, images: Array, transformation: Any, training: bool = True) -> Array:
        """Return pictures `[batch, ...]` after a transformation, in the compute type."""
        images = ops.cast(images, self.compute_dtype)
        return self._transform_images(images, transformation, self.interpolation) if training else images

    def transform_labels(self, labels: Array, transformation: Any, training: bool = True) -> Array:
        """Return the labels of pictures after a transformation: as they are, where it does not change them."""
        return labels

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        """Return `{"boxes": [batch, box, 4], "labels": [batch, box]}` after a transformation.

        Raises:
            Unsupported: the layer moves pixels in a way that boxes cannot follow.
        """
        raise Unsupported(
            f"{type(self).__name__} cannot move bounding boxes.",
            code="boxes-unsupported",
            place=f"layer {self.name!r}",
            fix="leave the boxes out, or choose another layer",
        )

    def transform_segmentation_masks(
        self, segmentation_masks: Array, transformation: Any, training: bool = True
    ) -> Array:
        """Return segmentation masks `[batch, ...]` after a transformation: no new classes arise between pixels."""
        return self._transform_images(segmentation_masks, transformation, "nearest") if training else segmentation_masks

    # --- one picture -------------------------------------------------------------------------------------------------

    def transform_single_image(self, image: Array, transformation: Any, training: bool = True) -> Array:
        """Return one picture after a transformation."""
        return self.transform_images(image[None], transformation, training=training)[0]

    def transform_single_label(self, label: Array, transformation: Any, training: bool = True) -> Array:
        """Return the label of one picture after a transformation."""
        return self.transform_labels(label[None], transformation, training=training)[0]

    def transform_single_bounding_box(self, bounding_box: Any, transformation: Any, training: bool = True) -> Any:
        """Return the boxes of one picture, `{"boxes": [box, 4], "labels": [box]}`, after a transformation."""
        batch = {name: value[None] for name, value in bounding_box.items()}
        moved = self.transform_bounding_boxes(batch, transformation, training=training)
        return {name: value[0] for name, value in moved.items()}

    def transform_single_segmentation_mask(
        self, segmentation_mask: Array, transformation: Any, training: bool = True
    ) -> Array:
        """Return the segmentation mask of one picture after a transformation."""
        return self.transform_segmentation_masks(segmentation_mask[None], transformation, training=training)[0]

    # --- the call ----------------------------------------------------------------------------------------------------

    def call(self, data: Any, training: bool = True) -> Any:
        """Return the data after one transformation, drawn anew for each call; as it is when not training."""
        whole = dict(data) if isinstance(data, dict) else {"images": data}
        if "images" not in whole:
            raise InvalidArgument(
                "A dict of data holds the pictures under 'images'.",
                code="no-images",
                place=f"layer {self.name!r}",
                expected="the key 'images'",
                received=", ".join(map(repr, whole)) or "an empty dict",
            )
        images = whole["images"] = self._read(whole["images"])
        batched = self._is_batched(images)
        transformation = self.get_random_transformation(whole, training=training)
        way: dict[str, Any] = {"transformation": transformation, "training": training}
        whole["images"] = (self.transform_images if batched else self.transform_single_image)(images, **way)
        if "bounding_boxes" in whole:
            found = dense(f"layer {self.name!r}, 'bounding_boxes'", whole["bounding_boxes"], batched)
            known_format(f"layer {self.name!r}: bounding_box_format", self.bounding_box_format)
            move = self.transform_bounding_boxes if batched else self.transform_single_bounding_box
            whole["bounding_boxes"] = move(found, **way)
        for many, one in _KINDS:
            if many in whole:
                values = ops.convert_to_tensor(whole[many])
                whole[many] = getattr(self, f"transform_{many}" if batched else f"transform_single_{one}")(
                    values, **way
                )
        return whole if isinstance(data, dict) else whole["images"]

    def _read(self, images: Any) -> Array:
        """Return pictures as an array, floats in the compute type."""
        array = ops.convert_to_tensor(images)
        return array.astype(self.compute_dtype) if jnp.issubdtype(array.dtype, jnp.floating) else array

    def _images_of(self, data: Any) -> Any:
        return data["images"] if isinstance(data, dict) else data

    def _is_batched(self, images: Any) -> bool:
        if len(images.shape) not in (3, 4):
            raise InvalidArgument(
                f"{type(self).__name__} takes pictures.",
                code="image-rank",
                place=f"layer {self.name!r}",
                expected="3 axes (one picture) or 4 (a batch of pictures)",
                received=f"shape {tuple(images.shape)}",
                fix="add the axis of channels: x[..., None]" if len(images.shape) == 2 else "",
            )
        return len(images.shape) == 4

    def _sizes(self, images: Any) -> tuple[int, int, int]:
        """Return the number of pictures (1 for a single one), their height and width."""
        batch = images.shape[0] if self._is_batched(images) else 1
        return batch, images.shape[self.height_axis], images.shape[self.width_axis]

    def _transform_value_range(
        self, images: Array, original_range: Any, target_range: Any, dtype: DType = "float32"
    ) -> Array:
        """Return pictures in another range of values: `(images - o0) / (o1 - o0) * (t1 - t0) + t0`."""
        (o0, o1), (t0, t1) = original_range, target_range
        if (o0, o1) == (t0, t1):
            return images
        scaled: Array = (ops.cast(images, dtype) - o0) / (o1 - o0) * (t1 - t0) + t0
        return scaled

    def get_config(self) -> dict[str, Any]:
        """Return the arguments as plain data; a box format only where one was given."""
        config = super().get_config()
        if config.get("bounding_box_format") is None:
            config.pop("bounding_box_format", None)
        return config
