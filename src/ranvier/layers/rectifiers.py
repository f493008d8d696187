"""Layers that bend at zero: ReLU and its relatives."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, final

from ranvier import activations, constraints, initializers, ops, regularizers
from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.layers.base import Layer
from ranvier.layers.input_spec import InputSpec
from ranvier.state.variable import Variable

__all__ = ["ELU", "LeakyReLU", "PReLU", "ReLU"]


@final
class ReLU(Layer):
    """Cut off what is below a threshold, or damp it, and what is above a maximum.

        outputs = max_value                              where inputs >= max_value
        outputs = inputs                                 where threshold <= inputs < max_value
        outputs = negative_slope * (inputs - threshold)  below

    Shapes: outputs have the shape of inputs.

    Args:
        max_value: largest output; None for no limit.
        negative_slope: slope below the threshold.
        threshold: where the function bends.

    Raises:
        InvalidArgument: an argument is negative.

    Example:
        >>> [float(v) for v in ReLU(max_value=6.0, negative_slope=0.5)([-2.0, 3.0, 9.0])]
        [-1.0, 3.0, 6.0]

    Source: Nair and Hinton, "Rectified linear units improve restricted Boltzmann machines", 2010.
    """

    def __init__(
        self, max_value: float | None = None, negative_slope: float = 0.0, threshold: float = 0.0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.max_value = None if max_value is None else _not_negative(self, "max_value", max_value)
        self.negative_slope = _not_negative(self, "negative_slope", negative_slope)
        self.threshold = _not_negative(self, "threshold", threshold)
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Array) -> Array:
        """Return the rectified inputs."""
        return activations.relu(inputs, self.negative_slope, self.max_value, self.threshold)


@final
class LeakyReLU(Layer):
    """Damp what is below zero.

        outputs = where(inputs < 0, negative_slope * inputs, inputs)

    Shapes: outputs have the shape of inputs.

    Args:
        negative_slope: slope below zero; `alpha` is its old name.

    Raises:
        InvalidArgument: the slope is negative.

    Example:
        >>> [float(v) for v in LeakyReLU(0.5)([-2.0, 3.0])]
        [-1.0, 3.0]

    Source: Maas, Hannun and Ng, "Rectifier nonlinearities improve neural network acoustic models", 2013.
    """

    def __init__(self, negative_slope: float = 0.3, **kwargs: Any) -> None:
        if "alpha" in kwargs:
            negative_slope = kwargs.pop("alpha")
            warnings.warn("LeakyReLU's `alpha` is called `negative_slope` today.", stacklevel=2)
        super().__init__(**kwargs)
        self.negative_slope = _not_negative(self, "negative_slope", negative_slope)
        self.supports_masking = True
        self.built = True

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> LeakyReLU:
        """Build from a configuration, also one of Keras 2, which says `alpha`."""
        return super().from_config({"negative_slope" if key == "alpha" else key: config[key] for key in config})

    def call(self, inputs: Array) -> Array:
        """Return the inputs, damped below zero."""
        return activations.leaky_relu(inputs, self.negative_slope)


@final
class PReLU(Layer):
    """Damp what is below zero by slopes that are learned.

        outputs = where(inputs < 0, alpha * inputs, inputs)

    Shapes: outputs have the shape of inputs, `[batch, ...]`; `alpha` has the shape of a row, with 1 on shared axes.

    Args:
        alpha_initializer: first slopes.
        alpha_regularizer, alpha_constraint: penalty, and projection after each update.
        shared_axes: axes, counted from 1, along which all places have one slope.

    Raises:
        InvalidArgument: an axis does not exist, or the size of one that is not shared is unknown.

    Example:
        >>> layer = PReLU(alpha_initializer="ones", shared_axes=[1])
        >>> [float(v) for v in layer([[[-2.0, 3.0], [4.0, -5.0]]])[0, 1]]
        [4.0, -5.0]
        >>> layer.alpha.shape
        (1, 2)

    Source: He et al., "Delving deep into rectifiers", 2015.
    """

    def __init__(
        self,
        alpha_initializer: Any = "Zeros",
        alpha_regularizer: Any = None,
        alpha_constraint: Any = None,
        shared_axes: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.alpha_initializer = initializers.get(alpha_initializer)
        self.alpha_regularizer = regularizers.get(alpha_regularizer)
        self.alpha_constraint = constraints.get(alpha_constraint)
        several = shared_axes is None or isinstance(shared_axes, (list, tuple))
        self.shared_axes = shared_axes if shared_axes is None else list(shared_axes) if several else [shared_axes]
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Add `alpha`."""
        shared = set(self.shared_axes or ())
        own = {axis: size for axis, size in enumerate(input_shape) if axis and axis not in shared}
        if not shared <= set(range(1, len(input_shape))) or None in own.values():
            raise InvalidArgument(
                "The slopes of a PReLU cannot be made for this input.",
                code="prelu-axes",
                place=f"layer {self.name!r}",
                expected="shared axes from 1 up to the last axis, and a known size on all others",
                received=f"shared_axes={self.shared_axes}, inputs of shape {tuple(input_shape)}",
                fix="share the axes whose size is not known, or give the input a full shape",
            )
        self.alpha: Variable = self.add_weight(
            name="alpha",
            shape=tuple(own.get(axis, 1) for axis in range(1, len(input_shape))),
            initializer=self.alpha_initializer,
            regularizer=self.alpha_regularizer,
            constraint=self.alpha_constraint,
        )
        self.input_spec = InputSpec(ndim=len(input_shape), axes=own)

    def call(self, inputs: Array) -> Array:
        """Return the inputs, damped below zero."""
        return ops.subtract(ops.relu(inputs), ops.multiply(self.alpha, ops.relu(ops.negative(inputs))))


@final
class ELU(Layer):
    """Let what is below zero run towards `-alpha`.

        outputs = where(inputs < 0, alpha * (exp(inputs) - 1), inputs)

    Shapes: outputs have the shape of inputs.

    Args:
        alpha: minus the limit on the far left.

    Example:
        >>> [round(float(v), 4) for v in ELU()([-1.0, 2.0])]
        [-0.6321, 2.0]

    Source: Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network learning by exponential linear units",
    2016.
    """

    def __init__(self, alpha: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.alpha = alpha
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Array) -> Array:
        """Return the bent inputs."""
        return activations.elu(inputs, self.alpha)


def _not_negative(layer: Layer, name: str, value: Any) -> Any:
    if value is None or value < 0:
        raise InvalidArgument(
            f"{name} of {type(layer).__name__} cannot be negative.",
            code="rectifier-negative",
            place=f"layer {layer.name!r}: {name}",
            expected="0 or more",
            received=repr(value),
        )
    return value
