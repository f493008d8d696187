"""Densely connected networks: every layer of a block takes what all layers before it have made.

Source: G. Huang, Z. Liu, L. van der Maaten, K. Q. Weinberger, Densely Connected Convolutional Networks, 2017.
"""

from __future__ import annotations

from typing import Any

from ranvier import layers
from ranvier._config import image_data_format
from ranvier._errors import Unsupported
from ranvier.applications.blocks import Style, activation
from ranvier.applications.frame import STORAGE, Application, Published, Request, application
from ranvier.applications.imagenet_utils import decode_predictions, preprocessing
from ranvier.models import Functional

__all__ = ["DenseNet121", "DenseNet169", "DenseNet201", "decode_predictions", "preprocess_input"]

_STYLE = Style(activation("relu"), ("_conv", "_bn", "_relu"), axis=3, epsilon=1.001e-5)
_GROWTH = 32


def channels_last_only(network: str) -> None:
    """Refuse the other data format for a network that has none.

    Raises:
        Unsupported: the channels come first.
    """
    if image_data_format() == "channels_first":
        raise Unsupported(
            f"{network} takes images whose channels come last, here as in Keras.",
            code="application-data-format",
            place=network,
            fix="keras.config.set_image_data_format('channels_last')",
        )


def _network(depth: int, repeats: tuple[int, ...], digests: tuple[str, str]) -> Application:
    key = f"densenet{depth}"
    stem = f"{key}_weights_tf_dim_ordering_tf_kernels"
    published = Published(f"{STORAGE}densenet/", (f"{stem}.h5", f"{stem}_notop.h5"), digests)

    def build(request: Request) -> Functional:
        def top(x: Any) -> Any:
            return request.classify(layers.GlobalAveragePooling2D(name="avg_pool")(x))

        channels_last_only("DenseNet")
        entry = request.entry(request.shape(224))
        x = _STYLE.conv_norm_act(layers.ZeroPadding2D(3)(entry), 64, 7, "conv1", strides=2, padding="valid")
        x = layers.MaxPooling2D(3, strides=2, name="pool1")(layers.ZeroPadding2D(1)(x))
        for stage, count in enumerate(repeats, 2):
            for number in range(1, count + 1):
                x = _grown(x, f"conv{stage}_block{number}")
            x = _halved(x, f"pool{stage}") if stage < 5 else x
        x = _STYLE.act(_STYLE.norm(x, "bn"), "relu")
        return request.model(entry, request.end(x, top, ("avg_pool", "max_pool")), published)

    summary = f"Return the densely connected network of {depth} layers (Huang et al. 2017)."
    return application(f"DenseNet{depth}", key, summary, build)


def _grown(x: Any, name: str) -> Any:
    """Add the maps that two convolutions make of all maps so far."""
    new = _STYLE.conv(_STYLE.norm_act(x, f"{name}_0"), 4 * _GROWTH, 1, f"{name}_1_conv", padding="valid")
    new = _STYLE.conv(_STYLE.norm_act(new, f"{name}_1"), _GROWTH, 3, f"{name}_2_conv")
    return layers.Concatenate(axis=3, name=f"{name}_concat")([x, new])


def _halved(x: Any, name: str) -> Any:
    """Halve the number of maps, their rows and their columns."""
    x = _STYLE.norm_act(x, name)
    x = _STYLE.conv(x, x.shape[3] // 2, 1, f"{name}_conv", padding="valid")
    return layers.AveragePooling2D(2, strides=2, name=f"{name}_pool")(x)


DenseNet121 = _network(121, (6, 12, 24, 16), ("9d60b8095a5708f2dcce2bca79d332c7", "30ee3e1110167f948a6b9946edeeb738"))
DenseNet169 = _network(169, (6, 12, 32, 32), ("d699b8f76981ab1b30698df4c175e90b", "b8c4d4c20dd625c148057b9ff1c1176b"))
DenseNet201 = _network(201, (6, 12, 48, 32), ("1ceb130c1ea1b78c3bf6114dbdfd8807", "c13680b51ded0fb44dff2d8f86ac8bb1"))
preprocess_input = preprocessing("torch")
