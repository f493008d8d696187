"""Pictures in another size, or in another frame."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from ranvier import ops
from ranvier.compat.tensorflow.image.types import frames, refusal
from ranvier.state.symbolic import op
from ranvier.utils.resizing import taps

__all__ = [
    "ResizeMethod",
    "central_crop",
    "crop_to_bounding_box",
    "pad_to_bounding_box",
    "resize",
    "resize_with_crop_or_pad",
    "resize_with_pad",
]


class ResizeMethod:
    """Names of interpolations."""

    AREA = "area"
    BICUBIC = "bicubic"
    BILINEAR = "bilinear"
    GAUSSIAN = "gaussian"
    LANCZOS3 = "lanczos3"
    LANCZOS5 = "lanczos5"
    MITCHELLCUBIC = "mitchellcubic"
    NEAREST_NEIGHBOR = "nearest"


_OF_KERAS = ("bilinear", "nearest", "bicubic", "lanczos3", "lanczos5")
_METHODS = (*_OF_KERAS, "area", "gaussian", "mitchellcubic")


def _weights(old: int, new: int, method: str, antialias: bool) -> np.ndarray:
    """Return how much each old pixel counts for each new one, [new, old], for what Keras does not have."""
    index, weight = taps(old, new, method, antialias)
    found = np.zeros((new, old), np.float32)
    np.add.at(found, (np.arange(new), index), weight)
    return found


@op
def resize(
    images: Any,
    size: Any,
    method: Any = ResizeMethod.BILINEAR,
    preserve_aspect_ratio: bool = False,
    antialias: bool = False,
    name: str | None = None,
) -> Any:
    """Return pictures with another height and width, as floats unless `method` is `"nearest"`.

    Args:
        images: [*row, height, width, channel].
        size: (height, width).
        method: a name, or what `ResizeMethod` has.
        preserve_aspect_ratio: whether `size` is a frame that the pictures are fitted into.
        antialias: whether the kernel grows with the pixels when a picture shrinks.
        name: for people.

    Raises:
        InvalidArgument: not pictures, or an unknown method or size.

    Numerics: TensorFlow reads the weights of `"bicubic"` without antialias from a table, rounded: its values differ in
        the fourth decimal.

    Example:
        >>> resize(np.array([[[0], [4]]], "uint8"), (1, 4)).ravel().tolist()
        [0.0, 1.0, 3.0, 4.0]
    """
    x = frames("resize", images)
    method = str(method).lower()
    if method not in _METHODS:
        raise refusal("resize", ", ".join(_METHODS), repr(method))
    height, width = _pair("resize", size)
    old = x.shape[-3:-1]
    if preserve_aspect_ratio:
        scale = min(height / old[0], width / old[1])
        height, width = (max(round(scale * length), 1) for length in old)
    if method == "nearest":
        return ops.image.resize(x, (height, width), "nearest", data_format="channels_last")
    values = x if jnp.issubdtype(x.dtype, jnp.floating) else x.astype("float32")
    if method in _OF_KERAS:
        found = ops.image.resize(values, (height, width), method, antialias, data_format="channels_last")
    else:
        rows, columns = (
            jnp.asarray(_weights(a, b, method, antialias), values.dtype)
            for a, b in zip(old, (height, width), strict=True)
        )
        found = jnp.einsum("ih,jw,...hwc->...ijc", rows, columns, values, precision="highest")
    return found.astype("float32")


def _pair(place: str, size: Any) -> tuple[int, int]:
    """Return two whole numbers from 1 up."""
    given = np.asarray(size)
    if given.shape != (2,) or given.dtype.kind not in "iu" or given.min() < 1:
        raise refusal(place, "size=(height, width), whole numbers from 1 up", repr(size))
    return int(given[0]), int(given[1])


@op
def crop_to_bounding_box(
    image: Any, offset_height: int, offset_width: int, target_height: int, target_width: int, name: str | None = None
) -> Any:
    """Return the part of pictures with this size that starts at these offsets.

    Raises:
        InvalidArgument: not pictures, or the part lies outside.
    """
    x = frames("crop_to_bounding_box", image)
    bottom, right = offset_height + target_height, offset_width + target_width
    if min(offset_height, offset_width) < 0 or min(target_height, target_width) < 1 or bottom > x.shape[-3]:
        raise refusal("crop_to_bounding_box", f"a part of {x.shape[-3:-1]}", (offset_height, offset_width))
    if right > x.shape[-2]:
        raise refusal("crop_to_bounding_box", f"a part of {x.shape[-3:-1]}", (bottom, right))
    return x[..., offset_height:bottom, offset_width:right, :]


@op
def pad_to_bounding_box(
    image: Any, offset_height: int, offset_width: int, target_height: int, target_width: int, name: str | None = None
) -> Any:
    """Return pictures within zeros: at these offsets in a frame of this size.

    Raises:
        InvalidArgument: not pictures, or they do not fit into the frame.
    """
    x = frames("pad_to_bounding_box", image)
    below, after = target_height - offset_height - x.shape[-3], target_width - offset_width - x.shape[-2]
    margins = [(offset_height, below), (offset_width, after)]
    if min(min(margin) for margin in margins) < 0:
        raise refusal("pad_to_bounding_box", f"a frame around {x.shape[-3:-1]}", (target_height, target_width))
    return jnp.pad(x, [(0, 0)] * (x.ndim - 3) + margins + [(0, 0)])


@op
def resize_with_crop_or_pad(image: Any, target_height: int, target_width: int) -> Any:
    """Return the middle of pictures in another frame: sides are cut off or zeros are added.

    Raises:
        InvalidArgument: not pictures, or sizes below 1.
    """
    x = frames("resize_with_crop_or_pad", image)
    target = _pair("resize_with_crop_or_pad", (target_height, target_width))
    for axis, size in zip((-3, -2), target, strict=True):
        length = x.shape[axis]
        start, before = max(length - size, 0) // 2, max(size - length, 0) // 2
        kept = [slice(None)] * x.ndim
        kept[axis] = slice(start, start + min(size, length))
        margins = [(0, 0)] * x.ndim
        margins[axis] = (before, max(size - length, 0) - before)
        x = jnp.pad(x[tuple(kept)], margins)
    return x


@op
def resize_with_pad(
    image: Any, target_height: int, target_width: int, method: Any = ResizeMethod.BILINEAR, antialias: bool = False
) -> Any:
    """Return pictures fitted into a frame without distortion, zeros at the sides.

    Raises:
        InvalidArgument: not pictures, or an unknown method or size.
    """
    x = frames("resize_with_pad", image)
    height, width = _pair("resize_with_pad", (target_height, target_width))
    ratio = max(x.shape[-2] / width, x.shape[-3] / height)
    high, wide = x.shape[-3] / ratio, x.shape[-2] / ratio
    fitted = resize(x, (max(int(high), 1), max(int(wide), 1)), method, False, antialias)
    return pad_to_bounding_box(fitted, int((height - high) / 2), int((width - wide) / 2), height, width)


@op
def central_crop(image: Any, central_fraction: float) -> Any:
    """Return the middle of pictures, a fraction of both sides.

    Raises:
        InvalidArgument: not pictures, or a fraction outside of (0, 1].

    Example:
        >>> central_crop(np.arange(4).reshape(1, 4, 1), 0.5).ravel().tolist()
        [1, 2]
    """
    x = frames("central_crop", image)
    if not 0 < central_fraction <= 1:
        raise refusal("central_crop", "a fraction above 0 and up to 1", central_fraction)
    top, left = (int((length - length * central_fraction) / 2) for length in x.shape[-3:-1])
    return x[..., top : x.shape[-3] - top, left : x.shape[-2] - left, :]
