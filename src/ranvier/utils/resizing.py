"""Images of another size, computed by NumPy: a folder's images all have sizes of their own, and none wants a program.

Every row and column of the result is a weighted sum of a few of the image's.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ranvier import _config, ops
from ranvier._errors import InvalidArgument
from ranvier.ops import image as programs

__all__ = ["INTERPOLATIONS", "centre_crop", "padded", "resized", "smart_resize", "taps"]


def _cubic(x: np.ndarray) -> np.ndarray:
    return np.asarray(np.where(x < 1, (1.5 * x - 2.5) * x * x + 1, ((-0.5 * x + 2.5) * x - 4) * x + 2))


def _mitchell(x: np.ndarray) -> np.ndarray:
    near = (7 * x - 12) * x * x + 16 / 3
    far = ((-7 / 3 * x + 12) * x - 20) * x + 32 / 3
    return np.asarray(np.where(x < 1, near, far) / 6)


def _gaussian(x: np.ndarray) -> np.ndarray:
    return np.asarray(np.exp(-2 * x * x))


def _lanczos(radius: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda x: np.sinc(x) * np.sinc(x / radius)


_KERNELS: Mapping[str, tuple[float, Callable[[np.ndarray], np.ndarray]]] = {
    "bilinear": (1, lambda x: 1 - x),
    "bicubic": (2, _cubic),
    "lanczos3": (3, _lanczos(3)),
    "lanczos5": (5, _lanczos(5)),
    "gaussian": (1.5, _gaussian),
    "mitchellcubic": (2, _mitchell),
}
"""Radius and weight by the distance from the centre, in pixels of the image; Keys' and Mitchell's cubics."""

INTERPOLATIONS = ("nearest", "area", *_KERNELS)


@functools.lru_cache(maxsize=256)
def taps(before: int, after: int, interpolation: str, antialias: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Return which pixels of an axis each new one is made of, and their weights, both `[tap, pixel]`.

    Args:
        before: number of pixels.
        after: number of new pixels.
        interpolation: one of `INTERPOLATIONS`.
        antialias: whether the kernel grows with the pixels when an image shrinks.
    """
    scale = np.float32(before) / np.float32(after)
    centre = (np.arange(after, dtype=np.float32) + np.float32(0.5)) * scale
    if interpolation == "nearest":
        return np.minimum(centre.astype(np.int64), before - 1)[None], np.ones((1, after), np.float32)
    if interpolation == "area":
        start, end = np.arange(after) * float(scale), np.arange(1, after + 1) * float(scale)
        index = np.floor(start).astype(np.int64) + np.arange(math.ceil(scale) + 1)[:, None]
        weight = np.clip(np.minimum(index + 1, end) - np.maximum(index, start), 0, None)
    else:
        radius, kernel = _KERNELS[interpolation]
        middle, width = centre.astype(np.float64) - 0.5, max(float(scale), 1.0) if antialias else 1.0
        reach = radius * width
        index = np.ceil(middle - reach).astype(np.int64) + np.arange(int(2 * reach) + 1)[:, None]
        distance = np.abs(index - middle) / width
        weight = np.where(distance < radius, kernel(distance), 0.0)
    weight = np.where((index >= 0) & (index < before), weight, 0.0)
    used = weight.any(axis=1)
    index, weight = np.clip(index[used], 0, before - 1), weight[used]
    return index, (weight / weight.sum(axis=0)).astype(np.float32)


def resized(image: np.ndarray, size: tuple[int, int], interpolation: str) -> np.ndarray:
    """Return an image `[row, column, channel]` with other numbers of rows and columns.

        result[i] = sum over j of  kernel(|j + 1/2 - (i + 1/2) * before / after|) * image[j] / sum of the kernel

    along rows, then columns; pixels outside the image have no weight. Large images are not smoothed before.

    Args:
        image: the image.
        size: new rows and columns.
        interpolation: one of `INTERPOLATIONS`.

    Example:
        >>> resized(np.array([[[0.0], [4.0]]]), (1, 4), "bilinear").ravel().tolist()
        [0.0, 1.0, 3.0, 4.0]
    """
    for axis, after in enumerate(size):
        index, weight = taps(image.shape[axis], after, interpolation)
        shape = (-1,) + (1,) * (2 - axis)
        parts = [image.take(one, axis) * part.reshape(shape) for one, part in zip(index, weight, strict=True)]
        image = functools.reduce(np.add, parts)
    return image


def centre_crop(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return the largest middle part of an image with the proportions of `size`."""
    height, width = image.shape[:2]
    rows = max(min(height, int(width * size[0] / size[1])), 1)
    columns = max(min(width, int(height * size[1] / size[0])), 1)
    top, left = (height - rows) // 2, (width - columns) // 2
    return image[top : top + rows, left : left + columns]


def padded(image: np.ndarray, size: tuple[int, int], interpolation: str) -> np.ndarray:
    """Return an image `[row, column, channel]` in a frame of zeros of a size, as large as fits."""
    sides, target = np.asarray(image.shape[:2], np.float32), np.asarray(size, np.float32)
    # In float32, whose rounding decides about a row more or less, as in Keras.
    fitting = sides / (sides / target).max()
    rows, columns = np.maximum(fitting, 1).astype(int)
    top, left = ((target - fitting) / 2).astype(int)
    frame = np.zeros((*size, image.shape[2]), np.float32)
    frame[top : top + rows, left : left + columns] = resized(image, (rows, columns), interpolation)
    return frame


def smart_resize(x: Any, size: Any, interpolation: str = "bilinear", data_format: str | None = "channels_last") -> Any:
    """Return images of another size without distortion: the middle part with its proportions, resized.

    Shapes: `[row, column, channel]` or `[image, row, column, channel]`, channels first by `data_format`.

    Args:
        x: an image or a batch of images.
        size: rows and columns of the result.
        interpolation: `"nearest"`, `"bilinear"`, `"bicubic"`, `"lanczos3"` or `"lanczos5"`.
        data_format: where the channels are.

    Returns:
        NumPy's arrays for NumPy's arrays, tensors for tensors.

    Raises:
        InvalidArgument: another rank, or a size or interpolation that is none.

    Example:
        >>> smart_resize(np.array([[[9.0], [1.0], [3.0], [9.0]]]), (1, 1)).ravel().tolist()
        [1.0]
    """
    if np.ndim(x) not in (3, 4):
        raise _wrong("x", "an image (3 axes) or a batch of images (4 axes)", np.shape(x))
    if not hasattr(size, "__len__") or len(size) != 2 or min(size) < 1:
        raise _wrong("size", "rows and columns, such as (64, 64)", size)
    # Whole numbers become floats, as in Keras: `ops.image.resize` would round back.
    image = x if interpolation == "nearest" else ops.convert_to_tensor(x, _config.floatx())
    result = programs.resize(image, size, interpolation, crop_to_aspect_ratio=True, data_format=data_format)
    return np.array(result) if isinstance(x, np.ndarray) else result


def _wrong(name: str, expected: str, received: Any) -> InvalidArgument:
    return InvalidArgument(
        f"{name} does not fit.",
        code="resize-argument",
        place=f"smart_resize({name}=...)",
        expected=expected,
        received=repr(received),
    )
