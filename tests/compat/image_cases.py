"""Calls on `tf.image` and `tf.io` that the real TensorFlow answered once (`scripts/record_oracles/compat_image.py`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

_RANDOM = np.random.default_rng(8)
X = _RANDOM.uniform(size=(2, 5, 6, 3)).astype("float32")
Y = _RANDOM.uniform(size=(2, 5, 6, 3)).astype("float32")
BYTES = _RANDOM.integers(0, 256, (2, 5, 6, 3)).astype("uint8")
GREY = BYTES[..., :1]
METHODS = ("bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic")

Call = Callable[[Any], Any]
CASES: dict[str, Call] = {
    **{
        f"resize_{method}_{size[0]}_{smooth}": lambda tf, m=method, s=size, a=smooth: tf.image.resize(
            X, s, method=m, antialias=a
        )
        for method in METHODS
        for size, smooth in (((8, 9), False), ((3, 4), False), ((3, 4), True))
    },
    "resize_bytes": lambda tf: tf.image.resize(BYTES, [7, 4]),
    "resize_bytes_nearest": lambda tf: tf.image.resize(BYTES[0], [7, 4], tf.image.ResizeMethod.NEAREST_NEIGHBOR),
    "resize_same_size": lambda tf: tf.image.resize(BYTES, [5, 6]),
    "resize_ratio": lambda tf: tf.image.resize(X, [4, 20], preserve_aspect_ratio=True),
    "resize_with_pad": lambda tf: tf.image.resize_with_pad(X, 9, 8),
    "resize_with_pad_tall": lambda tf: tf.image.resize_with_pad(BYTES[0], 4, 12, method="nearest"),
    "crop_or_pad": lambda tf: tf.image.resize_with_crop_or_pad(X, 8, 3),
    "crop_or_pad_bytes": lambda tf: tf.image.resize_with_crop_or_pad(BYTES[1], 2, 9),
    "crop_box": lambda tf: tf.image.crop_to_bounding_box(X, 1, 2, 3, 4),
    "pad_box": lambda tf: tf.image.pad_to_bounding_box(X[0], 1, 2, 7, 9),
    "central_crop": lambda tf: tf.image.central_crop(X, 0.5),
    "central_crop_odd": lambda tf: tf.image.central_crop(X[0], 0.7),
    "to_float": lambda tf: tf.image.convert_image_dtype(BYTES, tf.float32),
    "to_bytes": lambda tf: tf.image.convert_image_dtype(X, tf.uint8),
    "to_bytes_kept": lambda tf: tf.image.convert_image_dtype(X * 2 - 0.5, tf.uint8, saturate=True),
    "to_words": lambda tf: tf.image.convert_image_dtype(BYTES, tf.uint16),
    "from_words": lambda tf: tf.image.convert_image_dtype(BYTES.astype("uint16") * 200, tf.uint8),
    "flip_left_right": lambda tf: tf.image.flip_left_right(BYTES),
    "flip_up_down": lambda tf: tf.image.flip_up_down(X[0]),
    "transpose": lambda tf: tf.image.transpose(X),
    "rot90": lambda tf: tf.image.rot90(X),
    "rot90_thrice": lambda tf: tf.image.rot90(X[0], k=3),
    "patches": lambda tf: tf.image.extract_patches(X, [1, 2, 3, 1], [1, 2, 1, 1], [1, 1, 1, 1], "VALID"),
    "patches_same": lambda tf: tf.image.extract_patches(X, [1, 2, 2, 1], [1, 2, 2, 1], [1, 2, 1, 1], "SAME"),
    "brightness": lambda tf: tf.image.adjust_brightness(X, -0.3),
    "brightness_bytes": lambda tf: tf.image.adjust_brightness(BYTES, delta=0.2),
    "contrast": lambda tf: tf.image.adjust_contrast(X, 1.7),
    "contrast_bytes": lambda tf: tf.image.adjust_contrast(BYTES, 0.4),
    "gamma": lambda tf: tf.image.adjust_gamma(X, 2.2, 0.9),
    "hue": lambda tf: tf.image.adjust_hue(X, 0.3),
    "hue_bytes": lambda tf: tf.image.adjust_hue(BYTES, -0.2),
    "saturation": lambda tf: tf.image.adjust_saturation(X, 2.5),
    "saturation_bytes": lambda tf: tf.image.adjust_saturation(BYTES[0], 0.3),
    "to_hsv": lambda tf: tf.image.rgb_to_hsv(X),
    "to_rgb": lambda tf: tf.image.hsv_to_rgb(X),
    "grey": lambda tf: tf.image.rgb_to_grayscale(X),
    "grey_bytes": lambda tf: tf.image.rgb_to_grayscale(BYTES),
    "coloured": lambda tf: tf.image.grayscale_to_rgb(tf.constant(GREY)),
    "standardized": lambda tf: tf.image.per_image_standardization(BYTES),
    "standardized_even": lambda tf: tf.image.per_image_standardization(np.full((3, 3, 1), 7.0, "float32")),
    "psnr": lambda tf: tf.image.psnr(X, Y, max_val=1.0),
    "psnr_bytes": lambda tf: tf.image.psnr(BYTES[0], BYTES[1], max_val=255),
    "ssim": lambda tf: tf.image.ssim(X, Y, 1.0, filter_size=4),
    "ssim_bytes": lambda tf: tf.image.ssim(BYTES, BYTES[::-1].copy(), 255, filter_size=3),
    "variation": lambda tf: tf.image.total_variation(tf.constant(X)),
    "sobel": lambda tf: tf.image.sobel_edges(tf.constant(X)),
    "gradient_down": lambda tf: tf.image.image_gradients(tf.constant(X))[0],
    "gradient_across": lambda tf: tf.image.image_gradients(tf.constant(X))[1],
    "png": lambda tf: tf.io.decode_png(tf.io.encode_png(BYTES[0])),
    "png_grey": lambda tf: tf.io.decode_png(tf.io.encode_png(GREY[0]), channels=3),
    "png_any": lambda tf: tf.io.decode_image(tf.io.encode_png(BYTES[1]), dtype=tf.float32),
    "png_opaque": lambda tf: tf.io.decode_png(tf.io.encode_png(BYTES[0]), channels=4),
    "jpeg_shape": lambda tf: tf.shape(tf.io.decode_jpeg(tf.io.encode_jpeg(BYTES[0]), channels=1)),
}
