"""What all drawings check of their images."""

from __future__ import annotations

from typing import Any

import numpy as np

from ranvier import _config
from ranvier._errors import InvalidArgument

__all__ = ["channels_last", "pictures"]


def channels_last(images: np.ndarray, data_format: str | None) -> np.ndarray:
    """Return images `[image, row, column, channel]`, wherever their channels were."""
    first = (data_format or _config.image_data_format()) == "channels_first"
    return images.transpose(0, 2, 3, 1) if first and images.ndim == 4 else images


def pictures(images: Any, place: str, data_format: str | None = None) -> np.ndarray:
    """Return a batch of images as an array `[image, row, column, channel]`.

    Raises:
        InvalidArgument: it has not four axes.
    """
    array = np.asarray(images)
    if array.ndim != 4:
        raise InvalidArgument(
            "The images are not a batch.",
            code="images-rank",
            place=place,
            expected="images [image, row, column, channel], or by data_format [image, channel, row, column]",
            received=f"shape {array.shape}",
            fix="for one image: pass images[None]",
        )
    return channels_last(array, data_format)
