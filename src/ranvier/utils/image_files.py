"""Image files, and images as arrays; Pillow reads and writes them."""

from __future__ import annotations

import io
import os
import pathlib
import warnings
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from ranvier import _config
from ranvier._errors import DataError, InvalidArgument, WrongType

__all__ = ["UnreadableImage", "array_to_img", "channels_first", "img_to_array", "load_img", "opened", "save_img"]

_METHODS = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "hamming": Image.Resampling.HAMMING,
    "box": Image.Resampling.BOX,
    "lanczos": Image.Resampling.LANCZOS,
}
_GREY = ("L", "I;16", "I")
"""Modes of Pillow with one channel of 8, 16 and 32 bits."""


class UnreadableImage(DataError, UnidentifiedImageError):
    """A file that is no image, or a damaged one; also the error that Pillow has for it."""


def _wrong(place: str, expected: str, received: Any, kind: type[DataError | InvalidArgument | WrongType]) -> Exception:
    name = place.partition("(")[2].rstrip(")=")
    return kind(f"{name} does not fit.", code="image-argument", place=place, expected=expected, received=received)


def channels_first(data_format: str | None) -> bool:
    """Whether channels come before rows, in a data format or, when None, in the configured one.

    Raises:
        InvalidArgument: it is no data format.
    """
    found = _config.image_data_format() if data_format is None else data_format
    if found not in ("channels_last", "channels_first"):
        raise InvalidArgument(
            "data_format says where the channels stand.",
            code="data-format",
            place="data_format=",
            expected="'channels_last', 'channels_first' or None",
            received=repr(data_format),
        )
    return found == "channels_first"


def opened(path: Any) -> Image.Image:
    """Return the decoded image of a file: of several frames the first, as it lies there, whatever EXIF says.

    Args:
        path: where the file is, or an open binary file.

    Raises:
        UnreadableImage: it is no image, is damaged, or is too large to be one.
        FileNotFoundError: there is no such file.
        WrongType: something else than a path or an open file.
    """
    if isinstance(path, (str, bytes, os.PathLike)):
        name, content = os.fsdecode(path), io.BytesIO(pathlib.Path(os.fsdecode(path)).read_bytes())
    elif hasattr(path, "read"):
        name, content = str(getattr(path, "name", "an open file")), path
    else:
        raise _wrong("load_img(path)", "a path or an open binary file", type(path).__name__, WrongType)
    try:
        image = Image.open(content)
        image.load()
    except Exception as error:  # a decoder meets damage in its own ways
        raise UnreadableImage(
            "An image cannot be read.",
            code="image-unreadable",
            place=name,
            expected="an image in a format that Pillow knows",
            received=f"{type(error).__name__}: {error}",
            fix="repair the file or take it out of the folder",
        ) from error
    return image


def load_img(
    path: Any,
    color_mode: str = "rgb",
    target_size: Any = None,
    interpolation: str = "nearest",
    keep_aspect_ratio: bool = False,
) -> Image.Image:
    """Return the image in a file, as Pillow has it.

    An orientation in EXIF data is not applied; grey images of 16 or 32 bits keep them with `color_mode="grayscale"`.

    Args:
        path: where the file is, or an open binary file.
        color_mode: `"grayscale"`, `"rgb"` or `"rgba"`.
        target_size: rows and columns; None leaves the image as it is.
        interpolation: `"nearest"`, `"bilinear"`, `"bicubic"`, `"lanczos"`, `"box"` or `"hamming"`.
        keep_aspect_ratio: take the largest middle part with the proportions of `target_size` instead of distorting.

    Raises:
        UnreadableImage: the file is no image, or damaged.
        InvalidArgument: another colour mode, size or interpolation.
        WrongType: a path that is none.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save_img(f"{folder}/a.png", np.full((2, 4, 3), 7.0), scale=False)
        ...     image = load_img(f"{folder}/a.png", target_size=(2, 2))
        >>> img_to_array(image).tolist()[0]
        [[7.0, 7.0, 7.0], [7.0, 7.0, 7.0]]
    """
    modes = {"grayscale": "L", "rgb": "RGB", "rgba": "RGBA"}
    if color_mode not in modes:
        raise _wrong("load_img(color_mode=)", ", ".join(map(repr, modes)), repr(color_mode), InvalidArgument)
    image = opened(path)
    if image.mode != modes[color_mode] and not (color_mode == "grayscale" and image.mode in _GREY):
        image = image.convert(modes[color_mode])
    if target_size is None:
        return image
    if not hasattr(target_size, "__len__") or len(target_size) != 2 or min(target_size) < 1:
        raise _wrong("load_img(target_size=)", "rows and columns, or None", repr(target_size), InvalidArgument)
    height, width = (int(one) for one in target_size)
    if image.size == (width, height):
        return image
    if interpolation not in _METHODS:
        raise _wrong("load_img(interpolation=)", ", ".join(map(repr, _METHODS)), repr(interpolation), InvalidArgument)
    box = _middle(image.size, width, height) if keep_aspect_ratio else None
    return image.resize((width, height), _METHODS[interpolation], box=box)


