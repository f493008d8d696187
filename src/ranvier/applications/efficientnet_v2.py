"""EfficientNetV2: smaller kernels and, in the early stages, blocks with one full convolution instead of two.

Source: M. Tan, Q. V. Le, EfficientNetV2: Smaller Models and Faster Training, 2021.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from ranvier import layers
from ranvier.applications.blocks import Style, activation, channel_axis, rounded
from ranvier.applications.efficientnet import KERNEL, MobileBlock, head
from ranvier.applications.frame import STORAGE, Published, Request, documented
from ranvier.applications.imagenet_utils import decode_predictions, preprocessing
from ranvier.initializers import Constant
from ranvier.models import Functional

__all__ = [
    "EfficientNetV2B0",
    "EfficientNetV2B1",
    "EfficientNetV2B2",
    "EfficientNetV2B3",
    "EfficientNetV2L",
    "EfficientNetV2M",
    "EfficientNetV2S",
    "decode_predictions",
    "preprocess_input",
]

_STYLE = Style(activation("swish"), ("_conv", "_bn", "_activation"), axis=3, momentum=0.9, kernel=KERNEL)
_MEANS = (0.485, 0.456, 0.406)
_DEVIATIONS = (0.229, 0.224, 0.225)

Stage = tuple[int, int, int, int, int, bool]
# Repeats, filters in and out, how much wider inside, stride, whether both convolutions are one.
_BASE: tuple[Stage, ...] = (
    (1, 32, 16, 1, 1, True),
    (2, 16, 32, 4, 2, True),
    (2, 32, 48, 4, 2, True),
    (3, 48, 96, 4, 2, False),
    (5, 96, 112, 6, 1, False),
    (8, 112, 192, 6, 2, False),
)
_SMALL: tuple[Stage, ...] = (
    (2, 24, 24, 1, 1, True),
    (4, 24, 48, 4, 2, True),
    (4, 48, 64, 4, 2, True),
    (6, 64, 128, 4, 2, False),
    (9, 128, 160, 6, 1, False),
    (15, 160, 256, 6, 2, False),
)
_MEDIUM: tuple[Stage, ...] = (
    (3, 24, 24, 1, 1, True),
    (5, 24, 48, 4, 2, True),
    (5, 48, 80, 4, 2, True),
    (7, 80, 160, 4, 2, False),
    (14, 160, 176, 6, 1, False),
    (18, 176, 304, 6, 2, False),
    (5, 304, 512, 6, 1, False),
)
_LARGE: tuple[Stage, ...] = (
    (4, 32, 32, 1, 1, True),
    (7, 32, 64, 4, 2, True),
    (7, 64, 96, 4, 2, True),
    (10, 96, 192, 4, 2, False),
    (19, 192, 224, 6, 1, False),
    (25, 224, 384, 6, 2, False),
    (7, 384, 640, 6, 1, False),
)


@dataclass(frozen=True)
class FusedBlock(MobileBlock):
    """An inverted bottleneck whose widening and whose convolution are one full convolution."""

    def __call__(self, inputs: Any) -> Any:
        """Return the block's feature maps."""
        style, name, inside = self.style, self.name, self.filters[0] * self.widen
        if self.widen == 1:
            options: dict[str, Any] = {"strides": self.strides}
            return self.added(
                style.conv_norm_act(inputs, self.filters[1], self.kernel, f"{name}project", **options), inputs
            )
        x = style.conv_norm_act(inputs, inside, self.kernel, f"{name}expand", strides=self.strides)
        return self.added(style.conv_norm(x, self.filters[1], 1, f"{name}project"), inputs)


