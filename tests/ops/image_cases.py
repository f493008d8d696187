"""Calls of `ops.image`: pure data, read by the recording script too. The first row of a function runs always."""

from __future__ import annotations

from typing import Any

import numpy as np

_RANDOM = np.random.default_rng(5)
_PICTURES = _RANDOM.uniform(size=(2, 5, 6, 3)).astype("float32")

ARRAYS: dict[str, np.ndarray] = {
    "pictures": _PICTURES,
    "single": _PICTURES[0],
    "first": _PICTURES.transpose(0, 3, 1, 2).copy(),
    "single_first": _PICTURES[1].transpose(2, 0, 1).copy(),
    "wide": _RANDOM.normal(size=(1, 3, 8, 1)).astype("float32"),
    "tall": _RANDOM.normal(size=(1, 9, 3, 1)).astype("float32"),
    "bytes": _RANDOM.integers(0, 256, (2, 5, 6, 3)).astype("uint8"),
    "bytes_first": _RANDOM.integers(0, 256, (2, 3, 5, 6)).astype("uint8"),
    "whole": _RANDOM.integers(-9, 9, (1, 4, 5, 2)).astype("int32"),
    "half": _PICTURES.astype("float16"),
    "greys": np.array([[[0.0, 0, 0], [1, 1, 1], [0.5, 0.5, 0.5], [0, 1, 1], [1, 0, 1], [1e-9, 0, 0.2]]], "float32"),
    "large": _RANDOM.uniform(size=(2, 12, 13, 2)).astype("float32"),
    "noisy": _RANDOM.uniform(size=(2, 12, 13, 2)).astype("float32"),
    "volumes": _RANDOM.normal(size=(2, 4, 5, 3, 2)).astype("float32"),
    "volumes_first": _RANDOM.normal(size=(2, 2, 4, 5, 3)).astype("float32"),
    "rows": _RANDOM.normal(size=(4, 5)).astype("float32"),
    "numbers": _RANDOM.integers(0, 50, (4, 5)).astype("int32"),
    "places": _RANDOM.uniform(-6, 9, size=(2, 3, 4)).astype("float32"),
    "turns": np.array(
        [[0.9, -0.31, 0.73, 0.28, 1.1, -0.67, 0, 0], [1.03, 0, -1.41, 0.22, 0.83, 2.17, 0, 0]], "float32"
    ),
    "start": np.array(
        [[[0, 0], [5, 0], [0, 4], [5, 4]], [[0.5, 0.1], [4, 0.3], [0.2, 3.6], [5, 4]]], "float32"
    ),
    "end": np.array(
        [[[0.3, 0.8], [4.1, 0.2], [0.9, 3.7], [4.6, 3.1]], [[0, 0], [5, 0], [0, 4], [5, 4]]], "float32"
    ),
}  # fmt: skip
ARRAYS["turn"] = ARRAYS["turns"][:1]
ARRAYS["start_one"], ARRAYS["end_one"] = ARRAYS["start"][1], ARRAYS["end"][1]

_FIRST = {"data_format": "channels_first"}
_LAST = {"data_format": "channels_last"}
_SCALED = {"output_shape": (5, 7), "spatial_dims": (0, 1), "scale": [0.7, 1.6], "translation": [0.4, -1.3]}
_CROP = {"top_cropping": 1, "left_cropping": 2, "bottom_cropping": 1, "right_cropping": 0}
_FILLS = ("constant", "nearest", "wrap", "mirror", "reflect")