def _middle(size: tuple[int, int], width: int, height: int) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of the largest middle part with some proportions."""
    columns = min(size[0], size[1] * width // height)
    rows = min(size[1], size[0] * height // width)
    left, top = (size[0] - columns) // 2, (size[1] - rows) // 2
    return left, top, left + columns, top + rows


def img_to_array(img: Any, data_format: str | None = None, dtype: Any = None) -> np.ndarray:
    """Return an image of Pillow, or a grey `[row, column]` array, as an array with an axis for channels.

    Shapes: `[row, column, channel]`, or `[channel, row, column]` with `data_format="channels_first"`.

    Args:
        img: the image.
        data_format: where the channels go; the configured place when None.
        dtype: of the array; `floatx()` when None.

    Raises:
        InvalidArgument: more or fewer axes than an image has.

    Example:
        >>> img_to_array(np.array([[1, 2]])).tolist()
        [[[1.0], [2.0]]]
    """
    first = channels_first(data_format)
    array = np.asarray(img, dtype=dtype or _config.floatx())
    if array.ndim == 2:
        array = array[:, :, None]
    if array.ndim != 3:
        raise _wrong("img_to_array(img)", "an image with 2 or 3 axes", array.shape, InvalidArgument)
    return array.transpose(2, 0, 1) if first else array


def array_to_img(x: Any, data_format: str | None = None, scale: bool = True, dtype: Any = None) -> Image.Image:
    """Return an array as an image of Pillow.

        pixel = 255 * (x - min x) / (max x - min x)    with `scale`, and cut to whole numbers

    Args:
        x: an image with 1, 3 or 4 channels: `[row, column, channel]` or `[channel, row, column]`.
        data_format: where the channels are; the configured place when None.
        scale: stretch the values to 0 ... 255; without it they are taken as they are.
        dtype: in which this is computed; `floatx()` when None.

    Raises:
        InvalidArgument: not three axes, or another number of channels.

    Example:
        >>> list(array_to_img([[[0.0], [1.0], [0.5]]]).tobytes())
        [0, 255, 127]
    """
    first = channels_first(data_format)
    array = np.asarray(x, dtype=dtype or _config.floatx())
    if array.ndim != 3:
        raise _wrong("array_to_img(x)", "one image, an array with 3 axes", array.shape, InvalidArgument)
    array = array.transpose(1, 2, 0) if first else array
    if array.shape[2] not in (1, 3, 4):
        expected = f"1, 3 or 4 channels on the {'first' if first else 'last'} axis"
        raise _wrong("array_to_img(x)", expected, f"shape {np.shape(x)}", InvalidArgument)
    if scale:
        array = array - array.min()
        array = array / (array.max() or 1) * 255
    if array.shape[2] > 1:
        return Image.fromarray(np.ascontiguousarray(array.astype(np.uint8)))
    grey = array[:, :, 0]
    return Image.fromarray(grey.astype(np.int32 if grey.max() > 255 else np.uint8))


def save_img(
    path: Any,
    x: Any,
    data_format: str | None = None,
    file_format: str | None = None,
    scale: bool = True,
    **kwargs: Any,
) -> None:
    """Write an array to an image file; a JPEG has no place for transparency, which is dropped with a warning.

    Args:
        path: where, or an open binary file.
        x: the image, as `array_to_img` takes it.
        data_format: where the channels are; the configured place when None.
        file_format: such as `"png"`; by the end of the path when None.
        scale: stretch the values to 0 ... 255.
        kwargs: for Pillow's `Image.save`.

    Raises:
        InvalidArgument: an array that is no image.
    """
    if file_format is None and isinstance(path, (str, os.PathLike)):
        file_format = pathlib.Path(path).suffix[1:].lower()
    if file_format and file_format.lower() == "jpg":
        file_format = "jpeg"
    image = array_to_img(x, data_format=data_format, scale=scale)
    if image.mode == "RGBA" and file_format == "jpeg":
        warnings.warn("JPEG has no place for transparency: the image is saved as RGB.", stacklevel=2)
        image = image.convert("RGB")
    image.save(path, format=file_format or None, **kwargs)
