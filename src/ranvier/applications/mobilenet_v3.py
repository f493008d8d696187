"""MobileNetV3: blocks found by search, with squeeze and excitation and a cheap smooth activation.

Source: A. Howard et al., Searching for MobileNetV3, 2019.
"""

from __future__ import annotations

import warnings
from typing import Any

from ranvier import layers
from ranvier._config import image_data_format
from ranvier.applications.blocks import Activate, Style, activation, channel_axis, even_padding, rounded
from ranvier.applications.frame import STORAGE, Published, Request, documented
from ranvier.applications.imagenet_utils import decode_predictions, preprocessing
from ranvier.applications.mobile import check_tensor, pixels, refused
from ranvier.models import Functional

__all__ = ["decode_predictions", "preprocess_input"]

# Widening, filters, kernel (0: the larger one), stride, squeeze, activation: r relu, h hard swish.
_SMALL = (
    (1, 16, 3, 2, True, "r"),
    (72 / 16, 24, 3, 2, False, "r"),
    (88 / 24, 24, 3, 1, False, "r"),
    (4, 40, 0, 2, True, "h"),
    (6, 40, 0, 1, True, "h"),
    (6, 40, 0, 1, True, "h"),
    (3, 48, 0, 1, True, "h"),
    (3, 48, 0, 1, True, "h"),
    (6, 96, 0, 2, True, "h"),
    (6, 96, 0, 1, True, "h"),
    (6, 96, 0, 1, True, "h"),
)
_LARGE = (
    (1, 16, 3, 1, False, "r"),
    (4, 24, 3, 2, False, "r"),
    (3, 24, 3, 1, False, "r"),
    (3, 40, 0, 2, True, "r"),
    (3, 40, 0, 1, True, "r"),
    (3, 40, 0, 1, True, "r"),
    (6, 80, 3, 2, False, "h"),
    (2.5, 80, 3, 1, False, "h"),
    (2.3, 80, 3, 1, False, "h"),
    (2.3, 80, 3, 1, False, "h"),
    (6, 112, 3, 1, True, "h"),
    (6, 112, 3, 1, True, "h"),
    (6, 160, 0, 2, True, "h"),
    (6, 160, 0, 1, True, "h"),
    (6, 160, 0, 1, True, "h"),
)
_DIGESTS = {
    "large_224_0.75_float": ("765b44a33ad4005b3ac83185abf1d0eb", "40af19a13ebea4e2ee0c676887f69a2e"),
    "large_224_1.0_float": ("59e551e166be033d707958cf9e29a6a7", "07fb09a5933dd0c8eaafa16978110389"),
    "large_minimalistic_224_1.0_float": ("675e7b876c45c57e9e63e6d90a36599c", "ec5221f64a2f6d1ef965a614bdae7973"),
    "small_224_0.75_float": ("cb65d4e5be93758266aa0a7f2c6708b7", "ebdb5cc8e0b497cd13a7c275d475c819"),
    "small_224_1.0_float": ("8768d4c2e7dee89b9d02b2d03d65d862", "d3e8ec802a04aa4fc771ee12a9a9b836"),
    "small_minimalistic_224_1.0_float": ("99cd97fb2fcdad2bf028eb838de69e37", "cde8136e733e811080d9fcd8a252f7e4"),
}


def _relu(name: str | None = None) -> layers.Layer:
    return layers.ReLU(name=name)


def _style(activate: Activate) -> Style:
    return Style(activate, ("", "_bn", None), momentum=0.999)


def _network(size: str, features: int, blocks: tuple[tuple[Any, ...], ...]) -> Any:
    """Return the public function of one of the two networks."""

    def make(
        input_shape: Any = None,
        alpha: float = 1.0,
        minimalistic: bool = False,
        include_top: bool = True,
        weights: Any = "imagenet",
        input_tensor: Any = None,
        classes: int = 1000,
        pooling: str | None = None,
        dropout_rate: float = 0.2,
        classifier_activation: Any = "softmax",
        include_preprocessing: bool = True,
        name: str = f"MobileNetV3{size.title()}",
    ) -> Functional:
        request = Request(
            include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation, name
        )
        check_tensor(request)
        _check_trained(request, alpha, minimalistic)
        entry = request.entry(_shape(request))
        x = layers.Rescaling(1 / 127.5, offset=-1.0)(entry) if include_preprocessing else entry
        usual = _style(_relu if minimalistic else activation("hard_swish"))
        x = _body(x, alpha, minimalistic, blocks, usual)
        wide = rounded(features * alpha) if alpha > 1 else features
        outputs = request.end(x, lambda x: _top(x, request, usual, wide, dropout_rate), ("avg_pool", "max_pool"))
        key = f"{size}{'_minimalistic' if minimalistic else ''}_224_{alpha}_float"
        stem = f"weights_mobilenet_v3_{key}"
        names = (f"{stem}.h5", f"{stem}_no_top_v2.h5")
        return request.model(entry, outputs, Published(f"{STORAGE}mobilenet_v3/", names, _DIGESTS.get(key, ("", ""))))

    summary = (
        f"Return MobileNetV3, the {size} one (Howard et al. 2019), for pixels from 0 to 255; `alpha` scales the number "
        "of filters, `minimalistic` leaves out squeezing, large kernels and the hard swish."
    )
    return documented(make, f"MobileNetV3{size.title()}", summary)


