"""`tf.io`: files as they are, and pictures in them; Pillow reads and writes these."""

from __future__ import annotations

import io
import pathlib
from typing import Any

import numpy as np
from PIL import Image

from ranvier import ops
from ranvier._errors import InvalidArgument, WrongType
from ranvier.compat.arrays import HostTensor
from ranvier.compat.tensorflow.dtypes import as_dtype
from ranvier.compat.tensorflow.image.types import convert_image_dtype
from ranvier.utils.image_files import opened

__all__ = [
    "decode_bmp",
    "decode_image",
    "decode_jpeg",
    "decode_png",
    "encode_jpeg",
    "encode_png",
    "read_file",
    "write_file",
]

_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
_DEEP = ("I;16", "I;16B", "I")
"""Modes of Pillow whose numbers have more than eight bits."""


def _content(value: Any, place: str) -> bytes:
    """Return bytes out of a tensor of text, an array of one, or plain bytes."""
    found = value if isinstance(value, (bytes, str)) else np.asarray(value, object).ravel()
    if not isinstance(found, (bytes, str)):
        found = found[0] if len(found) == 1 else found
    if not isinstance(found, (bytes, str)):
        raise WrongType(
            "This is not one text.",
            code="image-content",
            place=f"tf.io.{place}",
            expected="bytes, a text, or a tensor of one",
            received=type(value).__name__,
            fix="call it for one file at a time, in Dataset.map for instance",
        )
    return found.encode() if isinstance(found, str) else found


def read_file(filename: Any, name: str | None = None) -> Any:
    """Return the bytes of a file, a tensor of text.

    Raises:
        FileNotFoundError: there is no such file.
    """
    content = np.empty((), object)
    content[()] = pathlib.Path(_content(filename, "read_file").decode()).read_bytes()
    return content.view(HostTensor)


def write_file(filename: Any, contents: Any, name: str | None = None) -> None:
    """Write bytes into a file; folders on the way are made."""
    path = pathlib.Path(_content(filename, "write_file").decode())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_content(contents, "write_file"))


def decode_image(
    contents: Any,
    channels: int | None = None,
    dtype: Any = "uint8",
    name: str | None = None,
    expand_animations: bool = True,
) -> Any:
    """Return the picture in the bytes of a file, [height, width, channel]; of an animation all, [frame, ...].

    Args:
        contents: a JPEG, PNG, BMP or GIF file.
        channels: 1 grey, 3 colours, 4 with opacity; None or 0 for what the file has.
        dtype: the type; white is 1 where it is a type of floats.
        name: for people.
        expand_animations: whether a GIF gives all its frames instead of the first.

    Raises:
        UnreadableImage: Pillow cannot read it.
        InvalidArgument: another number of channels.
    """
    image = opened(io.BytesIO(_content(contents, "decode_image")))
    if image.format == "GIF" and expand_animations:
        count = getattr(image, "n_frames", 1)
        frames = []
        for number in range(count):
            image.seek(number)
            frames.append(_pixels(image, channels or 3, "decode_image"))
        return convert_image_dtype(ops.convert_to_tensor(np.stack(frames)), dtype)
    return convert_image_dtype(ops.convert_to_tensor(_pixels(image, channels or 0, "decode_image")), dtype)


def _pixels(image: Image.Image, channels: int, place: str) -> Any:
    """Return a picture's numbers [height, width, channel]; 0 channels for what it has."""
    if channels not in (0, *_MODES):
        raise InvalidArgument(
            "A picture does not have so many channels.",
            code="image-channels",
            place=f"tf.io.{place}",
            expected="channels=1, 3 or 4, or 0 for what the file has",
            received=channels,
        )
    if image.mode in _DEEP:
        deep = np.asarray(image).astype("uint16")[..., None]
        return (
            np.repeat(deep, max(channels, 1), -1)
            if channels in (0, 1, 3)
            else _pixels(image.convert("L"), channels, place)
        )
    if not channels:
        transparent = image.mode in ("RGBA", "PA") or "transparency" in image.info
        grey = {"1": 1, "L": 1, "LA": 2}
        channels = grey.get(image.mode, 4 if transparent else 3)
    pixels = np.asarray(image.convert(_MODES[channels]))
    return pixels if pixels.ndim == 3 else pixels[..., None]


