"""The vocabulary of convolutional networks: convolution, normalization, activation, and how a family names them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ranvier import layers
from ranvier._config import image_data_format
from ranvier.layers import Layer

__all__ = ["Style", "activation", "channel_axis", "even_padding", "relu6", "rounded"]

Activate = Callable[..., Layer]


def activation(function: Any) -> Activate:
    """Return a maker of `Activation` layers."""
    return lambda name=None: layers.Activation(function, name=name)


def relu6(name: str | None = None) -> Layer:
    """Return the layer `min(max(x, 0), 6)` of the mobile networks."""
    return layers.ReLU(6.0, name=name)


def channel_axis(last: int = -1) -> int:
    """Return the axis of the channels: 1 where they come first, else `last`."""
    return 1 if image_data_format() == "channels_first" else last


def even_padding(x: Any, size: int | tuple[int, int]) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the margins for a convolution of stride 2 that keeps the last pixel of an even image inside.

    Args:
        x: a symbolic tensor of images.
        size: the kernel's rows and columns.
    """
    sizes = (size, size) if isinstance(size, int) else size
    pixels = x.shape[2:4] if image_data_format() == "channels_first" else x.shape[1:3]
    odd = [1 if pixels[0] is None else 1 - pixel % 2 for pixel in pixels]
    rows, columns = ((kernel // 2 - less, kernel // 2) for kernel, less in zip(sizes, odd, strict=True))
    return rows, columns


def rounded(filters: float, divisor: int = 8, keep: bool = True) -> int:
    """Return a number of filters as a multiple of `divisor`, with `keep` never less than nine tenths.

    Example:
        >>> rounded(32 * 0.35), rounded(13), rounded(19)
        (16, 16, 24)
    """
    nearest = max(divisor, int(filters + divisor / 2) // divisor * divisor)
    return nearest + divisor if keep and nearest < 0.9 * filters else nearest


@dataclass(frozen=True)
class Style:
    """How all blocks of a family make and name their layers.

    Args:
        activate: makes an activation layer.
        suffixes: what the names of a convolution, its normalization and its activation add to the block's.
        axis: the channels' axis where it is the last one, as the family writes it.
        epsilon, momentum, scale: of the normalization.
        kernel: initializer of the kernels.
        bias: whether convolutions have one.
    """

    activate: Activate
    suffixes: tuple[str | None, str | None, str | None] = ("", "_bn", "_relu")
    axis: int = -1
    epsilon: float = 1e-3
    momentum: float = 0.99
    scale: bool = True
    kernel: Any = "glorot_uniform"
    bias: bool = False

    def conv(self, x: Any, filters: int, size: Any, name: str | None = None, **options: Any) -> Any:
        """Convolve: stride 1 and `padding="same"` unless `options` say otherwise."""
        settings = {"padding": "same", "use_bias": self.bias, "kernel_initializer": self.kernel, **options}
        return layers.Conv2D(filters, size, name=name, **settings)(x)

    def depthwise(self, x: Any, size: int, name: str | None = None, **options: Any) -> Any:
        """Convolve each channel by itself."""
        settings = {"padding": "same", "use_bias": False, "depthwise_initializer": self.kernel, **options}
        return layers.DepthwiseConv2D(size, name=name, **settings)(x)

    def separable(self, x: Any, filters: int, size: Any, name: str | None = None, **options: Any) -> Any:
        """Convolve each channel by itself, then mix the channels."""
        settings = {"padding": "same", "use_bias": False, **options}
        return layers.SeparableConv2D(filters, size, name=name, **settings)(x)

    def norm(self, x: Any, name: str | None = None) -> Any:
        """Normalize each channel over the batch."""
        return layers.BatchNormalization(
            axis=channel_axis(self.axis), momentum=self.momentum, epsilon=self.epsilon, scale=self.scale, name=name
        )(x)

    def act(self, x: Any, name: str | None = None) -> Any:
        """Apply the activation."""
        return self.activate(name=name)(x)

    def conv_norm(self, x: Any, filters: int, size: Any, name: str | None = None, **options: Any) -> Any:
        """Convolve and normalize; the layers' names are the given one with the family's suffixes."""
        x = self.conv(x, filters, size, self.named(name, 0), **options)
        return self.norm(x, self.named(name, 1))

    def conv_norm_act(self, x: Any, filters: int, size: Any, name: str | None = None, **options: Any) -> Any:
        """Convolve, normalize, activate."""
        return self.act(self.conv_norm(x, filters, size, name, **options), self.named(name, 2))

    def norm_act(self, x: Any, name: str | None = None) -> Any:
        """Normalize and activate."""
        return self.act(self.norm(x, self.named(name, 1)), self.named(name, 2))

    def depthwise_norm_act(self, x: Any, size: int, name: str | None = None, **options: Any) -> Any:
        """Convolve each channel by itself, normalize, activate."""
        x = self.depthwise(x, size, self.named(name, 0), **options)
        return self.norm_act(x, name)

    def named(self, name: str | None, part: int) -> str | None:
        """Return the name of a block's convolution (0), normalization (1) or activation (2)."""
        suffix = self.suffixes[part]
        return None if name is None or suffix is None else name + suffix