Case = tuple[str, list[str], dict[str, Any]]
CASES: list[Case] = [
    ("resize", ["pictures"], {"size": (3, 8)}),
    *(
        ("resize", ["pictures"], {"size": (3, 8), "interpolation": name, "antialias": smooth})
        for name in ("bilinear", "nearest", "bicubic", "lanczos3", "lanczos5")
        for smooth in (False, True)
    ),
    ("resize", ["single"], {"size": [7, 4]}),
    ("resize", ["first"], {"size": (4, 9), "interpolation": "bicubic"} | _FIRST),
    ("resize", ["single_first"], {"size": (4, 9)} | _FIRST),
    ("resize", ["bytes"], {"size": (4, 9)}),
    ("resize", ["bytes"], {"size": (7, 9), "interpolation": "bicubic"}),
    ("resize", ["bytes"], {"size": (7, 9), "interpolation": "nearest"}),
    ("resize", ["half"], {"size": (4, 9)}),
    ("resize", ["whole"], {"size": (7, 3), "interpolation": "lanczos3", "antialias": True}),
    *(
        ("resize", [array], {"size": size, f"{way}_to_aspect_ratio": True, "fill_value": 0.75})
        for array, size in (("wide", (4, 4)), ("tall", (2, 6)), ("single", (4, 4)), ("bytes", (3, 9)))
        for way in ("crop", "pad")
    ),
    ("resize", ["first"], {"size": (4, 9), "crop_to_aspect_ratio": True} | _FIRST),
    ("resize", ["first"], {"size": (4, 9), "pad_to_aspect_ratio": True, "fill_value": 2.0} | _FIRST),
    ("affine_transform", ["pictures", "turns"], {"fill_value": 0.5}),
    *(
        ("affine_transform", ["pictures", "turns"], {"fill_mode": fill, "interpolation": way})
        for fill in _FILLS
        for way in ("nearest", "bilinear")
    ),
    ("affine_transform", ["first", "turns"], {"fill_mode": "reflect"} | _FIRST),
    ("affine_transform", ["single", "turn"], {}),
    ("affine_transform", ["bytes", "turns"], {"fill_value": 7}),
    ("affine_transform", ["half", "turns"], {"fill_mode": "wrap"}),
    ("perspective_transform", ["pictures", "start", "end"], {}),
    ("perspective_transform", ["pictures", "start", "end"], {"interpolation": "nearest", "fill_value": 0.3}),
    ("perspective_transform", ["first", "start", "end"], _FIRST),
    ("perspective_transform", ["single", "start_one", "end_one"], {}),
    ("perspective_transform", ["bytes", "start", "end"], {}),
    ("gaussian_blur", ["pictures"], {"sigma": (0.8, 1.3)} | _LAST),
    ("gaussian_blur", ["pictures"], {"kernel_size": (5, 2), "sigma": (0.8, 1.3)} | _LAST),
    ("gaussian_blur", ["single"], {"kernel_size": [1, 9]} | _LAST),
    ("gaussian_blur", ["first"], {"kernel_size": (3, 4), "sigma": (2.0, 0.4)} | _FIRST),
    ("elastic_transform", ["pictures"], {"alpha": 3.0, "sigma": 0.9, "seed": 3}),
    ("elastic_transform", ["pictures"], {"seed": 4}),
    ("elastic_transform", ["first"], {"alpha": 3.0, "sigma": 0.9, "seed": 3, "fill_mode": "constant"} | _FIRST),
    ("elastic_transform", ["single"], {"alpha": 4.0, "sigma": 0.5, "seed": 9, "interpolation": "nearest"}),
    ("map_coordinates", ["rows", "places"], {"order": 1}),
    *(
        ("map_coordinates", [array, "places"], {"order": order, "fill_mode": fill, "fill_value": 3})
        for array in ("rows", "numbers")
        for order in (0, 1)
        for fill in _FILLS
    ),
    ("rgb_to_grayscale", ["pictures"], {}),
    ("rgb_to_grayscale", ["single_first"], _FIRST),
    ("rgb_to_grayscale", ["bytes"], {}),
    ("rgb_to_grayscale", ["bytes_first"], _FIRST),
    ("rgb_to_grayscale", ["half"], {}),
    ("rgb_to_grayscale", ["wide"], {}),
    ("rgb_to_hsv", ["pictures"], {}),
    ("rgb_to_hsv", ["greys"], {}),
    ("rgb_to_hsv", ["first"], _FIRST),
    ("rgb_to_hsv", ["half"], {}),
    ("hsv_to_rgb", ["pictures"], {}),
    ("hsv_to_rgb", ["single_first"], _FIRST),
    ("hsv_to_rgb", ["greys"], {}),
    ("crop_images", ["pictures"], {"top_cropping": 1, "left_cropping": 2, "target_height": 3, "target_width": 4}),
    ("crop_images", ["first"], _CROP | _FIRST),
    ("crop_images", ["single"], {"bottom_cropping": 1, "right_cropping": 2, "target_height": 3, "target_width": 4}),
    ("pad_images", ["pictures"], {"top_padding": 1, "left_padding": 2, "target_height": 8, "target_width": 9}),
    ("pad_images", ["first"], {"top_padding": 1, "left_padding": 2, "bottom_padding": 1, "right_padding": 0} | _FIRST),
    ("pad_images", ["bytes"], {"bottom_padding": 1, "right_padding": 2, "target_height": 8, "target_width": 9}),
    ("extract_patches", ["pictures"], {"size": 2}),
    ("extract_patches", ["pictures"], {"size": (3, 2), "strides": 1, "dilation_rate": 2}),
    ("extract_patches", ["pictures"], {"size": (3, 2), "strides": (2, 1), "padding": "same"}),
    ("extract_patches", ["first"], {"size": (2, 3)} | _FIRST),
    ("extract_patches", ["single"], {"size": (2, 3), "padding": "same"}),
    ("extract_patches", ["volumes"], {"size": (2, 2, 2)}),
    ("extract_patches_3d", ["volumes"], {"size": 2}),
    ("extract_patches_3d", ["volumes_first"], {"size": (1, 3, 2), "strides": 1, "padding": "same"} | _FIRST),
    ("sobel_edges", ["pictures"], {}),
    ("sobel_edges", ["first"], _FIRST),
    ("sobel_edges", ["whole"], {}),
    ("ssim", ["large", "noisy"], {}),
    ("ssim", ["large", "noisy"], {"max_val": 2.0, "filter_size": 5, "filter_sigma": 0.9, "k1": 0.02, "k2": 0.05}),
    ("ssim", ["pictures", "half"], {"filter_size": 3}),
    ("ssim", ["single", "single"], {"filter_size": 3}),
    ("ssim", ["first", "first"], {"filter_size": 4} | _FIRST),
    *(
        ("scale_and_translate", ["rows"], _SCALED | {"method": method, "antialias": smooth})
        for method in ("linear", "cubic", "lanczos3", "lanczos5")
        for smooth in (True, False)
    ),
]  # fmt: skip
FASTEST: dict[str, int] = {}
"""The first row of each function."""
for _index, (_name, _, _) in enumerate(CASES):
    FASTEST.setdefault(_name, _index)


def positions(name: str, arrays: list[str]) -> tuple[int, ...]:
    """Return the arguments whose gradients are compared: the floats of functions that are smooth in them."""
    if name in ("elastic_transform", "perspective_transform"):
        return (0,) if arrays[0] != "bytes" else ()
    return tuple(i for i, array in enumerate(arrays) if ARRAYS[array].dtype == np.float32)


def probe(shape: tuple[int, ...]) -> np.ndarray:
    """Return the weights of the sum whose gradients are compared."""
    return np.random.default_rng(11).normal(size=shape).astype("float32")
