"""The base of layers that change the values of pixels and leave every pixel where it is."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from ranvier import random
from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.layers.base import Layer
from ranvier.layers.preprocessing.image_augmentation import BaseImagePreprocessingLayer

__all__ = ["Recolouring", "known_value_range", "per_image", "positive_number"]


class Recolouring(BaseImagePreprocessingLayer):
    """The base of layers that recolour pictures: labels, boxes and segmentation masks stay as they are."""

    value_range: tuple[float, float]
    factor: Any

    def _set_value_range(self, value_range: Any) -> None:
        self.value_range = known_value_range(self, value_range)

    def _each(self, data: Any, bounds: tuple[float, float], seed: Any) -> Array:
        """Return a number between the bounds for each picture, `[batch]`."""
        batch, _, _ = self._sizes(self._images_of(data))
        return random.uniform((batch,), *bounds, seed=self._seed(seed))

    def _chosen(self, data: Any, seed: Any) -> Array:
        """Return whether each picture is changed, `[batch]`: with a probability that is drawn within `factor`."""
        probability = self._each(data, self.factor, seed)
        return self._each(data, (0, 1), seed) < probability

    def _in_bytes(self, images: Array) -> Array:
        """Return pictures of `value_range` in the range from 0 to 255."""
        return self._transform_value_range(images, self.value_range, (0, 255), dtype=self.compute_dtype)

    def _from_bytes(self, images: Array) -> Array:
        """Return pictures of the range from 0 to 255 in `value_range`."""
        return self._transform_value_range(images, (0, 255), self.value_range, dtype=self.compute_dtype)

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        """Return the boxes as they are."""
        return bounding_boxes

    def transform_segmentation_masks(
        self, segmentation_masks: Array, transformation: Any, training: bool = True
    ) -> Array:
        """Return the segmentation masks as they are."""
        return segmentation_masks


def per_image(values: Array, images: Array) -> Array:
    """Return one value per picture so that it is broadcast over rows, columns and channels; numbers in their type."""
    column = jnp.reshape(values, (-1, 1, 1, 1))
    return column.astype(images.dtype) if jnp.issubdtype(column.dtype, jnp.floating) else column


def known_value_range(layer: Layer, value_range: Any) -> tuple[float, float]:
    """Return the lowest and the highest value of a pixel.

    Raises:
        InvalidArgument: it is no pair of two different numbers.
    """
    pair = tuple(value_range) if isinstance(value_range, (tuple, list, np.ndarray)) else ()
    numbers = all(isinstance(v, (int, float, np.integer, np.floating)) and not isinstance(v, bool) for v in pair)
    if len(pair) != 2 or not numbers or not np.all(np.isfinite(pair)) or pair[0] == pair[1]:
        raise InvalidArgument(
            "value_range is the lowest and the highest value that a pixel can have.",
            code="value-range",
            place=f"layer {layer.name!r}: value_range",
            expected="a pair of two different numbers",
            received=repr(value_range),
            fix="pass (0, 255) for bytes, (0, 1) after Rescaling(1 / 255)",
        )
    return min(pair), max(pair)


def positive_number(layer: Layer, name: str, value: Any) -> float:
    """Return an argument that is the parameter of a Beta or a Dirichlet distribution.

    Raises:
        InvalidArgument: it is not a positive number.
    """
    number = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    if not number or not 0 < value < np.inf:
        raise InvalidArgument(
            f"{name} of {type(layer).__name__} is the parameter of a distribution.",
            code="not-positive",
            place=f"layer {layer.name!r}: {name}",
            expected="a positive number",
            received=repr(value),
        )
    return float(value)