def decode_png(contents: Any, channels: int = 0, dtype: Any = "uint8", name: str | None = None) -> Any:
    """Return the picture in the bytes of a PNG file as 8 or, for `dtype=tf.uint16`, 16 bits; see `decode_image`."""
    pixels = _pixels(opened(io.BytesIO(_content(contents, "decode_png"))), channels, "decode_png")
    return convert_image_dtype(ops.convert_to_tensor(pixels), as_dtype(dtype))


def decode_jpeg(
    contents: Any,
    channels: int = 0,
    ratio: int = 1,
    fancy_upscaling: bool = True,
    try_recover_truncated: bool = False,
    acceptable_fraction: float = 1,
    dct_method: str = "",
    name: str | None = None,
) -> Any:
    """Return the picture in the bytes of a JPEG file, [height, width, channel]; see `decode_image`.

    Decoders differ in the last bits: values can be one or two away from TensorFlow's.

    Args:
        contents: the file's bytes.
        channels: 1 grey, 3 colours, 0 for what the file has.
        ratio: every how many pixels one is kept, 1, 2, 4 or 8.
        fancy_upscaling: accepted, as are the others.
        try_recover_truncated: accepted.
        acceptable_fraction: accepted.
        dct_method: accepted.
        name: for people.
    """
    image = opened(io.BytesIO(_content(contents, "decode_jpeg")))
    if ratio > 1:
        image = image.reduce(ratio)
    return ops.convert_to_tensor(_pixels(image, channels, "decode_jpeg"))


def decode_bmp(contents: Any, channels: int = 0, name: str | None = None) -> Any:
    """Return the picture in the bytes of a BMP file, [height, width, channel]; see `decode_image`."""
    return ops.convert_to_tensor(_pixels(opened(io.BytesIO(_content(contents, "decode_bmp"))), channels, "decode_bmp"))


def encode_png(image: Any, compression: int = -1, name: str | None = None) -> Any:
    """Return a picture of bytes [height, width, channel] as a PNG file's bytes, a tensor of text.

    Raises:
        InvalidArgument: not one picture of 8 bits with 1 to 4 channels.

    Example:
        >>> picture = np.arange(6, dtype="uint8").reshape(1, 2, 3)
        >>> decode_png(encode_png(picture)).tolist()
        [[[0, 1, 2], [3, 4, 5]]]
    """
    return _encoded(image, "PNG", "encode_png", compress_level=6 if compression < 0 else compression)


def encode_jpeg(image: Any, format: str = "", quality: int = 95, **options: Any) -> Any:
    """Return a picture of bytes [height, width, channel] as a JPEG file's bytes, a tensor of text.

    Raises:
        InvalidArgument: not one picture of 8 bits with 1 or 3 channels.
    """
    return _encoded(image, "JPEG", "encode_jpeg", quality=quality)


def _encoded(image: Any, form: str, place: str, **options: Any) -> HostTensor:
    pixels = np.asarray(image)
    allowed = (1, 3) if form == "JPEG" else (1, 2, 3, 4)
    if pixels.ndim != 3 or pixels.dtype != np.uint8 or pixels.shape[-1] not in allowed:
        raise InvalidArgument(
            "This picture cannot be written.",
            code="image-argument",
            place=f"tf.io.{place}",
            expected=f"[height, width, channel] of type uint8 with {' or '.join(map(str, allowed))} channels",
            received=f"shape {pixels.shape} of {pixels.dtype}",
            fix="tf.image.convert_image_dtype(image, tf.uint8) makes bytes of fractions",
        )
    stream = io.BytesIO()
    squeezed = pixels[..., 0] if pixels.shape[-1] == 1 else pixels
    Image.fromarray(squeezed, _MODES[pixels.shape[-1]]).save(stream, form, **options)
    content = np.empty((), object)
    content[()] = stream.getvalue()
    return content.view(HostTensor)
