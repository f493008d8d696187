"""Dense: the layer in which every unit looks at every feature."""

from __future__ import annotations

from typing import Any, final

from ranvier import activations, constraints, initializers, ops, regularizers
from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.kernels.dense import dense
from ranvier.layers.activation import activated
from ranvier.layers.base import Layer
from ranvier.layers.configured import positive_integer, refuse_options
from ranvier.layers.input_spec import InputSpec
from ranvier.layers.lora import Adaptable
from ranvier.ops.core import operand
from ranvier.state.variable import Variable

__all__ = ["Dense"]


@final
class Dense(Adaptable):
    """Every unit is an activated, weighted sum of all features.

        outputs = activation(inputs @ kernel + bias)

    Shapes: inputs `[batch, ..., features]`, outputs `[batch, ..., units]`, kernel `[features, units]`, bias `[units]`.

    Args:
        units: number of units.
        activation: name or function; None for none.
        use_bias: whether a bias is added.
        kernel_initializer, bias_initializer: first values.
        kernel_regularizer, bias_regularizer, activity_regularizer: penalties added to the loss.
        kernel_constraint, bias_constraint: projections after each update.
        lora_rank, lora_alpha: freeze `kernel` and train an addition of this rank instead, see `enable_lora`.
        quantization_config: Keras's; only None works, there are no quantized layers.

    Raises:
        InvalidArgument: `units` is not a positive integer.

    Numerics: `lora_alpha` of the constructor counts; Keras takes `lora_rank` for it.

    Example:
        >>> layer = Dense(1, kernel_initializer="ones")
        >>> float(layer([[1.0, 2.0]])[0, 0])
        3.0
    """

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        quantization_config: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        refuse_options(self, quantization_config=quantization_config)
        self._keep_lora(lora_rank, lora_alpha)
        self.units = positive_integer(self, "units", units)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.input_spec = InputSpec(min_ndim=2)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Add `kernel` and `bias`."""
        features = known_features(self, input_shape)
        self._kernel: Variable = self.add_weight(
            name="kernel",
            shape=(features, self.units),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.bias: Variable | None = None
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias",
                shape=(self.units,),
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )
        self.input_spec = InputSpec(min_ndim=2, axes={-1: features})
        self._enable_asked_lora()

    @property
    def kernel(self) -> Any:
        """The weights `[features, units]`: the variable, or, with LoRA, the adapted values."""
        return self._adapted()

    @kernel.setter
    def kernel(self, value: Any) -> None:
        self._kernel = value

    def call(self, inputs: Array, training: bool | None = None) -> Any:
        """Return the activated sums."""
        return densely(inputs, self.kernel, self.bias, self.activation, self.name)


def densely(inputs: Any, kernel: Any, bias: Any, activation: Any, layer: str) -> Any:
    """Return `activation(inputs @ kernel + bias)`, the activation in the same call where the kernel knows it.

    Args:
        inputs: `[..., features]`.
        kernel: `[features, units]`, a variable or an array.
        bias: `[units]`, or None.
        activation: a function, or None.
        layer: the name for errors.
    """
    x, w, b = operand(inputs), operand(kernel), None if bias is None else operand(bias)
    if x.ndim < 2 or not all(one is None or (one.dtype == x.dtype and one.dtype.kind == "f") for one in (w, b)):
        outputs = ops.matmul(x, w)
        return activated(activation, outputs if b is None else ops.add(outputs, b), layer)
    fused = next((name for function, name in _FUSED if function is activation), None)
    outputs = dense(x, w, b, fused or "linear")
    return outputs if fused else activated(activation, outputs, layer)


_FUSED = (
    (None, "linear"),
    (activations.linear, "linear"),
    (activations.relu, "relu"),
    (activations.gelu, "gelu"),
    (activations.silu, "silu"),
)
"""The activations that the kernel computes along with the product."""


def known_features(layer: Layer, input_shape: Any) -> int:
    """Return the size of the last axis, which a layer must know before it can make its weights."""
    if not input_shape or input_shape[-1] is None:
        raise InvalidArgument(
            f"Layer {layer.name!r} cannot make its weights: the last axis of its input has no known size.",
            code="unknown-features",
            place=f"layer {layer.name!r}",
            expected="a shape whose last axis is known, such as (None, 64)",
            received=input_shape,
            fix="give the input a full shape, or put Flatten or Reshape with known sizes before this layer",
        )
    return int(input_shape[-1])
