"""Ready networks for images, by Keras's names; each module is imported when it is first asked for."""

from __future__ import annotations

import importlib
from typing import Any

_MODULES = frozenset(
    {
        "convnext",
        "densenet",
        "efficientnet",
        "efficientnet_v2",
        "imagenet_utils",
        "inception_resnet_v2",
        "inception_v3",
        "mobilenet",
        "mobilenet_v2",
        "mobilenet_v3",
        "nasnet",
        "resnet",
        "resnet50",
        "resnet_v2",
        "vgg16",
        "vgg19",
        "xception",
    }
)
_NETWORKS = {
    **{f"ConvNeXt{size}": "convnext" for size in ("Tiny", "Small", "Base", "Large", "XLarge")},
    **{f"DenseNet{depth}": "densenet" for depth in (121, 169, 201)},
    **{f"EfficientNetB{number}": "efficientnet" for number in range(8)},
    **{f"EfficientNetV2{size}": "efficientnet_v2" for size in ("B0", "B1", "B2", "B3", "S", "M", "L")},
    **{f"MobileNetV3{size}": "mobilenet_v3" for size in ("Small", "Large")},
    **{f"NASNet{size}": "nasnet" for size in ("Mobile", "Large")},
    **{f"ResNet{depth}": "resnet" for depth in (50, 101, 152)},
    **{f"ResNet{depth}V2": "resnet_v2" for depth in (50, 101, 152)},
    "InceptionResNetV2": "inception_resnet_v2",
    "InceptionV3": "inception_v3",
    "MobileNet": "mobilenet",
    "MobileNetV2": "mobilenet_v2",
    "VGG16": "vgg16",
    "VGG19": "vgg19",
    "Xception": "xception",
}

__all__ = [*sorted(_NETWORKS), *sorted(_MODULES)]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    if name in _NETWORKS:
        return getattr(importlib.import_module(f"{__name__}.{_NETWORKS[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return list(__all__)
