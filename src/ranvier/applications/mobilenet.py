"""MobileNet: convolutions of each channel by itself, then a mixing of the channels.

Source: A. G. Howard et al., MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications, 2017.
"""

from __future__ import annotations

from typing import Any

from ranvier import layers
from ranvier.applications.blocks import Style, relu6
from ranvier.applications.frame import STORAGE, Published, Request, documented
from ranvier.applications.imagenet_utils import decode_predictions, preprocessing
from ranvier.applications.mobile import pixels, refused, trained_size, weights_of
from ranvier.models import Functional

__all__ = ["MobileNet", "decode_predictions", "preprocess_input"]

_STYLE = Style(relu6)
_SIZES = (128, 160, 192, 224)
_WIDTHS = {0.25: "2_5", 0.5: "5_0", 0.75: "7_5", 1.0: "1_0"}
_FILTERS = (64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024)
_HALVING = (2, 4, 6, 12)


def MobileNet(
    input_shape: Any = None,
    alpha: float = 1.0,
    depth_multiplier: int = 1,
    dropout: float = 1e-3,
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str | None = None,
) -> Functional:
    """Return MobileNet (Howard et al. 2017); `alpha` scales the number of filters, `dropout` is the classifier's."""
    request = Request(include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation, name)
    shape = request.shape(trained_size(input_shape, _SIZES))
    rows: Any = pixels(shape)[0]
    if request.imagenet:
        if depth_multiplier != 1:
            raise refused("depth_multiplier", "1, with pretrained weights", repr(depth_multiplier))
        if alpha not in _WIDTHS:
            raise refused("alpha", f"one of {tuple(_WIDTHS)}, with pretrained weights", repr(alpha))
        rows = weights_of(shape, _SIZES)

    def top(x: Any) -> Any:
        x = layers.GlobalAveragePooling2D(keepdims=True)(x)
        x = layers.Dropout(dropout, name="dropout")(x)
        x = layers.Conv2D(classes, 1, padding="same", name="conv_preds")(x)
        x = layers.Reshape((classes,), name="reshape_2")(x)
        return layers.Activation(classifier_activation, name="predictions")(x)

    entry = request.entry(shape)
    x = _body(entry, alpha, depth_multiplier)
    stem = f"mobilenet_{_WIDTHS.get(alpha, '')}_{rows}_tf"
    published = Published(f"{STORAGE}mobilenet/", (f"{stem}.h5", f"{stem}_no_top.h5"))
    return request.named(f"mobilenet_{alpha:0.2f}_{rows}").model(entry, request.end(x, top), published)


def _body(entry: Any, alpha: float, depth_multiplier: int) -> Any:
    x = _STYLE.conv_norm_act(entry, int(32 * alpha), 3, "conv1", strides=2)
    for block, filters in enumerate(_FILTERS, 1):
        strides, padding = 1, "same"
        if block in _HALVING:
            x = layers.ZeroPadding2D(((0, 1), (0, 1)), name=f"conv_pad_{block}")(x)
            strides, padding = 2, "valid"
        options: dict[str, Any] = {"strides": strides, "padding": padding, "depth_multiplier": depth_multiplier}
        x = _STYLE.depthwise_norm_act(x, 3, f"conv_dw_{block}", **options)
        x = _STYLE.conv_norm_act(x, int(filters * alpha), 1, f"conv_pw_{block}")
    return x


documented(MobileNet, "MobileNet", MobileNet.__doc__ or "")
preprocess_input = preprocessing("tf")
