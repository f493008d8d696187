"""Layers that mix each picture with another of its batch, and the labels in the same proportion."""

from __future__ import annotations

from typing import Any, final

import jax.numpy as jnp

from ranvier import random
from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.layers.base import Layer
from ranvier.layers.preprocessing.image_augmentation import BaseImagePreprocessingLayer
from ranvier.layers.preprocessing.recolouring import positive_number
from ranvier.layers.preprocessing.rectangles import random_rectangles

__all__ = ["CutMix", "MixUp", "refuse_classes"]


class _Mixing(BaseImagePreprocessingLayer):
    """What both share: labels are mixed by `mix_weight`, in the order `permutation_order`."""

    _USE_BASE_FACTOR = False

    def transform_labels(self, labels: Array, transformation: Any, training: bool = True) -> Array:
        """Return `mix_weight * labels + (1 - mix_weight) * labels[permutation_order]`, labels `[batch, class]`.

        Raises:
            InvalidArgument: the labels are numbers of classes, which cannot be mixed, or of another number of pictures.
        """
        if not training or transformation is None:
            return labels
        order = transformation["permutation_order"]
        numbered = labels.ndim > 1 and labels.shape[-1] == 1 and jnp.issubdtype(labels.dtype, jnp.integer)
        if labels.ndim < 2 or numbered or labels.shape[0] != order.shape[0]:
            raise InvalidArgument(
                "Labels that are mixed are shares of classes, a row for each picture.",
                code="labels-to-mix",
                place=f"layer {self.name!r}, 'labels'",
                expected=f"[{order.shape[0]}, class], one-hot or shares",
                received=f"{labels.dtype} of shape {tuple(labels.shape)}",
                fix="labels = keras.ops.one_hot(labels, number_of_classes), and the loss categorical_crossentropy",
            )
        return _mixed(labels, transformation)


def _mixed(values: Array, transformation: Any) -> Array:
    """Return `share * values + (1 - share) * values of the other picture`, whole numbers as floats."""
    whole = not jnp.issubdtype(values.dtype, jnp.floating)
    values = values.astype("float32") if whole else values
    share = jnp.reshape(transformation["mix_weight"], (-1, *[1] * (values.ndim - 1))).astype(values.dtype)
    return share * values + (1 - share) * jnp.take(values, transformation["permutation_order"], axis=0)


def refuse_classes(layer: Layer, masks: Array) -> None:
    """Raise where segmentation masks hold numbers of classes: half of class 2 and half of class 4 is no class 3.

    Raises:
        InvalidArgument: the masks are whole numbers.
    """
    if not jnp.issubdtype(masks.dtype, jnp.floating):
        raise InvalidArgument(
            f"{type(layer).__name__} mixes pixels, and numbers of classes cannot be mixed.",
            code="masks-to-mix",
            place=f"layer {layer.name!r}, 'segmentation_masks'",
            expected="shares of classes as floats, one channel for each class",
            received=f"{masks.dtype} of shape {tuple(masks.shape)}",
            fix="masks = keras.ops.one_hot(masks[..., 0], number_of_classes)",
        )


