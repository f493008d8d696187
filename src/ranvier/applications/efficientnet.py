"""EfficientNet: one network, scaled in width, depth and size of image at once.

Source: M. Tan, Q. V. Le, EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks, 2019.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from ranvier import layers
from ranvier.applications.blocks import Style, activation, channel_axis, even_padding, rounded
from ranvier.applications.frame import Application, Published, Request, application
from ranvier.applications.imagenet_utils import decode_predictions, preprocessing
from ranvier.initializers import VarianceScaling
from ranvier.models import Functional

__all__ = [
    "EfficientNetB0",
    "EfficientNetB1",
    "EfficientNetB2",
    "EfficientNetB3",
    "EfficientNetB4",
    "EfficientNetB5",
    "EfficientNetB6",
    "EfficientNetB7",
    "decode_predictions",
    "preprocess_input",
]

KERNEL = VarianceScaling(2.0, "fan_out", "truncated_normal")
CLASSIFIER = VarianceScaling(1 / 3, "fan_out", "uniform")
_STYLE = Style(activation("swish"), ("_conv", "_bn", "_activation"), axis=3, kernel=KERNEL)
_DEVIATIONS = (0.229, 0.224, 0.225)
# Kernel, repeats, filters in and out, how much wider inside, stride.
_STAGES = (
    (3, 1, 32, 16, 1, 1),
    (3, 2, 16, 24, 6, 2),
    (5, 2, 24, 40, 6, 2),
    (3, 3, 40, 80, 6, 2),
    (5, 3, 80, 112, 6, 1),
    (5, 4, 112, 192, 6, 2),
    (3, 1, 192, 320, 6, 1),
)


@dataclass(frozen=True)
class MobileBlock:
    """One inverted bottleneck with squeeze and excitation.

    Args:
        style: of the family.
        name: what its layers' names begin with.
        filters: number of filters in and out.
        widen: how much wider it is inside.
        kernel: size of the kernels.
        strides: of the convolution of each channel.
        drop: share of the rows for which the block is left out while training.
        depthwise: last part of the name of that convolution.
        pad: whether margins of a strided convolution are layers of their own.
    """

    style: Style
    name: str
    filters: tuple[int, int]
    widen: int
    kernel: int
    strides: int
    drop: float
    depthwise: str = "dwconv"
    pad: bool = True

    def __call__(self, inputs: Any) -> Any:
        """Return the block's feature maps."""
        style, name, inside = self.style, self.name, self.filters[0] * self.widen
        x = style.conv_norm_act(inputs, inside, 1, f"{name}expand") if self.widen != 1 else inputs
        padding = "same"
        if self.strides == 2 and self.pad:
            x, padding = layers.ZeroPadding2D(even_padding(x, self.kernel), name=f"{name}dwconv_pad")(x), "valid"
        x = style.depthwise(x, self.kernel, f"{name}{self.depthwise}", strides=self.strides, padding=padding)
        x = style.act(style.norm(x, f"{name}bn"), f"{name}activation")
        x = squeezed(style, x, max(1, int(self.filters[0] * 0.25)), name)
        return self.added(style.conv_norm(x, self.filters[1], 1, f"{name}project"), inputs)

    def added(self, x: Any, inputs: Any) -> Any:
        """Return the sum with the input, left out for some rows while training, where the shapes are equal."""
        if self.strides != 1 or self.filters[0] != self.filters[1]:
            return x
        if self.drop > 0:
            x = layers.Dropout(self.drop, noise_shape=(None, 1, 1, 1), name=f"{self.name}drop")(x)
        return layers.Add(name=f"{self.name}add")([x, inputs])


def squeezed(style: Style, x: Any, filters: int, name: str) -> Any:
    """Scale each channel by what two small layers make of the means of all channels."""
    channels = x.shape[channel_axis()]
    shape = (channels, 1, 1) if channel_axis() == 1 else (1, 1, channels)
    share = layers.GlobalAveragePooling2D(name=f"{name}se_squeeze")(x)
    share = layers.Reshape(shape, name=f"{name}se_reshape")(share)
    share = style.conv(share, filters, 1, f"{name}se_reduce", activation="swish", use_bias=True)
    share = style.conv(share, channels, 1, f"{name}se_expand", activation="sigmoid", use_bias=True)
    return layers.Multiply(name=f"{name}se_excite")([x, share])


