"""MobileNetV2: narrow blocks that widen their input, convolve each channel by itself, and narrow it again.

Source: M. Sandler et al., MobileNetV2: Inverted Residuals and Linear Bottlenecks, 2018.
"""

from __future__ import annotations

from typing import Any

from ranvier import layers
from ranvier.applications.blocks import Style, channel_axis, even_padding, relu6, rounded
from ranvier.applications.frame import STORAGE, Published, Request, documented
from ranvier.applications.imagenet_utils import decode_predictions, preprocessing
from ranvier.applications.mobile import check_tensor, pixels, refused, trained_size, weights_of
from ranvier.models import Functional

__all__ = ["MobileNetV2", "decode_predictions", "preprocess_input"]

_STYLE = Style(relu6, ("", "_BN", "_relu"), momentum=0.999)
_SIZES = (96, 128, 160, 192, 224)
_WIDTHS = (0.35, 0.5, 0.75, 1.0, 1.3, 1.4)
# Filters before `alpha`, stride of the first block, number of blocks.
_STAGES = ((16, 1, 1), (24, 2, 2), (32, 2, 3), (64, 2, 4), (96, 1, 3), (160, 2, 3), (320, 1, 1))


def MobileNetV2(
    input_shape: Any = None,
    alpha: float = 1.0,
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str | None = None,
) -> Functional:
    """Return MobileNetV2 (Sandler et al. 2018); `alpha` scales the number of filters, 1 is the paper's."""
    request = Request(include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation, name)
    check_tensor(request)
    given = input_shape if input_tensor is None or input_shape is not None else tuple(input_tensor.shape)[1:]
    shape = request.shape(trained_size(given, _SIZES))
    rows: Any = pixels(shape)[0]
    if request.imagenet:
        if alpha not in _WIDTHS:
            raise refused("alpha", f"one of {_WIDTHS}, with pretrained weights", repr(alpha))
        rows = weights_of(shape, _SIZES)
    entry = request.entry(shape)
    x = _body(entry, alpha)

    def top(x: Any) -> Any:
        return request.classify(layers.GlobalAveragePooling2D()(x))

    stem = f"mobilenet_v2_weights_tf_dim_ordering_tf_kernels_{float(alpha)}_{rows}"
    published = Published(f"{STORAGE}mobilenet_v2/", (f"{stem}.h5", f"{stem}_no_top.h5"))
    request = request.named(f"mobilenetv2_{alpha:0.2f}_{rows}")
    return request.model(entry, request.end(x, top), published)


def _body(entry: Any, alpha: float) -> Any:
    x = _STYLE.conv(entry, rounded(32 * alpha), 3, "Conv1", strides=2)
    x = _STYLE.act(_STYLE.norm(x, "bn_Conv1"), "Conv1_relu")
    number = 0
    for filters, strides, count in _STAGES:
        for repeat in range(count):
            narrow = rounded(int(filters * alpha))
            x = _block(x, narrow, 1 if repeat else strides, f"block_{number}" if number else "expanded_conv")
            number += 1
    x = _STYLE.conv(x, rounded(1280 * alpha) if alpha > 1 else 1280, 1, "Conv_1", padding="valid")
    return _STYLE.act(_STYLE.norm(x, "Conv_1_bn"), "out_relu")


def _block(inputs: Any, filters: int, strides: int, name: str) -> Any:
    """Widen (but for the first block), convolve each channel, narrow; add the input where the shapes are equal."""
    channels = inputs.shape[channel_axis()]
    x = inputs
    if name != "expanded_conv":
        x = _STYLE.conv_norm_act(x, 6 * channels, 1, f"{name}_expand")
    if strides == 2:
        x = layers.ZeroPadding2D(even_padding(x, 3), name=f"{name}_pad")(x)
    padding = "valid" if strides == 2 else "same"
    x = _STYLE.depthwise_norm_act(x, 3, f"{name}_depthwise", strides=strides, padding=padding)
    x = _STYLE.conv_norm(x, filters, 1, f"{name}_project")
    return layers.Add(name=f"{name}_add")([inputs, x]) if channels == filters and strides == 1 else x


documented(MobileNetV2, "MobileNetV2", MobileNetV2.__doc__ or "")
preprocess_input = preprocessing("tf")