def _check_trained(request: Request, alpha: float, minimalistic: bool) -> None:
    if request.imagenet and alpha not in ((1.0,) if minimalistic else (0.75, 1.0)):
        raise refused("alpha", "0.75 or 1.0 (1.0 if minimalistic), with pretrained weights", repr(alpha))


def _shape(request: Request) -> tuple[int | None, ...]:
    """Return the shape of one image: of any size unless told otherwise, also with the classifier."""
    given = request.input_shape
    if given is None and request.input_tensor is not None:
        given = tuple(request.input_tensor.shape)[1:]
    if given is None:
        given = (3, None, None) if image_data_format() == "channels_first" else (None, None, 3)
    rows, columns = pixels(tuple(given))
    if rows and columns and (rows < 32 or columns < 32):
        raise refused("input_shape", "at least 32 x 32 pixels", repr(given))
    if request.imagenet and (rows, columns) != (224, 224):
        warnings.warn(
            f"There are no weights for images of {(rows, columns)}: those for (224, 224) are taken.", stacklevel=4
        )
    return tuple(given)


def _body(x: Any, alpha: float, minimalistic: bool, blocks: tuple[tuple[Any, ...], ...], usual: Style) -> Any:
    x = usual.conv_norm_act(x, 16, 3, "conv", strides=2)
    plain = _style(_relu)
    for number, (widen, filters, kernel, strides, squeeze, kind) in enumerate(blocks):
        name = f"expanded_conv_{number}_" if number else "expanded_conv_"
        size = kernel or (3 if minimalistic else 5)
        style = plain if kind == "r" else usual
        x = _block(x, style, name, widen, rounded(filters * alpha), size, strides, squeeze and not minimalistic)
    return usual.conv_norm_act(x, rounded(x.shape[channel_axis()] * 6), 1, "conv_1")


def _block(
    inputs: Any, style: Style, name: str, widen: float, filters: int, size: int, strides: int, squeeze: bool
) -> Any:
    """Widen (but for the first block), convolve each channel, squeeze, narrow; add the input where shapes are equal."""
    channels = inputs.shape[channel_axis()]
    x, padding = inputs, "same"
    if name != "expanded_conv_":
        x = style.conv_norm_act(x, rounded(channels * widen), 1, f"{name}expand")
    if strides == 2:
        x, padding = layers.ZeroPadding2D(even_padding(x, size), name=f"{name}depthwise_pad")(x), "valid"
    x = style.depthwise_norm_act(x, size, f"{name}depthwise", strides=strides, padding=padding)
    if squeeze:
        x = _squeezed(x, rounded(channels * widen), f"{name}squeeze_excite")
    x = style.conv_norm(x, filters, 1, f"{name}project")
    return layers.Add(name=f"{name}add")([inputs, x]) if strides == 1 and channels == filters else x


def _squeezed(inputs: Any, filters: int, name: str) -> Any:
    """Scale each channel by what two small layers make of the means of all channels."""
    x = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}_avg_pool")(inputs)
    x = layers.Conv2D(rounded(filters * 0.25), 1, padding="same", name=f"{name}_conv")(x)
    x = layers.ReLU(name=f"{name}_relu")(x)
    x = layers.Conv2D(filters, 1, padding="same", name=f"{name}_conv_1")(x)
    x = layers.ReLU(6.0)(x + 3.0) * (1 / 6)
    return layers.Multiply(name=f"{name}_mul")([inputs, x])


def _top(x: Any, request: Request, style: Style, features: int, dropout: float) -> Any:
    x = layers.GlobalAveragePooling2D(keepdims=True)(x)
    x = style.act(layers.Conv2D(features, 1, padding="same", name="conv_2")(x))
    if dropout > 0:
        x = layers.Dropout(dropout)(x)
    x = layers.Conv2D(request.classes, 1, padding="same", name="logits")(x)
    return layers.Activation(request.classifier_activation, name="predictions")(layers.Flatten()(x))


MobileNetV3Small = _network("small", 1024, _SMALL)
MobileNetV3Large = _network("large", 1280, _LARGE)
preprocess_input = preprocessing(None)
