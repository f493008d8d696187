"""Residual networks of both kinds: blocks that add their input to what three convolutions make of it.

Source: K. He, X. Zhang, S. Ren, J. Sun, Deep Residual Learning for Image Recognition, 2016, and Identity Mappings in
Deep Residual Networks, 2016.
"""

from __future__ import annotations

from typing import Any

from ranvier import layers
from ranvier.applications.blocks import Style, activation
from ranvier.applications.frame import STORAGE, Application, Published, Request, application
from ranvier.models import Functional

__all__ = ["residual"]

_FILTERS = (64, 128, 256, 512)
_STYLE = Style(activation("relu"), ("_conv", "_bn", "_relu"), axis=3, epsilon=1.001e-5, bias=True)


def residual(version: int, depth: int, repeats: tuple[int, ...], digests: tuple[str, str]) -> Application:
    """Return the function that builds a residual network.

    Args:
        version: 1 activates after each sum, 2 normalizes and activates before each convolution.
        depth: number of layers with weights, part of the name.
        repeats: number of blocks in each of the four stages.
        digests: md5 of the published weights with and without the classifier.
    """
    suffix = "V2" if version == 2 else ""
    key = f"resnet{depth}{suffix.lower()}"
    stem = f"{key}_weights_tf_dim_ordering_tf_kernels"
    published = Published(f"{STORAGE}resnet/", (f"{stem}.h5", f"{stem}_notop.h5"), digests)
    body = _body_v2 if version == 2 else _body_v1

    def build(request: Request) -> Functional:
        def top(x: Any) -> Any:
            return request.classify(layers.GlobalAveragePooling2D(name="avg_pool")(x))

        entry = request.entry(request.shape(224))
        x = layers.ZeroPadding2D(3, name="conv1_pad")(entry)
        x = body(x, repeats)
        return request.model(entry, request.end(x, top, ("avg_pool", "max_pool")), published)

    summary = f"Return the residual network{' (second kind)' if suffix else ''} of {depth} layers (He et al. 2016)."
    return application(f"ResNet{depth}{suffix}", key, summary, build)


def _pooled(x: Any) -> Any:
    x = layers.ZeroPadding2D(1, name="pool1_pad")(x)
    return layers.MaxPooling2D(3, strides=2, name="pool1_pool")(x)


def _body_v1(x: Any, repeats: tuple[int, ...]) -> Any:
    x = _pooled(_STYLE.conv_norm_act(x, 64, 7, "conv1", strides=2, padding="valid"))
    for stage, (count, filters) in enumerate(zip(repeats, _FILTERS, strict=True), 2):
        for block in range(1, count + 1):
            strides = 2 if block == 1 and stage > 2 else 1
            x = _block_v1(x, filters, strides, f"conv{stage}_block{block}", project=block == 1)
    return x


def _block_v1(x: Any, filters: int, strides: int, name: str, project: bool) -> Any:
    """Add to the input, or a projection of it, what a bottleneck of three convolutions makes; then activate."""
    options: dict[str, Any] = {"strides": strides, "padding": "valid"}
    shortcut = _STYLE.conv_norm(x, 4 * filters, 1, f"{name}_0", **options) if project else x
    x = _STYLE.conv_norm_act(x, filters, 1, f"{name}_1", **options)
    x = _STYLE.conv_norm_act(x, filters, 3, f"{name}_2")
    x = _STYLE.conv_norm(x, 4 * filters, 1, f"{name}_3", padding="valid")
    return _STYLE.act(layers.Add(name=f"{name}_add")([shortcut, x]), f"{name}_out")


def _body_v2(x: Any, repeats: tuple[int, ...]) -> Any:
    x = _pooled(_STYLE.conv(x, 64, 7, "conv1_conv", strides=2, padding="valid"))
    for stage, (count, filters) in enumerate(zip(repeats, _FILTERS, strict=True), 2):
        for block in range(1, count + 1):
            strides = 2 if block == count and stage < 5 else 1
            x = _block_v2(x, filters, strides, f"conv{stage}_block{block}", project=block == 1)
    return _STYLE.norm_act(x, "post")


def _block_v2(x: Any, filters: int, strides: int, name: str, project: bool) -> Any:
    """Add to the input what a bottleneck makes of its normalized and activated form."""
    ready = _STYLE.norm_act(x, f"{name}_preact")
    if project:
        shortcut = _STYLE.conv(ready, 4 * filters, 1, f"{name}_0_conv", strides=strides, padding="valid")
    else:
        shortcut = layers.MaxPooling2D(1, strides=strides)(x) if strides > 1 else x
    x = _STYLE.conv_norm_act(ready, filters, 1, f"{name}_1", padding="valid", use_bias=False)
    x = layers.ZeroPadding2D(1, name=f"{name}_2_pad")(x)
    x = _STYLE.conv_norm_act(x, filters, 3, f"{name}_2", strides=strides, padding="valid", use_bias=False)
    x = _STYLE.conv(x, 4 * filters, 1, f"{name}_3_conv", padding="valid")
    return layers.Add(name=f"{name}_out")([shortcut, x])
