"""Layers that scale a branch before it is added: parts of ready networks, named in files as in Keras."""

from __future__ import annotations

from typing import Any, ClassVar, final

from ranvier._typing import Array
from ranvier.initializers import Constant
from ranvier.layers.base import Layer

__all__ = ["CustomScaleLayer", "LayerScale"]


@final
class CustomScaleLayer(Layer):
    """Add a branch, made smaller, to the main path.

        outputs = inputs[0] + inputs[1] * scale

    Shapes: both inputs and the outputs have one shape.

    Args:
        scale: the factor.

    Example:
        >>> import jax.numpy as jnp
        >>> float(CustomScaleLayer(0.5)([jnp.ones(1), jnp.ones(1)])[0])
        1.5
    """

    keras_module: ClassVar[str | None] = "keras.src.applications.inception_resnet_v2"

    def __init__(self, scale: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale = scale

    def call(self, inputs: Any) -> Array:
        """Return the sum."""
        outputs: Array = inputs[0] + inputs[1] * self.scale
        return outputs


@final
class LayerScale(Layer):
    """Multiply each channel by a weight of its own that starts small.

        outputs = inputs * gamma

    Shapes: inputs and outputs `[..., channel]`, gamma `[channel]`.

    Args:
        init_values: what gamma starts at.
        projection_dim: number of channels.

    Example:
        >>> import jax.numpy as jnp
        >>> float(LayerScale(0.5, 1)(jnp.ones((1, 1)))[0, 0])
        0.5
    """

    keras_module: ClassVar[str | None] = "keras.src.applications.convnext"

    def __init__(self, init_values: float, projection_dim: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.init_values, self.projection_dim = init_values, projection_dim

    def build(self, input_shape: Any) -> None:
        """Add `gamma`."""
        self.gamma = self.add_weight((self.projection_dim,), Constant(self.init_values), name="gamma")

    def call(self, inputs: Any) -> Array:
        """Return the scaled channels."""
        outputs: Array = inputs * self.gamma
        return outputs
