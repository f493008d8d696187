"""Keras's `ops.image`: pictures resized, cropped, warped, filtered, recoloured and compared."""

from __future__ import annotations

from ranvier.ops.image_colour import hsv_to_rgb, rgb_to_grayscale, rgb_to_hsv
from ranvier.ops.image_filters import gaussian_blur, sobel_edges, ssim
from ranvier.ops.image_framing import crop_images, pad_images
from ranvier.ops.image_patches import extract_patches, extract_patches_3d
from ranvier.ops.image_resampling import resize, scale_and_translate
from ranvier.ops.image_sampling import map_coordinates
from ranvier.ops.image_warping import affine_transform, elastic_transform, perspective_transform

__all__ = [
    "affine_transform",
    "crop_images",
    "elastic_transform",
    "extract_patches",
    "extract_patches_3d",
    "gaussian_blur",
    "hsv_to_rgb",
    "map_coordinates",
    "pad_images",
    "perspective_transform",
    "resize",
    "rgb_to_grayscale",
    "rgb_to_hsv",
    "scale_and_translate",
    "sobel_edges",
    "ssim",
]
