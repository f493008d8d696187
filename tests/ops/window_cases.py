"""Calls of convolutions and pools, with the shapes of their arrays: pure data, read by the recording script too."""

from __future__ import annotations

from typing import Any

import numpy as np

_FIRST = {"data_format": "channels_first"}
_SAME = {"padding": "same"}

_CONV: list[tuple[list[tuple[int, ...]], dict[str, Any]]] = [
    ([(2, 9, 2), (3, 2, 4)], {"strides": 3}),
    ([(2, 8, 2), (3, 2, 4)], {"strides": 2} | _SAME),
    ([(2, 8, 2), (4, 2, 3)], {"strides": 3} | _SAME),
    ([(2, 7, 2), (3, 2, 4)], {"dilation_rate": 2} | _SAME),
    ([(2, 9, 2), (3, 2, 1)], {"dilation_rate": 3, "strides": 2}),
    ([(2, 5, 6, 3), (3, 2, 3, 4)], {}),
    ([(2, 5, 6, 3), (3, 2, 3, 4)], {"strides": (2, 3), "padding": "same"}),
    ([(2, 6, 7, 2), (2, 3, 2, 2)], {"dilation_rate": (1, 2)}),
    ([(2, 4, 5, 4), (3, 3, 2, 6)], _SAME),
    ([(2, 4, 5, 3), (2, 2, 1, 6)], {"strides": 2} | _SAME),
    ([(2, 3, 5, 4), (1, 1, 3, 2)], _FIRST),
    ([(2, 4, 5, 4), (3, 2, 2, 6)], {"strides": (1, 2)} | _FIRST | _SAME),
    ([(1, 3, 2, 2), (3, 2, 2, 2)], {}),
    ([(1, 3, 4, 5, 2), (2, 3, 2, 2, 3)], {"strides": 2} | _SAME),
    ([(1, 3, 4, 3, 2), (2, 2, 2, 1, 4)], {"strides": (1, 2, 1)}),
]
_DEPTHWISE: list[tuple[list[tuple[int, ...]], dict[str, Any]]] = [
    ([(2, 6, 3), (3, 3, 2)], {"strides": 2} | _SAME),
    ([(2, 5, 6, 2), (2, 3, 2, 1)], {"dilation_rate": 2}),
    ([(2, 3, 4, 5), (2, 2, 3, 2)], {"strides": 2} | _FIRST),
    ([(2, 4, 3, 1), (2, 2, 1, 3)], _SAME),
]
_SEPARABLE: list[tuple[list[tuple[int, ...]], dict[str, Any]]] = [
    ([(2, 6, 3), (3, 3, 2), (1, 6, 2)], {"strides": 2} | _SAME),
    ([(2, 5, 6, 2), (2, 3, 2, 1), (1, 1, 2, 3)], {"dilation_rate": (2, 1)}),
    ([(2, 3, 4, 5), (2, 2, 3, 1), (1, 1, 3, 2)], _FIRST),
]
_TRANSPOSE: list[tuple[list[tuple[int, ...]], dict[str, Any]]] = [
    *(
        ([(1, 3, 2), (taps, 3, 2)], {"strides": stride, "padding": padding, "output_padding": extra})
        for taps, stride, padding, extra in [
            (1, 3, "valid", None),
            (2, 3, "same", None),
            (3, 2, "same", None),
            (4, 2, "same", 1),
            (3, 3, "valid", 0),
            (3, 3, "same", 2),
            (2, 3, "valid", 1),
            (5, 1, "same", None),
        ]
    ),
    ([(1, 4, 2), (3, 1, 2)], {"dilation_rate": 2} | _SAME),
    ([(1, 4, 2), (3, 1, 2)], {"dilation_rate": 2, "strides": 3}),
    ([(2, 2, 3, 2), (3, 2, 4, 2)], {"strides": (2, 1)} | _SAME),
    ([(2, 2, 3, 2), (2, 3, 4, 2)], {"strides": (3, 2), "output_padding": (1, 0)} | _FIRST),
    ([(1, 2, 1, 3, 2), (2, 2, 3, 1, 2)], {"strides": 2}),
]
_POOL: list[tuple[list[tuple[int, ...]], dict[str, Any]]] = [
    ([(2, 7, 2)], {"pool_size": 2, "strides": 2}),
    ([(2, 7, 2)], {"pool_size": 3, "strides": 2} | _SAME),
    ([(2, 7, 2)], {"pool_size": 2, "strides": 3}),
    ([(2, 6, 5, 2)], {"pool_size": (3, 2), "strides": 1}),
    ([(2, 6, 5, 2)], {"pool_size": 2, "strides": (3, 2)} | _SAME),
    ([(2, 2, 5, 6)], {"pool_size": (2, 3), "strides": (2, 3)} | _FIRST | _SAME),
    ([(2, 3, 4, 3, 2)], {"pool_size": 2, "strides": 1}),
]
_ADAPTIVE: list[tuple[list[tuple[int, ...]], dict[str, Any]]] = [
    ([(2, 5, 2)], {"output_size": 3}),
    ([(2, 3, 2)], {"output_size": 5}),
    ([(2, 7, 6, 2)], {"output_size": (3, 2)}),
    ([(2, 2, 5, 7)], {"output_size": 2} | _FIRST),
    ([(2, 3, 5, 4, 2)], {"output_size": (2, 3, 4)}),
]
CASES: list[tuple[str, list[tuple[int, ...]], dict[str, Any]]] = [
    (name, shapes, keywords)
    for name, rows in [
        ("conv", _CONV),
        ("depthwise_conv", _DEPTHWISE),
        ("separable_conv", _SEPARABLE),
        ("conv_transpose", _TRANSPOSE),
        ("max_pool", _POOL),
        ("average_pool", _POOL),
        ("adaptive_max_pool", _ADAPTIVE),
        ("adaptive_average_pool", _ADAPTIVE),
    ]
    for shapes, keywords in rows
]


def arrays(name: str, shapes: list[tuple[int, ...]]) -> list[np.ndarray]:
    """Return the arrays of a call; what is pooled has few different values, so that many are equal."""
    random = np.random.default_rng(4)
    if "pool" in name:
        return [random.integers(-1, 2, shape).astype("float32") for shape in shapes]
    return [random.normal(size=shape).astype("float32") for shape in shapes]


def probe(shape: tuple[int, ...]) -> np.ndarray:
    """Return the weights of the sum whose gradients are compared."""
    return np.random.default_rng(11).normal(size=shape).astype("float32")
