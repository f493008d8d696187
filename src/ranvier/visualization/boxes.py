"""Bounding boxes drawn into images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ranvier._errors import InvalidArgument, WrongType
from ranvier.utils.bounding_boxes import convert_format
from ranvier.visualization.checking import pictures

__all__ = ["draw_bounding_boxes"]

_LETTERS = 22
"""Height of letters at `font_scale=1` [pixels]."""


def draw_bounding_boxes(
    images: Any,
    bounding_boxes: Any,
    bounding_box_format: str,
    class_mapping: Mapping[int, str] | None = None,
    color: Any = (128, 128, 128),
    line_thickness: int = 2,
    text_thickness: int | None = 1,
    font_scale: float = 1.0,
    data_format: str | None = None,
) -> np.ndarray:
    """Return images with boxes drawn into them, and the names of their classes.

    Shapes: images `[image, row, column, channel]`, or by `data_format` `[image, channel, row, column]`; the result has
    the channels last and is uint8.

    Args:
        images: values from 0 to 255; floats that are all at most 1 are taken as 0 ... 1.
        bounding_boxes: `{"boxes": [image, box, 4], "labels": [image, box]}`, perhaps with `"confidences"` as labels;
            boxes with the label -1 are left out.
        bounding_box_format: how boxes are written, such as `"xyxy"` or `"rel_xywh"`.
        class_mapping: class numbers to names; only named classes are written.
        color: red, green and blue.
        line_thickness: of the lines [pixels].
        text_thickness: of the letters' strokes [pixels]; `line_thickness` when None.
        font_scale: size of the letters.
        data_format: where the channels are; the configured place when None.

    Raises:
        InvalidArgument: no batch of images, or boxes without labels.
        WrongType: boxes that are no dict.

    Numerics: Keras draws with OpenCV; letters and the ends of thick lines differ in single pixels.

    Example:
        >>> boxes = {"boxes": [[[1.0, 1.0, 3.0, 3.0]]], "labels": [[0]]}
        >>> drawn = draw_bounding_boxes(np.zeros((1, 5, 5, 1)), boxes, "xyxy", color=9, line_thickness=1)
        >>> drawn[0, :, :, 0].tolist()
        [[0, 0, 0, 0, 0], [0, 9, 9, 9, 0], [0, 9, 0, 9, 0], [0, 9, 9, 9, 0], [0, 0, 0, 0, 0]]
    """
    array = _bytes(pictures(images, "draw_bounding_boxes(images)", data_format))
    size = int(array.shape[1]), int(array.shape[2])
    corners, labels, texts = _boxes(bounding_boxes, bounding_box_format, *size, class_mapping or {})
    for picture, boxes, numbers, words in zip(array, corners, labels, texts, strict=True):
        for box, number, word in zip(boxes, numbers, words, strict=True):
            if number == -1:
                continue
            _frame(picture, box, color, line_thickness)
            if word:
                _write(picture, word, box, color, text_thickness or line_thickness, font_scale)
    return array


def _bytes(images: np.ndarray) -> np.ndarray:
    if images.dtype.kind == "f" and images.size:
        images = np.clip(images, 0, 1) * 255 if images.max() <= 1 else np.clip(images, 0, 255)
    return images.astype(np.uint8)


def _boxes(
    given: Any, box_format: str, height: int, width: int, names: Mapping[int, str]
) -> tuple[np.ndarray, np.ndarray, list[list[str]]]:
    """Return corners `[image, box, 4]`, labels `[image, box]` and what is written beside each box."""
    if not isinstance(given, Mapping):
        raise WrongType(
            "The boxes have no labels.",
            code="boxes-kind",
            place="draw_bounding_boxes(bounding_boxes)",
            expected='{"boxes": ..., "labels": ...}',
            received=type(given).__name__,
        )
    if not {"boxes", "labels"} <= set(given):
        raise InvalidArgument(
            "The boxes have no labels.",
            code="boxes-kind",
            place="draw_bounding_boxes(bounding_boxes)",
            expected='{"boxes": ..., "labels": ...}',
            received=f"the keys {sorted(given)}",
        )
    corners = np.asarray(convert_format(np.asarray(given["boxes"], np.float32), box_format, "xyxy", height, width))
    labels = np.asarray(given["labels"]).astype(np.int64)
    texts = [[names.get(int(number), "") for number in row] for row in labels]
    if "confidences" in given:
        sure = np.asarray(given["confidences"])
        texts = [
            [f"{text} | {share:.2f}" if text else "" for text, share in zip(*row, strict=True)]
            for row in zip(texts, sure, strict=True)
        ]
    return corners.astype(np.int32), labels, texts


def _frame(picture: np.ndarray, box: np.ndarray, color: Any, thickness: int) -> None:
    """Draw the sides of a box, each as thick lines about it; what lies outside is cut off."""
    before, after = (thickness - 1) // 2, thickness // 2 + 1
    left, top, right, bottom = (int(one) for one in box)
    rows = slice(max(top - before, 0), max(bottom + after, 0))
    columns = slice(max(left - before, 0), max(right + after, 0))
    for x in (left, right):
        picture[rows, max(x - before, 0) : max(x + after, 0)] = _fitting(color, picture)
    for y in (top, bottom):
        picture[max(y - before, 0) : max(y + after, 0), columns] = _fitting(color, picture)


def _fitting(color: Any, picture: np.ndarray) -> np.ndarray:
    """Return a colour with as many channels as the picture; an added one is opaque."""
    channels = np.asarray([*np.atleast_1d(color), 255], np.uint8)
    return channels[: picture.shape[2]]


def _write(picture: np.ndarray, text: str, box: np.ndarray, color: Any, thickness: int, scale: float) -> None:
    """Write above a box, or into it where there is no room."""
    letters = int(12 * scale)
    x, y = int(box[0]), int(box[1])
    above = y - 8 - 2 * letters > 0
    at = (x, y - 8) if above else (x + 3, y + 2 * letters + thickness + 3)
    stencil = Image.new("L", (picture.shape[1], picture.shape[0]))
    font = ImageFont.load_default(size=max(1.0, _LETTERS * scale))
    ImageDraw.Draw(stencil).text(at, text, fill=255, font=font, anchor="ls", stroke_width=max(0, thickness // 2 - 1))
    share = np.asarray(stencil, np.float32)[:, :, None] / 255
    picture[:] = (picture * (1 - share) + _fitting(color, picture) * share).round().astype(np.uint8)