def head(request: Request, x: Any, dropout: float, **options: Any) -> Any:
    """Return the network's output for its last feature maps."""

    def top(x: Any) -> Any:
        x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
        x = layers.Dropout(dropout, name="top_dropout")(x)
        return request.classify(x, kernel_initializer=CLASSIFIER, **options)

    return request.end(x, top, ("avg_pool", "max_pool"))


def _network(
    number: int, width: float, depth: float, size: int, dropout: float, digests: tuple[str, str]
) -> Application:
    key = f"efficientnetb{number}"
    published = Published(
        "https://storage.googleapis.com/keras-applications/", (f"{key}.h5", f"{key}_notop.h5"), digests
    )

    def build(request: Request) -> Functional:
        entry = request.entry(request.shape(size))
        x = layers.Normalization(axis=channel_axis(3))(layers.Rescaling(1 / 255)(entry))
        if request.imagenet:
            x = layers.Rescaling([1 / math.sqrt(deviation) for deviation in _DEVIATIONS])(x)
        x = layers.ZeroPadding2D(even_padding(x, 3), name="stem_conv_pad")(x)
        x = _STYLE.conv_norm_act(x, rounded(32 * width), 3, "stem", strides=2, padding="valid")
        for block in _blocks(width, depth):
            x = block(x)
        x = _STYLE.conv_norm_act(x, rounded(1280 * width), 1, "top")
        return request.model(entry, head(request, x, dropout), published)

    summary = f"Return EfficientNet B{number} (Tan and Le 2019), for images of {size} x {size} pixels from 0 to 255."
    return application(f"EfficientNetB{number}", key, summary, build)


def _blocks(width: float, depth: float) -> list[MobileBlock]:
    """Return the blocks of a network that is wider and deeper by these factors."""
    total = sum(math.ceil(depth * stage[1]) for stage in _STAGES)
    blocks: list[MobileBlock] = []
    for stage, (kernel, repeats, filters_in, filters_out, widen, strides) in enumerate(_STAGES, 1):
        inner, outer = rounded(filters_in * width), rounded(filters_out * width)
        for repeat in range(math.ceil(depth * repeats)):
            name = f"block{stage}{chr(ord('a') + repeat)}_"
            filters = (outer if repeat else inner, outer)
            drop = 0.2 * len(blocks) / total
            blocks.append(MobileBlock(_STYLE, name, filters, widen, kernel, 1 if repeat else strides, drop))
    return blocks


EfficientNetB0 = _network(
    0, 1.0, 1.0, 224, 0.2, ("902e53a9f72be733fc0bcb005b3ebbac", "50bc09e76180e00e4465e1a485ddc09d")
)
EfficientNetB1 = _network(
    1, 1.0, 1.1, 240, 0.2, ("1d254153d4ab51201f1646940f018540", "74c4e6b3e1f6a1eea24c589628592432")
)
EfficientNetB2 = _network(
    2, 1.1, 1.2, 260, 0.3, ("b15cce36ff4dcbd00b6dd88e7857a6ad", "111f8e2ac8aa800a7a99e3239f7bfb39")
)
EfficientNetB3 = _network(
    3, 1.2, 1.4, 300, 0.3, ("ffd1fdc53d0ce67064dc6a9c7960ede0", "af6d107764bb5b1abb91932881670226")
)
EfficientNetB4 = _network(
    4, 1.4, 1.8, 380, 0.4, ("18c95ad55216b8f92d7e70b3a046e2fc", "ebc24e6d6c33eaebbd558eafbeedf1ba")
)
EfficientNetB5 = _network(
    5, 1.6, 2.2, 456, 0.4, ("ace28f2a6363774853a83a0b21b9421a", "38879255a25d3c92d5e44e04ae6cec6f")
)
EfficientNetB6 = _network(
    6, 1.8, 2.6, 528, 0.5, ("165f6e37dce68623721b423839de8be5", "9ecce42647a20130c1f39a5d4cb75743")
)
EfficientNetB7 = _network(
    7, 2.0, 3.1, 600, 0.5, ("8c03f828fec3ef71311cd463b6759d99", "cbcfe4450ddf6f3ad90b1b398090fe4a")
)
preprocess_input = preprocessing(None)
