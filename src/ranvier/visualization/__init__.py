"""Keras's `visualization` namespace: boxes and masks drawn on images, and galleries of images."""

from __future__ import annotations

from ranvier.visualization.boxes import draw_bounding_boxes
from ranvier.visualization.galleries import (
    plot_bounding_box_gallery,
    plot_image_gallery,
    plot_segmentation_mask_gallery,
)
from ranvier.visualization.masks import draw_segmentation_masks

__all__ = [
    "draw_bounding_boxes",
    "draw_segmentation_masks",
    "plot_bounding_box_gallery",
    "plot_image_gallery",
    "plot_segmentation_mask_gallery",
]
