"""InceptionResNetV2: parallel branches whose sum, made smaller, is added to their input.

Source: C. Szegedy, S. Ioffe, V. Vanhoucke, A. Alemi, Inception-v4, Inception-ResNet and the Impact of Residual
Connections on Learning, 2017.
"""

from __future__ import annotations

from typing import Any

from ranvier import layers
from ranvier.applications.blocks import Style, activation, channel_axis
from ranvier.applications.frame import STORAGE, Published, Request, application
from ranvier.applications.imagenet_utils import decode_predictions, preprocessing
from ranvier.layers.branches import CustomScaleLayer
from ranvier.models import Functional

__all__ = ["InceptionResNetV2", "decode_predictions", "preprocess_input"]

_STYLE = Style(activation("relu"), ("", "_bn", "_ac"), axis=3, scale=False)
_STEM = "inception_resnet_v2_weights_tf_dim_ordering_tf_kernels"
_PUBLISHED = Published(
    f"{STORAGE}inception_resnet_v2/",
    (f"{_STEM}.h5", f"{_STEM}_notop.h5"),
    ("e693bd0210a403b3192acc6073ad2e96", "d19885ff4a710c122648d3b5c3b684e4"),
)
Branch = tuple[tuple[int, Any], ...]
"""Convolutions one after the other: filters, and size of the kernel."""
# Number of blocks, scale of their sum, branches.
_STAGES: dict[str, tuple[int, float, tuple[Branch, ...]]] = {
    "block35": (10, 0.17, (((32, 1),), ((32, 1), (32, 3)), ((32, 1), (48, 3), (64, 3)))),
    "block17": (20, 0.1, (((192, 1),), ((128, 1), (160, (1, 7)), (192, (7, 1))))),
    "block8": (10, 0.2, (((192, 1),), ((192, 1), (224, (1, 3)), (256, (3, 1))))),
}
_HALVING: dict[str, tuple[Branch, ...]] = {
    "mixed_6a": (((384, 3),), ((256, 1), (256, 3), (384, 3))),
    "mixed_7a": (((256, 1), (384, 3)), ((256, 1), (288, 3)), ((256, 1), (288, 3), (320, 3))),
}


def _chain(x: Any, branch: Branch, halve: bool = False) -> Any:
    for number, (filters, size) in enumerate(branch, 1):
        options: dict[str, Any] = {"strides": 2, "padding": "valid"} if halve and number == len(branch) else {}
        x = _STYLE.conv_norm_act(x, filters, size, **options)
    return x


def _beside(branches: list[Any], name: str) -> Any:
    return layers.Concatenate(axis=channel_axis(3), name=name)(branches)


def _halved(x: Any, name: str) -> Any:
    """Halve rows and columns in several ways at once."""
    branches = [_chain(x, branch, halve=True) for branch in _HALVING[name]]
    return _beside([*branches, layers.MaxPooling2D(3, strides=2)(x)], name)


def _stage(x: Any, kind: str) -> Any:
    """Add several times the branches' sum; the last of all blocks adds it whole and does not activate."""
    count, scale, branches = _STAGES[kind]
    for number in range(1, count + 1):
        name, last = f"{kind}_{number}", kind == "block8" and number == count
        mixed = _beside([_chain(x, branch) for branch in branches], f"{name}_mixed")
        up = _STYLE.conv(mixed, x.shape[channel_axis(3)], 1, f"{name}_conv", use_bias=True)
        x = CustomScaleLayer(1.0 if last else scale)([x, up])
        x = x if last else _STYLE.act(x, f"{name}_ac")
    return x


def _build(request: Request) -> Functional:
    def top(x: Any) -> Any:
        return request.classify(layers.GlobalAveragePooling2D(name="avg_pool")(x))

    entry = request.entry(request.shape(299, 75))
    x = _chain(entry, ((32, 3),), halve=True)
    x = _chain(_STYLE.conv_norm_act(x, 32, 3, padding="valid"), ((64, 3),))
    x = layers.MaxPooling2D(3, strides=2)(x)
    x = _STYLE.conv_norm_act(x, 80, 1, padding="valid")
    x = layers.MaxPooling2D(3, strides=2)(_STYLE.conv_norm_act(x, 192, 3, padding="valid"))
    branches = [_chain(x, branch) for branch in (((96, 1),), ((48, 1), (64, 5)), ((64, 1), (96, 3), (96, 3)))]
    means = layers.AveragePooling2D(3, strides=1, padding="same")(x)
    x = _stage(_beside([*branches, _chain(means, ((64, 1),))], "mixed_5b"), "block35")
    x = _stage(_halved(x, "mixed_6a"), "block17")
    x = _stage(_halved(x, "mixed_7a"), "block8")
    x = _STYLE.conv_norm_act(x, 1536, 1, "conv_7b")
    return request.model(entry, request.end(x, top), _PUBLISHED)


InceptionResNetV2 = application(
    "InceptionResNetV2",
    "inception_resnet_v2",
    "Return InceptionResNetV2 (Szegedy et al. 2017), for images of 299 x 299 pixels.",
    _build,
)
preprocess_input = preprocessing("tf")