@final
class MixUp(_Mixing):
    """Mix each picture with another of the batch while training, and the labels likewise.

        outputs = mix_weight * images + (1 - mix_weight) * images[permutation_order]
        mix_weight ~ Beta(alpha, alpha), one per picture; permutation_order: a random order of the batch

    Shapes: `[batch, row, column, channel]`, labels `[batch, class]`; one picture without `batch` stays as it is.
    Boxes are those of both pictures: `[batch, 2 * box, 4]`.

    Numerics: labels of boxes lie side by side like the boxes, where Keras appends them to the batch; segmentation masks
    keep their shape, where Keras flattens the other picture's.

    Args:
        alpha: above 0: small numbers leave most pictures nearly as they are.
        data_format: `"channels_last"` or `"channels_first"`.
        seed: makes the draws of this layer its own: an integer or a SeedGenerator.

    Raises:
        InvalidArgument: an `alpha` that is not positive, or labels or masks that are numbers of classes.

    Example:
        >>> import numpy as np
        >>> drawn = {"permutation_order": np.array([1, 0]), "mix_weight": np.array([0.25, 0.5])}
        >>> MixUp().transform_labels(np.eye(2), drawn).tolist()
        [[0.25, 0.75], [0.5, 0.5]]

    Source: Zhang et al., "mixup: beyond empirical risk minimization", 2017.
    """

    def __init__(self, alpha: float = 0.2, data_format: str | None = None, seed: Any = None, **kwargs: Any) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.alpha = positive_number(self, "alpha", alpha)
        self._set_seed(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Draw `permutation_order` and `mix_weight`, with which picture and how much each is mixed."""
        images = self._images_of(data)
        if not training or not self._is_batched(images):
            return None
        batch, source = images.shape[0], self._seed(seed)
        order = _order(batch, source)
        return {"mix_weight": random.beta((batch,), self.alpha, self.alpha, seed=source), "permutation_order": order}

    def _transform_images(self, images: Array, transformation: Any, interpolation: str) -> Array:
        return images if transformation is None else _mixed(images, transformation)

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        """Return the boxes and labels of both pictures side by side."""
        if not training or transformation is None:
            return bounding_boxes
        order = transformation["permutation_order"]
        return {
            name: jnp.concatenate([value, jnp.take(value, order, axis=0)], axis=1)
            for name, value in bounding_boxes.items()
        }

    def transform_segmentation_masks(
        self, segmentation_masks: Array, transformation: Any, training: bool = True
    ) -> Array:
        """Return the segmentation masks, mixed as the pictures are."""
        if not training or transformation is None:
            return segmentation_masks
        refuse_classes(self, segmentation_masks)
        return _mixed(segmentation_masks, transformation)


@final
class CutMix(_Mixing):
    """Replace a rectangle of each picture by that of another of the batch while training, and mix the labels likewise.

        outputs    = where(batch_masks, images[permutation_order], images)
        mix_weight = 1 - share of the pixels in the rectangle
        batch_masks: a rectangle with sides sqrt(1 - share) of height and width
        share ~ Beta(alpha, alpha), one per picture; alpha ~ Uniform(factor), one for all

    Shapes: `[batch, row, column, channel]`, labels `[batch, class]`; one picture without `batch` stays as it is.

    Numerics: labels are mixed by the pixels that are replaced, where Keras takes the rectangle before it meets the
    grid of pixels; segmentation masks keep their channels and their type.

    Args:
        factor: a pair in [0, 1], or a number f for (0, f).
        seed: makes the draws of this layer its own: an integer or a SeedGenerator.
        data_format: `"channels_last"` or `"channels_first"`.

    Raises:
        InvalidArgument: a factor out of range, or labels that are numbers of classes.
        Unsupported: bounding boxes, of which a rectangle would leave parts.

    Example:
        >>> import numpy as np
        >>> masks = np.array([[[[True], [False]]], [[[False], [False]]]])
        >>> drawn = {"permutation_order": np.array([1, 0]), "batch_masks": masks}
        >>> CutMix().transform_images(np.array([[[[1.0], [2.0]]], [[[3.0], [4.0]]]]), drawn)[..., 0].tolist()
        [[[3.0, 2.0]], [[3.0, 4.0]]]

    Source: Yun et al., "CutMix: regularization strategy to train strong classifiers with localizable features", 2019.
    """

    _FACTOR_BOUNDS = (0, 1)

    def __init__(self, factor: Any = 1.0, seed: Any = None, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self._set_factor(factor)
        self._set_seed(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Draw `permutation_order`, `batch_masks` and `mix_weight`: which picture, which pixels, how many of them."""
        images = self._images_of(data)
        if not training or not self._is_batched(images):
            return None
        batch, height, width = self._sizes(images)
        source = self._seed(seed)
        alpha = random.uniform((), *self.factor, seed=source) + 1e-6
        side = jnp.sqrt(1 - random.beta((batch,), alpha, alpha, seed=source))
        masks = random_rectangles(height, width, side, side, source)
        return {
            "permutation_order": _order(batch, source),
            "batch_masks": jnp.expand_dims(masks, -1 if self.data_format == "channels_last" else -3),
            "mix_weight": 1 - jnp.mean(masks, axis=(1, 2), dtype="float32"),
        }

    def _transform_images(self, images: Array, transformation: Any, interpolation: str) -> Array:
        if transformation is None:
            return images
        masks = transformation["batch_masks"]
        masks = masks[..., :1] if self.data_format == "channels_last" else masks[:, :1]
        return jnp.where(masks, jnp.take(images, transformation["permutation_order"], axis=0), images)


def _order(batch: int, seed: Any) -> Array:
    order: Array = random.shuffle(jnp.arange(batch, dtype="int32"), seed=seed)
    return order
