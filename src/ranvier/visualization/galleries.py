"""Images side by side, with labels, boxes or masks; drawn by matplotlib."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib import patches
from matplotlib import pyplot as plt

from ranvier._errors import InvalidArgument
from ranvier.visualization.boxes import draw_bounding_boxes
from ranvier.visualization.checking import channels_last, pictures
from ranvier.visualization.masks import draw_segmentation_masks

__all__ = ["plot_bounding_box_gallery", "plot_image_gallery", "plot_segmentation_mask_gallery"]


def plot_image_gallery(
    images: Any,
    y_true: Any = None,
    y_pred: Any = None,
    label_map: Mapping[int, str] | None = None,
    rows: int | None = None,
    cols: int | None = None,
    value_range: tuple[float, float] = (0, 255),
    scale: float = 2,
    path: Any = None,
    show: bool | None = None,
    transparent: bool = True,
    dpi: int = 60,
    legend_handles: Any = None,
    data_format: str | None = None,
) -> None:
    """Show images in rows and columns, or write the picture to a file.

    Shapes: images `[image, row, column, channel]`, or by `data_format` `[image, channel, row, column]`.

    Args:
        images: a batch of images.
        y_true, y_pred: class numbers that are written above the images.
        label_map: class numbers to names.
        rows, cols: of the gallery; enough for all images when None.
        value_range: the values that are black and white.
        scale: size of an image [inches].
        path: file to write, instead of showing.
        show: whether to show; without a path, yes.
        transparent: whether the file's background is.
        dpi: of the file [dots per inch].
        legend_handles: matplotlib's patches for a legend.
        data_format: where the channels are; the configured place when None.

    Raises:
        InvalidArgument: no batch of images, labels without names, or both a path and `show`.
    """
    if path is not None and show:
        raise _wrong("plot_image_gallery(show=)", "None or False where there is a path", "True")
    if (y_true is not None or y_pred is not None) and label_map is None:
        raise _wrong("plot_image_gallery(label_map=)", "names for the numbers in y_true and y_pred", "None")
    array = pictures(images, "plot_image_gallery(images)", data_format)
    rows, cols = _grid(len(array), rows, cols)
    low, high = value_range
    shown = np.clip((array.astype(np.float32) - low) * 255 / (high - low), 0, 255).astype(np.uint8)
    size = (cols * scale, rows * scale)
    figure, axes = plt.subplots(rows, cols, figsize=size, frameon=False, layout="tight", squeeze=False)
    if legend_handles is not None:
        figure.legend(handles=legend_handles, loc="lower center")
    labels = {"Label": y_true, "Pred": y_pred}
    for number, axis in enumerate(axes.flat):
        axis.axis("off")
        if number < len(shown):
            axis.imshow(shown[number], cmap="gray", vmin=0, vmax=255)
            axis.set_title(_title(number, labels, label_map or {}), fontsize=8)
    if path is not None:
        figure.savefig(path, pad_inches=0, bbox_inches="tight", transparent=transparent, dpi=dpi)
        plt.close(figure)
    elif show or show is None:
        plt.show()
        plt.close(figure)


def _grid(count: int, rows: int | None, cols: int | None) -> tuple[int, int]:
    if rows is None:
        rows = math.ceil(math.sqrt(count)) if cols is None else math.ceil(count / cols)
    return max(rows, 1), max(cols or math.ceil(count / max(rows, 1)), 1)


def _title(number: int, labels: Mapping[str, Any], names: Mapping[int, str]) -> str:
    """Return what is written above an image."""
    known = {word: np.asarray(given).ravel() for word, given in labels.items() if given is not None}
    parts = [f"{word}: {names.get(int(y[number]), 'Unknown')}" for word, y in known.items() if number < len(y)]
    return "  ".join(parts)


def plot_bounding_box_gallery(
    images: Any,
    bounding_box_format: str,
    y_true: Any = None,
    y_pred: Any = None,
    value_range: tuple[float, float] = (0, 255),
    true_color: tuple[int, int, int] = (0, 188, 212),
    pred_color: tuple[int, int, int] = (255, 235, 59),
    line_thickness: int = 2,
    font_scale: float = 1.0,
    text_thickness: int | None = None,
    class_mapping: Mapping[int, str] | None = None,
    ground_truth_mapping: Mapping[int, str] | None = None,
    prediction_mapping: Mapping[int, str] | None = None,
    legend: bool = False,
    legend_handles: Any = None,
    rows: int | None = None,
    cols: int | None = None,
    data_format: str | None = None,
    **kwargs: Any,
) -> None:
    """Show images with true and predicted boxes.

    Args:
        images: a batch of images.
        bounding_box_format: how boxes are written, such as `"xyxy"`.
        y_true, y_pred: boxes, as `draw_bounding_boxes` takes them.
        value_range: the values that are black and white.
        true_color, pred_color: red, green and blue of the boxes.
        line_thickness, font_scale, text_thickness: as in `draw_bounding_boxes`.
        class_mapping: class numbers to names.
        ground_truth_mapping, prediction_mapping: the same for one of the two.
        legend: whether the colours are explained.
        legend_handles: matplotlib's patches for a legend of one's own.
        rows, cols: of the gallery.
        data_format: where the channels are.
        kwargs: for `plot_image_gallery`.

    Raises:
        InvalidArgument: no batch of images, or two legends.
    """
    if legend and legend_handles:
        raise _wrong("plot_bounding_box_gallery(legend=)", "False where there are legend_handles", "True")
    low, high = value_range
    array = pictures(images, "plot_bounding_box_gallery(images)", data_format).astype(np.float32)
    drawn = ((array - low) * 255 / (high - low)).round().clip(0, 255).astype(np.uint8)
    style: dict[str, Any] = {"line_thickness": line_thickness, "text_thickness": text_thickness}
    style |= {"font_scale": font_scale, "data_format": "channels_last"}
    for boxes, color, names in (
        (y_true, true_color, ground_truth_mapping or class_mapping),
        (y_pred, pred_color, prediction_mapping or class_mapping),
    ):
        if boxes is not None:
            drawn = draw_bounding_boxes(drawn, boxes, bounding_box_format, names, color, **style)
    handles = _legend(true_color, pred_color) if legend else legend_handles
    plot_image_gallery(drawn, rows=rows, cols=cols, legend_handles=handles, data_format="channels_last", **kwargs)


def _legend(true_color: tuple[int, int, int], pred_color: tuple[int, int, int]) -> list[patches.Patch]:
    named = (("Ground Truth", true_color), ("Prediction", pred_color))
    return [patches.Patch(color=(r / 255, g / 255, b / 255), label=name) for name, (r, g, b) in named]


def plot_segmentation_mask_gallery(
    images: Any,
    num_classes: int,
    value_range: tuple[float, float] = (0, 255),
    y_true: Any = None,
    y_pred: Any = None,
    color_mapping: Mapping[int, Any] | None = None,
    blend: bool = True,
    alpha: float = 0.8,
    ignore_index: int = -1,
    data_format: str | None = None,
    **kwargs: Any,
) -> None:
    """Show each image in a row, beside it the same with its true and its predicted mask.

    Args:
        images: a batch of images.
        num_classes: number of classes, which are counted from 0.
        value_range: the values that are black and white.
        y_true, y_pred: masks, `[image, row, column]` or with an axis of length 1 for the channel.
        color_mapping, blend, alpha, ignore_index: as in `draw_segmentation_masks`.
        data_format: where the channels are.
        kwargs: for `plot_image_gallery`.

    Raises:
        InvalidArgument: no batch of images, or masks of another size.
    """
    low, high = value_range
    array = pictures(images, "plot_segmentation_mask_gallery(images)", data_format).astype(np.float32)
    plain = (array - low) * 255 / (high - low)
    columns = [plain]
    for masks in (y_true, y_pred):
        if masks is not None:
            numbers = np.asarray(masks).astype(np.int32)
            numbers = numbers[..., None] if numbers.ndim == 3 else channels_last(numbers, data_format)
            columns.append(
                draw_segmentation_masks(
                    plain, numbers, num_classes, color_mapping, alpha, blend, ignore_index, "channels_last"
                ).astype(np.float32)
            )
    gallery = np.stack(columns, axis=1).reshape(-1, *plain.shape[1:])
    plot_image_gallery(gallery, rows=len(plain), cols=len(columns), data_format="channels_last", **kwargs)


def _wrong(place: str, expected: str, received: str) -> InvalidArgument:
    return InvalidArgument(
        "An argument does not fit.", code="gallery-argument", place=place, expected=expected, received=received
    )
