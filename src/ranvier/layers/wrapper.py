"""Wrapper: the base of layers that hold another layer and change what it does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from ranvier import layers as package
from ranvier._config import custom_object_scope
from ranvier._errors import InvalidArgument
from ranvier.layers.base import Layer

__all__ = ["Wrapper"]


class Wrapper(Layer):
    """Hold a layer; a subclass defines `call` around it.

    Args:
        layer: the layer to wrap.

    Raises:
        InvalidArgument: `layer` is not a layer.

    Example:
        >>> from ranvier.layers import Rescaling
        >>> class Twice(Wrapper):
        ...     def call(self, inputs):
        ...         return self.layer(self.layer(inputs))
        >>> float(Twice(Rescaling(3.0))([[1.0]])[0, 0])
        9.0
    """

    def __init__(self, layer: Layer, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(layer, Layer):
            raise InvalidArgument(
                f"{type(self).__name__} wraps a layer.",
                code="wrapped-layer",
                place=f"layer {self.name!r}: layer",
                expected="a layer, such as Dense(3)",
                received=repr(layer)[:100],
            )
        self.layer = layer

    def build(self, input_shape: Any = None) -> None:
        """Build the wrapped layer."""
        if not self.layer.built:
            self.layer.build(input_shape)
            self.layer.built = True

    @classmethod
    def from_config(cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Self:
        """Build from a configuration, in which the wrapped layer is a configuration too."""
        with custom_object_scope(custom_objects or {}):
            return super().from_config({**config, "layer": package.deserialize(config["layer"])})
