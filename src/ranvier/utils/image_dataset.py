"""Images from a folder whose subfolders are classes."""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import Any

import numpy as np

from ranvier._errors import InvalidArgument
from ranvier.utils.folder_dataset import Reading, folder_dataset
from ranvier.utils.image_files import channels_first, opened
from ranvier.utils.resizing import INTERPOLATIONS, centre_crop, padded, resized

__all__ = ["image_dataset_from_directory"]

_ENDINGS = (".bmp", ".gif", ".jpeg", ".jpg", ".png")
_MODES = {"grayscale": "L", "rgb": "RGB", "rgba": "RGBA"}
_WORKERS = 8


def image_dataset_from_directory(
    directory: Any,
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Any = None,
    color_mode: str = "rgb",
    batch_size: int | None = 32,
    image_size: Any = (256, 256),
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    interpolation: str = "bilinear",
    follow_links: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    data_format: str | None = None,
    format: str = "tf",
    verbose: bool = True,
) -> Any:
    """Return batches of the images in a folder for `fit`, `evaluate`, `predict` and loops.

    A file is read when its batch is, in threads that are some batches ahead; nothing else is kept. Keras gives a
    `tf.data` data set: of its methods `map`, `cache`, `take`, `skip`, `shuffle`, `batch`, `prefetch` and
    `as_numpy_iterator` are here, and `class_names` and `file_paths`.

    Shapes: batches `(images [row, height, width, channel], labels [row])` of float32 from 0 to 255 and int32; labels
    `[row, 1]` or `[row, class]` by `label_mode`; images alone without labels.

    Args:
        directory: a folder with a subfolder per class, of `.bmp`, `.gif` (first frame), `.jpeg`, `.jpg`, `.png` files.
        labels: `"inferred"` from the subfolders, None, or a list with a number per file in the order of their paths.
        label_mode: `"int"`, `"binary"` (0.0 or 1.0), `"categorical"` (one-hot) or None.
        class_names: the subfolders that count, in the order of their numbers.
        color_mode: `"grayscale"`, `"rgb"` or `"rgba"`: 1, 3 or 4 channels.
        batch_size: images per batch; None for one at a time.
        image_size: height and width that every image is resized to; one number for both.
        shuffle: another order in every epoch.
        seed: decides the orders, and what each subset gets.
        validation_split: share of the files that is held out.
        subset: `"training"`, `"validation"`, or `"both"` for a list of the two.
        interpolation: how images are resized: `"nearest"`, `"area"`, `"bilinear"`, `"bicubic"`, `"lanczos3"`,
            `"lanczos5"`, `"gaussian"` or `"mitchellcubic"`.
        follow_links: whether links to folders are followed.
        crop_to_aspect_ratio: resize the largest middle part with the proportions of `image_size`.
        pad_to_aspect_ratio: resize the whole image and fill up with zeros around it.
        data_format: `"channels_last"` or `"channels_first"`; the configured one when None.
        format: `"tf"` or `"grain"`; both give the same.
        verbose: whether to print what was found.

    Raises:
        DataError: no folder, no files, or an empty subset; while reading, a damaged file, by its name.
        InvalidArgument: arguments that do not fit.
    """
    image_size = (image_size, image_size) if isinstance(image_size, int) else image_size
    _check(color_mode, image_size, interpolation, crop_to_aspect_ratio and pad_to_aspect_ratio, format)
    read = functools.partial(
        _image,
        mode=_MODES[color_mode],
        size=(int(image_size[0]), int(image_size[1])),
        interpolation=interpolation.lower(),
        fitting="crop" if crop_to_aspect_ratio else "pad" if pad_to_aspect_ratio else "stretch",
        first=channels_first(data_format),
    )
    reading = Reading(_ENDINGS, read, workers=min(_WORKERS, os.cpu_count() or 1))
    shared = (batch_size, shuffle, seed, validation_split, subset, follow_links, verbose)
    return folder_dataset(directory, reading, labels, label_mode, class_names, *shared)


def _image(path: Path, mode: str, size: tuple[int, int], interpolation: str, fitting: str, first: bool) -> np.ndarray:
    """Return the image of a file as float32."""
    image = opened(path)
    if image.mode.startswith("I"):
        # Pillow would cut 16 bits to 255; the upper 8 of them are what is seen.
        grey = np.asarray(image).astype(np.int64) >> 8
        channels = [grey] * min(len(mode), 3) + [np.full_like(grey, 255)] * (mode == "RGBA")
        pixels = np.stack(channels, axis=-1)
    else:
        pixels = np.asarray(image if image.mode == mode else image.convert(mode))
    array = pixels.astype(np.float32).reshape(*pixels.shape[:2], -1)
    if fitting == "pad":
        array = padded(array, size, interpolation)
    else:
        array = resized(centre_crop(array, size) if fitting == "crop" else array, size, interpolation)
    return array.transpose(2, 0, 1) if first else array


def _check(color_mode: Any, size: Any, interpolation: Any, both: bool, format: Any) -> None:
    if color_mode not in _MODES:
        raise _wrong("color_mode", " or ".join(map(repr, _MODES)), color_mode)
    if not hasattr(size, "__len__") or len(size) != 2 or not all(isinstance(one, int) and one > 0 for one in size):
        raise _wrong("image_size", "height and width, such as (180, 180)", size)
    if str(interpolation).lower() not in INTERPOLATIONS:
        raise _wrong("interpolation", "one of " + ", ".join(INTERPOLATIONS), interpolation)
    if both:
        raise _wrong("pad_to_aspect_ratio", "False where crop_to_aspect_ratio is True", True)
    if format not in ("tf", "grain"):
        raise _wrong("format", "'tf' or 'grain'", format)


def _wrong(name: str, expected: str, received: Any) -> InvalidArgument:
    return InvalidArgument(
        f"{name} does not fit.",
        code="image-folder-argument",
        place=f"image_dataset_from_directory({name}=...)",
        expected=expected,
        received=repr(received),
    )
