"""ConvNeXt: a convolutional network with the proportions of a transformer.

Source: Z. Liu et al., A ConvNet for the 2020s, 2022.
"""

from __future__ import annotations

from typing import Any

from ranvier import layers
from ranvier.applications.densenet import channels_last_only
from ranvier.applications.frame import STORAGE, Published, Request, documented
from ranvier.applications.imagenet_utils import decode_predictions, preprocessing
from ranvier.layers.branches import LayerScale
from ranvier.models import Functional, Sequential

__all__ = [
    "ConvNeXtBase",
    "ConvNeXtLarge",
    "ConvNeXtSmall",
    "ConvNeXtTiny",
    "ConvNeXtXLarge",
    "decode_predictions",
    "preprocess_input",
]

_MEANS = (0.485, 0.456, 0.406)
_DEVIATIONS = (0.229, 0.224, 0.225)


def _network(size: str, depths: tuple[int, ...], width: int, digests: tuple[str, str]) -> Any:
    """Return the public function of one network; `width` is the number of channels of its first stage."""
    key = f"convnext_{size.lower()}"
    published = Published(f"{STORAGE}convnext/", (f"{key}.h5", f"{key}_notop.h5"), digests)

    def make(
        include_top: bool = True,
        include_preprocessing: bool = True,
        weights: Any = "imagenet",
        input_tensor: Any = None,
        input_shape: Any = None,
        pooling: str | None = None,
        classes: int = 1000,
        classifier_activation: Any = "softmax",
        name: str = key,
    ) -> Functional:
        channels_last_only("ConvNeXt")
        request = Request(
            include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation, name
        )
        shape = request.shape(224)
        entry = x = request.entry(shape)
        if include_preprocessing and shape[-1] == 3:
            x = _normalized(x, name)
        for stage, depth in enumerate(depths):
            channels = width * 2**stage
            x = _halving(stage, channels, name)(x)
            for number in range(depth):
                x = _block(x, channels, f"{name}_stage_{stage}_block_{number}")
        x = request.end(x, lambda x: _top(x, request))
        return request.model(entry, x if include_top else layers.LayerNormalization(epsilon=1e-6)(x), published)

    summary = f"Return ConvNeXt, size {size} (Liu et al. 2022); with `include_preprocessing` for pixels from 0 to 255."
    return documented(make, f"ConvNeXt{size}", summary)


def _normalized(x: Any, name: str) -> Any:
    """Bring pixels from 0 to 255 to mean 0 and variance 1."""
    return layers.Normalization(
        mean=[mean * 255 for mean in _MEANS],
        variance=[(deviation * 255) ** 2 for deviation in _DEVIATIONS],
        name=f"{name}_prestem_normalization",
    )(x)


def _halving(stage: int, channels: int, name: str) -> Sequential:
    """Return what comes before a stage: patches of 4 x 4 pixels before the first, of 2 x 2 before the others."""
    if stage == 0:
        conv = layers.Conv2D(channels, 4, strides=4, name=f"{name}_stem_conv")
        return Sequential(
            [conv, layers.LayerNormalization(epsilon=1e-6, name=f"{name}_stem_layernorm")], name=f"{name}_stem"
        )
    norm = layers.LayerNormalization(epsilon=1e-6, name=f"{name}_downsampling_layernorm_{stage - 1}")
    conv = layers.Conv2D(channels, 2, strides=2, name=f"{name}_downsampling_conv_{stage - 1}")
    return Sequential([norm, conv], name=f"{name}_downsampling_block_{stage - 1}")


def _block(inputs: Any, channels: int, name: str) -> Any:
    """Add what a wide convolution of each channel and two dense layers make of the input."""
    x = layers.Conv2D(channels, 7, padding="same", groups=channels, name=f"{name}_depthwise_conv")(inputs)
    x = layers.LayerNormalization(epsilon=1e-6, name=f"{name}_layernorm")(x)
    x = layers.Dense(4 * channels, name=f"{name}_pointwise_conv_1")(x)
    x = layers.Activation("gelu", name=f"{name}_gelu")(x)
    x = layers.Dense(channels, name=f"{name}_pointwise_conv_2")(x)
    x = LayerScale(1e-6, channels, name=f"{name}_layer_scale")(x)
    return inputs + layers.Activation("linear", name=f"{name}_identity")(x)


def _top(x: Any, request: Request) -> Any:
    x = layers.GlobalAveragePooling2D(name=f"{request.name}_head_gap")(x)
    x = layers.LayerNormalization(epsilon=1e-6, name=f"{request.name}_head_layernorm")(x)
    activation = request.classifier_activation
    return layers.Dense(request.classes, activation=activation, name=f"{request.name}_head_dense")(x)


ConvNeXtTiny = _network(
    "Tiny",
    (3, 3, 9, 3),
    96,
    (
        "8ae6e78ce2933352b1ef4008e6dd2f17bc40771563877d156bc6426c7cf503ff",
        "d547c096cabd03329d7be5562c5e14798aa39ed24b474157cef5e85ab9e49ef1",
    ),
)
ConvNeXtSmall = _network(
    "Small",
    (3, 3, 27, 3),
    96,
    (
        "ce1277d8f1ee5a0ef0e171469089c18f5233860ceaf9b168049cb9263fd7483c",
        "6fc8009faa2f00c1c1dfce59feea9b0745eb260a7dd11bee65c8e20843da6eab",
    ),
)
ConvNeXtBase = _network(
    "Base",
    (3, 3, 27, 3),
    128,
    (
        "52cbb006d3dadd03f6e095a8ca1aca47aecdd75acb4bc74bce1f5c695d0086e6",
        "40a20c5548a5e9202f69735ecc06c990e6b7c9d2de39f0361e27baeb24cb7c45",
    ),
)
ConvNeXtLarge = _network(
    "Large",
    (3, 3, 27, 3),
    192,
    (
        "070c5ed9ed289581e477741d3b34beffa920db8cf590899d6d2c67fba2a198a6",
        "96f02b6f0753d4f543261bc9d09bed650f24dd6bc02ddde3066135b63d23a1cd",
    ),
)
ConvNeXtXLarge = _network(
    "XLarge",
    (3, 3, 27, 3),
    256,
    (
        "c1f5ccab661354fc3a79a10fa99af82f0fbf10ec65cb894a3ae0815f17a889ee",
        "de3f8a54174130e0cecdc71583354753d557fcf1f4487331558e2a16ba0cfe05",
    ),
)
preprocess_input = preprocessing(None)
