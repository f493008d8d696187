"""Segmentation masks drawn into images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ranvier._errors import InvalidArgument, WrongType
from ranvier.visualization.checking import channels_last, pictures

__all__ = ["draw_segmentation_masks"]

_STEPS = np.array([2**25 - 1, 2**15 - 1, 2**21 - 1])


def draw_segmentation_masks(
    images: Any,
    segmentation_masks: Any,
    num_classes: int | None = None,
    color_mapping: Mapping[int, Any] | None = None,
    alpha: float = 0.8,
    blend: bool = True,
    ignore_index: int = -1,
    data_format: str | None = None,
) -> np.ndarray:
    """Return images coloured by the class of each pixel.

        result = (1 - alpha) * image + alpha * colour of the class    where the class is not `ignore_index`

    Shapes: images `[image, row, column, 3]`, masks `[image, row, column, 1]`; with `data_format="channels_first"` the
    channels of both come before the rows. The result has the channels last; it is uint8, float32 without `blend`.

    Args:
        images: values from 0 to 255.
        segmentation_masks: class numbers, whole numbers.
        num_classes: number of classes, which are counted from 0; the largest class number when None.
        color_mapping: class numbers to red, green and blue; colours far from each other when None.
        alpha: how much of the colour is seen.
        blend: whether the image is seen through the colour.
        ignore_index: class number of pixels that stay as they are.
        data_format: where the channels are; the configured place when None.

    Raises:
        InvalidArgument: no batch of images, masks of another size, or a class without a colour.
        WrongType: masks of other than whole numbers.

    Numerics: a class number from `num_classes` on has no colour, as in Keras: with None, so has the largest.

    Example:
        >>> image, mask = np.full((1, 1, 2, 3), 100.0), np.array([[[[0], [1]]]])
        >>> draw_segmentation_masks(image, mask, 2, {0: (0, 0, 0), 1: (200, 0, 0)}, alpha=0.5)[0, 0].tolist()
        [[50, 50, 50], [150, 50, 50]]
    """
    array = pictures(images, "draw_segmentation_masks(images)", data_format).astype(np.float32)
    masks = _classes(segmentation_masks, array.shape, data_format)
    count = int(masks.max(initial=0)) if num_classes is None else num_classes
    coloured = array.copy()
    for number in range(count):
        coloured[masks == number] = _colour(number, color_mapping)
    if not blend:
        return coloured
    mixed = array * np.float32(1 - alpha) + coloured * np.float32(alpha)
    return np.where((masks != ignore_index)[..., None], mixed, array).astype(np.uint8)


def _classes(masks: Any, images: tuple[int, ...], data_format: str | None) -> np.ndarray:
    array = np.asarray(masks)
    if array.dtype.kind not in "iu":
        raise WrongType(
            "The masks are no class numbers.",
            code="masks-kind",
            place="draw_segmentation_masks(segmentation_masks)",
            expected="whole numbers",
            received=str(array.dtype),
            fix="masks.astype('int32'), after an argmax where they are probabilities",
        )
    array = channels_last(array, data_format)
    if array.shape != (*images[:3], 1):
        raise InvalidArgument(
            "The masks have another size than the images.",
            code="masks-shape",
            place="draw_segmentation_masks(segmentation_masks)",
            expected=f"a class number for each pixel: {(*images[:3], 1)}",
            received=array.shape,
        )
    return array[..., 0]


def _colour(number: int, mapping: Mapping[int, Any] | None) -> np.ndarray:
    if mapping is None:
        return np.asarray(number * _STEPS % 255, np.float32)
    if number not in mapping:
        raise InvalidArgument(
            "A class has no colour.",
            code="masks-colour",
            place="draw_segmentation_masks(color_mapping)",
            expected="a colour for every class from 0 to num_classes - 1",
            received=f"none for {number}",
        )
    return np.asarray(mapping[number], np.float32)
