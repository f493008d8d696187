"""Seeded initializers, as (name, arguments, shape, dtype): pure data."""

from typing import Any

_SCALED = ["GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "LecunNormal", "LecunUniform"]
_SHAPES: list[tuple[int, ...]] = [(5, 3), (7,), (), (3, 3, 2, 4), (2, 5, 3)]

INITIALIZERS: list[tuple[str, dict[str, Any], tuple[int, ...], str]] = [
    *((name, {"seed": 11}, shape, "float32") for name in _SCALED for shape in _SHAPES),
    ("GlorotUniform", {"seed": 2, "input_axes": [0, 1], "output_axes": [2]}, (2, 5, 3), "float32"),
    ("RandomNormal", {"mean": 0.5, "stddev": 2.0, "seed": 1}, (40, 3), "float32"),
    ("RandomUniform", {"minval": -1.0, "maxval": 3.0, "seed": 1}, (40, 3), "float32"),
    ("TruncatedNormal", {"mean": 0.5, "stddev": 2.0, "seed": 1}, (40, 3), "float32"),
    ("RandomNormal", {"seed": 2**31 - 1}, (4,), "bfloat16"),
    ("RandomUniform", {"seed": 3}, (4,), "float16"),
    ("TruncatedNormal", {"seed": 3}, (4,), "bfloat16"),
    (
        "VarianceScaling",
        {"scale": 2.0, "mode": "fan_out", "distribution": "untruncated_normal", "seed": 4},
        (6, 4),
        "float32",
    ),
    ("VarianceScaling", {"scale": 0.5, "mode": "fan_avg", "distribution": "normal", "seed": 4}, (6, 4), "float32"),
    ("Orthogonal", {"seed": 5}, (4, 4), "float32"),
    ("Orthogonal", {"gain": 2.0, "seed": 5}, (3, 7), "float32"),
    ("Orthogonal", {"seed": 6}, (2, 4, 3), "float32"),
    ("Identity", {"gain": 3.0}, (3, 5), "float32"),
    ("Constant", {"value": 2.5}, (2, 3), "float32"),
    ("Zeros", {}, (2, 3), "int32"),
    ("Ones", {}, (3,), "bool"),
    ("STFT", {}, (6, 1, 4), "float32"),
    ("STFT", {"side": "imag", "window": "hamming", "scaling": "spectrum", "periodic": True}, (4, 1, 3), "float32"),
    ("STFT", {"window": None}, (4, 1, 3), "float32"),
    ("STFT", {"side": "imag", "window": [0.5, 1.0, 0.5, 0.25], "scaling": None}, (4, 1, 5), "float32"),
]
