"""InceptionV3: blocks of parallel branches whose outputs stand side by side.

Source: C. Szegedy et al., Rethinking the Inception Architecture for Computer Vision, 2016.
"""

from __future__ import annotations

from typing import Any

from ranvier import layers
from ranvier.applications.blocks import Style, activation, channel_axis
from ranvier.applications.frame import STORAGE, Published, Request, application
from ranvier.applications.imagenet_utils import decode_predictions, preprocessing
from ranvier.models import Functional

__all__ = ["InceptionV3", "decode_predictions", "preprocess_input"]

_STYLE = Style(activation("relu"), axis=3, scale=False)
_STEM = "inception_v3_weights_tf_dim_ordering_tf_kernels"
_PUBLISHED = Published(
    f"{STORAGE}inception_v3/",
    (f"{_STEM}.h5", f"{_STEM}_notop.h5"),
    ("9a0d58056eeedaa3f26cb7ebd46da564", "bcbd6486424b2319ff4ef7d526e38f63"),
)
Conv = tuple[int, int, int]
"""Filters, rows and columns of a kernel."""


def _chain(x: Any, *convolutions: Conv, halve: bool = False) -> Any:
    """Convolve several times; with `halve` the last one halves rows and columns."""
    for number, (filters, rows, columns) in enumerate(convolutions, 1):
        options: dict[str, Any] = {"strides": 2, "padding": "valid"} if halve and number == len(convolutions) else {}
        x = _STYLE.conv_norm_act(x, filters, (rows, columns), **options)
    return x


def _beside(branches: list[Any], name: str | None = None) -> Any:
    return layers.Concatenate(axis=channel_axis(3), name=name)(branches)


def _mean_branch(x: Any, filters: int) -> Any:
    return _chain(layers.AveragePooling2D(3, strides=1, padding="same")(x), (filters, 1, 1))


def _square(x: Any, pooled: int, name: str) -> Any:
    branches = [
        _chain(x, (64, 1, 1)),
        _chain(x, (48, 1, 1), (64, 5, 5)),
        _chain(x, (64, 1, 1), (96, 3, 3), (96, 3, 3)),
        _mean_branch(x, pooled),
    ]
    return _beside(branches, name)


def _split(x: Any, inner: int, name: str) -> Any:
    """Convolve over 7 pixels of a row and 7 of a column, one after the other."""
    across, down = (inner, 1, 7), (inner, 7, 1)
    branches = [
        _chain(x, (192, 1, 1)),
        _chain(x, (inner, 1, 1), across, (192, 7, 1)),
        _chain(x, (inner, 1, 1), down, across, down, (192, 1, 7)),
        _mean_branch(x, 192),
    ]
    return _beside(branches, name)


def _spread(x: Any, number: int) -> Any:
    """Let two branches end in two convolutions each, over a row and over a column."""
    single = _chain(x, (320, 1, 1))
    ends: list[Any] = []
    for chain, name in ((((384, 1, 1),), f"mixed9_{number}"), (((448, 1, 1), (384, 3, 3)), None)):
        middle = _chain(x, *chain)
        ends.append(_beside([_chain(middle, (384, 1, 3)), _chain(middle, (384, 3, 1))], name))
    return _beside([single, *ends, _mean_branch(x, 192)], f"mixed{9 + number}")


def _build(request: Request) -> Functional:
    def top(x: Any) -> Any:
        return request.classify(layers.GlobalAveragePooling2D(name="avg_pool")(x))

    entry = request.entry(request.shape(299, 75))
    x = _chain(entry, (32, 3, 3), halve=True)
    x = _chain(_STYLE.conv_norm_act(x, 32, 3, padding="valid"), (64, 3, 3))
    x = layers.MaxPooling2D(3, strides=2)(x)
    x = _STYLE.conv_norm_act(x, 80, 1, padding="valid")
    x = layers.MaxPooling2D(3, strides=2)(_STYLE.conv_norm_act(x, 192, 3, padding="valid"))
    for number, pooled in enumerate((32, 64, 64)):
        x = _square(x, pooled, f"mixed{number}")
    halved = [
        _chain(x, (384, 3, 3), halve=True),
        _chain(x, (64, 1, 1), (96, 3, 3), (96, 3, 3), halve=True),
        layers.MaxPooling2D(3, strides=2)(x),
    ]
    x = _beside(halved, "mixed3")
    for number, inner in enumerate((128, 160, 160, 192), 4):
        x = _split(x, inner, f"mixed{number}")
    halved = [
        _chain(x, (192, 1, 1), (320, 3, 3), halve=True),
        _chain(x, (192, 1, 1), (192, 1, 7), (192, 7, 1), (192, 3, 3), halve=True),
        layers.MaxPooling2D(3, strides=2)(x),
    ]
    x = _beside(halved, "mixed8")
    for number in range(2):
        x = _spread(x, number)
    return request.model(entry, request.end(x, top), _PUBLISHED)


InceptionV3 = application(
    "InceptionV3", "inception_v3", "Return InceptionV3 (Szegedy et al. 2016), for images of 299 x 299 pixels.", _build
)
preprocess_input = preprocessing("tf")
