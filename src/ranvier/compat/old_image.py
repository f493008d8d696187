"""`keras.preprocessing.image` of Keras 2: changes of single images, drawn from NumPy's global generator as there."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import ImageEnhance
from scipy import ndimage

from ranvier._errors import InvalidArgument
from ranvier.utils.image_files import array_to_img, img_to_array

__all__ = [
    "apply_affine_transform",
    "apply_brightness_shift",
    "apply_channel_shift",
    "flip_axis",
    "random_brightness",
    "random_channel_shift",
    "random_rotation",
    "random_shear",
    "random_shift",
    "random_zoom",
    "transform_matrix_offset_center",
]


def _wrong(name: str, expected: str, received: Any) -> InvalidArgument:
    return InvalidArgument(
        f"{name} does not fit.", code="old-image-argument", place=f"{name}=", expected=expected, received=repr(received)
    )


def flip_axis(x: Any, axis: int) -> np.ndarray:
    """Return an array with one axis the other way round."""
    return np.flip(np.asarray(x), axis)


def transform_matrix_offset_center(matrix: np.ndarray, x: float, y: float) -> np.ndarray:
    """Return a change of coordinates `[3, 3]` that has its fixed point in the middle of an image of `x` by `y`."""
    offset = np.eye(3)
    offset[:2, 2] = x / 2 - 0.5, y / 2 - 0.5
    back = np.eye(3)
    back[:2, 2] = -offset[:2, 2]
    moved: np.ndarray = offset @ matrix @ back
    return moved


def _matrix(theta: float, tx: float, ty: float, shear: float, zx: float, zy: float) -> np.ndarray | None:
    """Return rotation, shift, shear and zoom as one matrix; None where nothing changes."""
    angle, slant = np.deg2rad(theta), np.deg2rad(shear)
    parts = (
        (theta != 0, [[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]]),
        (tx != 0 or ty != 0, [[1, 0, tx], [0, 1, ty], [0, 0, 1]]),
        (shear != 0, [[1, -np.sin(slant), 0], [0, np.cos(slant), 0], [0, 0, 1]]),
        (zx != 1 or zy != 1, [[zx, 0, 0], [0, zy, 0], [0, 0, 1]]),
    )
    matrix: np.ndarray | None = None
    for wanted, part in parts:
        if wanted:
            matrix = np.array(part) if matrix is None else matrix @ np.array(part)
    return matrix


def apply_affine_transform(
    x: np.ndarray,
    theta: float = 0,
    tx: float = 0,
    ty: float = 0,
    shear: float = 0,
    zx: float = 1,
    zy: float = 1,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    order: int = 1,
) -> np.ndarray:
    """Return an image rotated, shifted, sheared and zoomed about its middle.

    Args:
        x: the image, three axes.
        theta, shear: angles [degrees].
        tx, ty: shifts [pixels].
        zx, zy: factors; below 1 the image grows.
        row_axis, col_axis, channel_axis: which axis is which.
        fill_mode: what lies outside: `"nearest"`, `"constant"`, `"reflect"` or `"wrap"`.
        cval: the constant.
        order: of the splines between the pixels; 0 takes the nearest pixel, 1 is linear.

    Raises:
        InvalidArgument: axes that are not those of an image.

    Numerics: as with Keras 3, where `row_axis` comes before `col_axis` the matrix and the middle are those of the
    coordinates in the other order: `tx` moves along the columns' axis.
    """
    if {row_axis, col_axis, channel_axis} != {0, 1, 2} or channel_axis == 1 or np.ndim(x) != 3:
        received = f"axes {row_axis}, {col_axis}, {channel_axis} of an array with {np.ndim(x)}"
        raise _wrong(
            "row_axis, col_axis, channel_axis", "the axes 0, 1, 2 of an image, channels not in the middle", received
        )
    matrix = _matrix(theta, tx, ty, shear, zx, zy)
    if matrix is None:
        return x
    matrix = transform_matrix_offset_center(matrix, x.shape[row_axis], x.shape[col_axis])
    if col_axis > row_axis:
        matrix = matrix[[1, 0, 2]][:, [1, 0, 2]]
    channels = [
        ndimage.affine_transform(channel, matrix[:2, :2], matrix[:2, 2], order=order, mode=fill_mode, cval=cval)
        for channel in np.moveaxis(x, channel_axis, 0)
    ]
    return np.stack(channels, axis=channel_axis)


def apply_channel_shift(x: np.ndarray, intensity: float, channel_axis: int = 0) -> np.ndarray:
    """Return an image with a number added everywhere, kept between its smallest and largest value."""
    return np.clip(x + intensity, np.min(x), np.max(x))


def apply_brightness_shift(x: Any, brightness: float, scale: bool = True) -> np.ndarray:
    """Return an image brighter (above 1) or darker (below 1), by way of whole numbers from 0 to 255.

    Args:
        x: the image.
        brightness: the factor.
        scale: stretch its values to 0 ... 255 first; values outside are anyway.
    """
    low, high = np.min(x), np.max(x)
    stretched = bool(low < 0 or high > 255)
    image = ImageEnhance.Brightness(array_to_img(x, scale=stretched or scale)).enhance(brightness)
    array = img_to_array(image)
    return array / 255 * (high - low) + low if stretched and not scale else array


def random_rotation(x: np.ndarray, rg: float, *args: Any, **kwargs: Any) -> np.ndarray:
    """Return an image rotated by up to `rg` degrees; the rest as in `random_shift`, after `hrg`."""
    return apply_affine_transform(x, np.random.uniform(-rg, rg), **_axes(*args, **kwargs))


def random_shift(x: np.ndarray, wrg: float, hrg: float, *args: Any, **kwargs: Any) -> np.ndarray:
    """Return an image shifted by up to shares of its width and height.

    Args:
        x: the image.
        wrg, hrg: largest shares.
        args, kwargs: `row_axis=1, col_axis=2, channel_axis=0, fill_mode="nearest", cval=0.0, interpolation_order=1`.
    """
    axes = _axes(*args, **kwargs)
    tx = np.random.uniform(-hrg, hrg) * x.shape[axes.get("row_axis", 1)]
    ty = np.random.uniform(-wrg, wrg) * x.shape[axes.get("col_axis", 2)]
    return apply_affine_transform(x, tx=tx, ty=ty, **axes)


def random_shear(x: np.ndarray, intensity: float, *args: Any, **kwargs: Any) -> np.ndarray:
    """Return an image sheared by up to `intensity` degrees; the rest as in `random_shift`, after `hrg`."""
    return apply_affine_transform(x, shear=np.random.uniform(-intensity, intensity), **_axes(*args, **kwargs))


def random_zoom(x: np.ndarray, zoom_range: Any, *args: Any, **kwargs: Any) -> np.ndarray:
    """Return an image zoomed by factors between two; the rest as in `random_shift`, after `hrg`."""
    if len(zoom_range) != 2:
        raise _wrong("zoom_range", "two numbers", zoom_range)
    same = zoom_range[0] == zoom_range[1] == 1
    zx, zy = (1, 1) if same else np.random.uniform(zoom_range[0], zoom_range[1], 2)
    return apply_affine_transform(x, zx=zx, zy=zy, **_axes(*args, **kwargs))


def random_channel_shift(x: np.ndarray, intensity_range: float, channel_axis: int = 0) -> np.ndarray:
    """Return an image with a number of up to `intensity_range` added everywhere, kept within its bounds."""
    return apply_channel_shift(x, np.random.uniform(-intensity_range, intensity_range), channel_axis)


def random_brightness(x: Any, brightness_range: Any, scale: bool = True) -> np.ndarray:
    """Return an image brighter or darker by a factor between two."""
    if len(brightness_range) != 2:
        raise _wrong("brightness_range", "two numbers", brightness_range)
    return apply_brightness_shift(x, np.random.uniform(*brightness_range), scale)


def _axes(*args: Any, **kwargs: Any) -> dict[str, Any]:
    """Return the arguments that all random changes share, by the names of `apply_affine_transform`."""
    names = ("row_axis", "col_axis", "channel_axis", "fill_mode", "cval", "order")
    if "interpolation_order" in kwargs:
        kwargs["order"] = kwargs.pop("interpolation_order")
    return dict(zip(names, args, strict=False)) | kwargs
