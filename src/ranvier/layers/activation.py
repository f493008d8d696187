"""Activation: an elementwise function as a layer."""

from __future__ import annotations

from typing import Any, final

from ranvier import activations
from ranvier._typing import Array
from ranvier.layers.base import Layer
from ranvier.ops.core import traceable

__all__ = ["Activation", "activated"]


@final
class Activation(Layer):
    """Apply an activation function.

        outputs = activation(inputs)

    Shapes: outputs have the shape of inputs.

    Args:
        activation: name or function.

    Example:
        >>> [float(v) for v in Activation("relu")([-1.0, 2.0])]
        [0.0, 2.0]
    """

    def __init__(self, activation: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.activation = activations.get(activation)
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Array) -> Any:
        """Return the activated inputs."""
        return activated(self.activation, inputs, self.name)


def activated(activation: Any, outputs: Array, layer: str) -> Any:
    """Return `activation(outputs)`; a function that cannot run in a compiled program is named in the error."""
    if activation is None:
        return outputs
    with traceable(f"activation of layer {layer!r}"):
        return activation(outputs)
