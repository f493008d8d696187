"""Xception: residual blocks of separable convolutions.

Source: F. Chollet, Xception: Deep Learning with Depthwise Separable Convolutions, 2017.
"""

from __future__ import annotations

from typing import Any

from ranvier import layers
from ranvier.applications.blocks import Style, activation
from ranvier.applications.frame import STORAGE, Published, Request, application
from ranvier.applications.imagenet_utils import decode_predictions, preprocessing
from ranvier.models import Functional

__all__ = ["Xception", "decode_predictions", "preprocess_input"]

_STYLE = Style(activation("relu"), ("", "_bn", "_act"))
_STEM = "xception_weights_tf_dim_ordering_tf_kernels"
_PUBLISHED = Published(
    f"{STORAGE}xception/",
    (f"{_STEM}.h5", f"{_STEM}_notop.h5"),
    ("0a58e3b7378bc2990ea3b43d5981f1f6", "b0042744bf5b25fce3cb969f33bebb97"),
)


def _build(request: Request) -> Functional:
    def top(x: Any) -> Any:
        return request.classify(layers.GlobalAveragePooling2D(name="avg_pool")(x))

    entry = request.entry(request.shape(299, 71))
    x = _STYLE.conv_norm_act(entry, 32, 3, "block1_conv1", strides=2, padding="valid")
    x = _STYLE.conv_norm_act(x, 64, 3, "block1_conv2", padding="valid")
    for block, filters in ((2, (128, 128)), (3, (256, 256)), (4, (728, 728))):
        x = _halved(x, block, filters)
    for block in range(5, 13):
        x = layers.Add()([_separable(x, block, (728, 728, 728)), x])
    x = _halved(x, 13, (728, 1024))
    for number, width in ((1, 1536), (2, 2048)):
        x = _sepconv(x, width, f"block14_sepconv{number}")
        x = _STYLE.act(x, f"block14_sepconv{number}_act")
    return request.model(entry, request.end(x, top), _PUBLISHED)


def _sepconv(x: Any, filters: int, name: str) -> Any:
    return _STYLE.norm(_STYLE.separable(x, filters, 3, name), f"{name}_bn")


def _separable(x: Any, block: int, filters: tuple[int, ...]) -> Any:
    """Activate and convolve several times; the first block's input is activated already."""
    for number, count in enumerate(filters, 1):
        name = f"block{block}_sepconv{number}"
        if (block, number) != (2, 1):
            x = _STYLE.act(x, f"{name}_act")
        x = _sepconv(x, count, name)
    return x


def _halved(x: Any, block: int, filters: tuple[int, int]) -> Any:
    """Add to a projection of the input what convolutions make of it, with half the rows and columns."""
    residual = _STYLE.conv_norm(x, filters[-1], 1, strides=2)
    x = _separable(x, block, filters)
    x = layers.MaxPooling2D(3, strides=2, padding="same", name=f"block{block}_pool")(x)
    return layers.Add()([x, residual])


Xception = application(
    "Xception", "xception", "Return Xception (Chollet 2017), for images of 299 x 299 pixels.", _build
)
preprocess_input = preprocessing("tf")