def _network(
    letters: str, stages: tuple[Stage, ...], width: float, depth: float, size: int, digests: tuple[str, str]
) -> Any:
    """Return the public function of one network."""
    key = f"efficientnetv2-{letters.lower()}"
    published = Published(f"{STORAGE}efficientnet_v2/", (f"{key}.h5", f"{key}_notop.h5"), digests)

    def make(
        include_top: bool = True,
        weights: Any = "imagenet",
        input_tensor: Any = None,
        input_shape: Any = None,
        pooling: str | None = None,
        classes: int = 1000,
        classifier_activation: Any = "softmax",
        include_preprocessing: bool = True,
        name: str = key,
    ) -> Functional:
        request = Request(
            include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation, name
        )
        shape = request.shape(size)
        entry = x = request.entry(shape)
        if include_preprocessing:
            x = _scaled(x, base=letters[0] == "B" and shape[channel_axis(3) - 1] == 3)
        x = _STYLE.conv_norm_act(x, _rounded(stages[0][1] * width), 3, "stem", strides=2)
        for block in _blocks(stages, width, depth):
            x = block(x)
        x = _STYLE.conv_norm_act(x, _rounded(1280 * width), 1, "top")
        return request.model(entry, head(request, x, 0.2, bias_initializer=Constant(0.0)), published)

    summary = (
        f"Return EfficientNetV2 {letters} (Tan and Le 2021), for images of {size} x {size} pixels; with "
        "`include_preprocessing` pixels from 0 to 255."
    )
    return documented(make, f"EfficientNetV2{letters}", summary)


def _scaled(x: Any, base: bool) -> Any:
    """Bring pixels from 0 to 255 to the range in which the network was trained."""
    if not base:
        return layers.Rescaling(1 / 128, offset=-1)(x)
    variances = [deviation**2 for deviation in _DEVIATIONS]
    x = layers.Rescaling(1 / 255)(x)
    return layers.Normalization(mean=list(_MEANS), variance=variances, axis=channel_axis(3))(x)


def _rounded(filters: float) -> int:
    return rounded(filters, keep=False)


def _blocks(stages: tuple[Stage, ...], width: float, depth: float) -> list[MobileBlock]:
    """Return the blocks of a network that is wider and deeper by these factors."""
    total = sum(stage[0] for stage in stages)
    blocks: list[MobileBlock] = []
    for stage, (repeats, filters_in, filters_out, widen, strides, fused) in enumerate(stages, 1):
        inner, outer = _rounded(filters_in * width), _rounded(filters_out * width)
        kind = FusedBlock if fused else MobileBlock
        for repeat in range(math.ceil(depth * repeats)):
            name = f"block{stage}{chr(ord('a') + repeat)}_"
            block = kind(_STYLE, name, (inner, outer), widen, 3, strides, 0.2 * len(blocks) / total, "dwconv2", False)
            blocks.append(replace(block, filters=(outer, outer), strides=1) if repeat else block)
    return blocks


EfficientNetV2B0 = _network(
    "B0", _BASE, 1.0, 1.0, 224, ("21ecbf6da12460d5c40bb2f29ceb2188", "893217f2bb855e2983157299931e43ff")
)
EfficientNetV2B1 = _network(
    "B1", _BASE, 1.0, 1.1, 240, ("069f0534ff22adf035c89e2d9547a9dc", "0e80663031ca32d657f9caa404b6ec37")
)
EfficientNetV2B2 = _network(
    "B2", _BASE, 1.1, 1.2, 260, ("424e49f28180edbde1e94797771950a7", "1dfe2e7a5d45b6632553a8961ea609eb")
)
EfficientNetV2B3 = _network(
    "B3", _BASE, 1.2, 1.4, 300, ("1f1fc43bd98a6e4fd8fdfd551e02c7a0", "f6abf7b5849ac99a89b50dd3fd532856")
)
EfficientNetV2S = _network(
    "S", _SMALL, 1.0, 1.0, 384, ("e1d88a8495beba45748fedd0cecbe016", "af0682fb74e8c54910f2d4393339c070")
)
EfficientNetV2M = _network(
    "M", _MEDIUM, 1.0, 1.0, 480, ("a3bf6aa3276309f4fc6a34aa114c95cd", "1b8dc055df72dde80d614482840fe342")
)
EfficientNetV2L = _network(
    "L", _LARGE, 1.0, 1.0, 480, ("27e6d408b53c7ebc868fefa357689935", "b0b66b5c863aef5b46e8608fe1711615")
)
preprocess_input = preprocessing(None)
