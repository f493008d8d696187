"""Activation functions as layers: any of them by name, and Softmax, which takes a mask."""

from __future__ import annotations

from typing import Any, final

import jax.numpy as jnp

from ranvier import activations, ops
from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.layers.base import Layer
from ranvier.ops.core import traceable

__all__ = ["Activation", "Softmax", "activated"]


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


@final
class Softmax(Layer):
    """Make shares of numbers: positive, and summing to 1 along an axis.

        outputs = exp(inputs) / sum(exp(inputs))      over the places that are real; 0 elsewhere

    Shapes: outputs have the shape of inputs; `mask` has it too, or 1 or nothing in place of an axis.

    Numerics: where nothing is real along the axis, all outputs are 0.

    Args:
        axis: the axis, or several in a list, over which the outputs sum to 1.

    Raises:
        InvalidArgument: an axis does not exist, or the mask does not fit the inputs.

    Example:
        >>> import numpy as np
        >>> [float(v) for v in Softmax()([[1.0, 1.0, 9.0]], mask=np.array([[True, True, False]]))[0]]
        [0.5, 0.5, 0.0]

    Source: Bridle, "Probabilistic interpretation of feedforward classification network outputs", 1990.
    """

    def __init__(self, axis: Any = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Array, mask: Any = None) -> Any:
        """Return the shares; places where `mask` is False get none."""
        axes = tuple(self.axis) if isinstance(self.axis, (list, tuple)) else (self.axis,)
        if not axes or any(not -inputs.ndim <= axis < inputs.ndim for axis in axes):
            raise self._unfit("axes that the inputs have", f"axis={self.axis}, inputs of shape {inputs.shape}")
        if mask is None:
            return ops.softmax(inputs, axis=axes)
        fits = zip(reversed(mask.shape), reversed(inputs.shape), strict=False)
        if mask.ndim > inputs.ndim or any(size not in (1, own) for size, own in fits):
            raise self._unfit(f"a mask that broadcasts to {inputs.shape}", f"a mask of shape {mask.shape}")
        real = mask if mask.dtype == bool else ops.greater(mask, 0.5)
        low = -3e4 if inputs.dtype == jnp.float16 else -1e9
        return ops.where(real, ops.softmax(ops.where(real, inputs, low), axis=axes), 0.0)

    def _unfit(self, expected: str, received: str) -> InvalidArgument:
        return InvalidArgument(
            "Softmax does not fit its inputs.",
            code="softmax-shape",
            place=f"layer {self.name!r}",
            expected=expected,
            received=received,
        )


def activated(activation: Any, outputs: Array, layer: str) -> Any:
    """Return `activation(outputs)`; a function that cannot run in a compiled program is named in the error."""
    if activation is None:
        return outputs
    with traceable(f"activation of layer {layer!r}"):
        return activation(outputs)
