"""Keras's `preprocessing.image` namespace."""

from __future__ import annotations

from ranvier.utils.image_files import array_to_img, img_to_array, load_img, save_img
from ranvier.utils.resizing import smart_resize

__all__ = ["array_to_img", "img_to_array", "load_img", "save_img", "smart_resize"]
