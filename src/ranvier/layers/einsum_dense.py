"""EinsumDense: a Dense layer whose product is written in Einstein's notation."""

from __future__ import annotations

import math
import re
from typing import Any, NamedTuple, final

from ranvier import activations, constraints, initializers, ops, regularizers
from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.layers.activation import activated
from ranvier.layers.configured import refuse_options
from ranvier.layers.dense import densely
from ranvier.layers.input_spec import InputSpec
from ranvier.layers.lora import Adaptable
from ranvier.ops.core import operand
from ranvier.state.variable import Variable

__all__ = ["EinsumDense"]

_EQUATION = re.compile(r"(\.\.\.)?([a-zA-Z]+)(\.\.\.)?,([a-zA-Z]+)->(\.\.\.)?([a-zA-Z]+)(\.\.\.)?")


@final
class EinsumDense(Adaptable):
    """Weigh and add inputs along the axes that an equation names.

        outputs = activation(einsum(equation, inputs, kernel) + bias)

    Shapes: the letters of `equation` name the axes: `"abc,cd->abd"` takes inputs `[a, b, c]` and a kernel `[c, d]` to
    outputs `[a, b, d]`. `...` on one side stands for any further axes, on both inputs and outputs.

    Args:
        equation: `"inputs,kernel->outputs"`.
        output_shape: sizes of the outputs' lettered axes without the batch, None where the inputs tell.
        activation: name or function; None for none.
        bias_axes: letters of the output axes along which a bias is added; None for no bias.
        kernel_initializer, bias_initializer: first values; fans are read off the equation.
        kernel_regularizer, bias_regularizer: penalties added to the loss.
        kernel_constraint, bias_constraint: projections after each update.
        lora_rank, lora_alpha: freeze `kernel` and train an addition of this rank instead, see `enable_lora`.
        gptq_unpacked_column_size, quantization_config: Keras's; only None works, there are no quantized layers.

    Raises:
        InvalidArgument: the equation does not have that form, or does not fit the shapes.

    Example:
        >>> layer = EinsumDense("ab,bc->ac", output_shape=1, kernel_initializer="ones")
        >>> float(layer([[1.0, 2.0]])[0, 0])
        3.0
    """

    writes_activity_regularizer = True

    def __init__(
        self,
        equation: str,
        output_shape: Any,
        activation: Any = None,
        bias_axes: str | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        gptq_unpacked_column_size: int | None = None,
        quantization_config: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        refuse_options(
            self, gptq_unpacked_column_size=gptq_unpacked_column_size, quantization_config=quantization_config
        )
        self._keep_lora(lora_rank, lora_alpha)
        self.equation = equation
        given = output_shape if isinstance(output_shape, (list, tuple)) else (output_shape,)
        self.partial_output_shape = tuple(None if size is None else int(size) for size in given)
        self.bias_axes = bias_axes
        self.activation = activations.get(activation)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)

    def constructor_arguments(self) -> dict[str, Any]:
        """Return the arguments."""
        return {**super().constructor_arguments(), "output_shape": self.partial_output_shape}

    def build(self, input_shape: Any) -> None:
        """Add `kernel` and `bias` with the shapes that the equation gives them."""
        plan = _planned(self, tuple(input_shape))
        self._kernel: Variable = self.add_weight(
            name="kernel",
            shape=plan.kernel,
            initializer=_with_axes(self.kernel_initializer, plan.input_axes, plan.output_axes),
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.bias: Variable | None = None
        if plan.bias is not None:
            self.bias = self.add_weight(
                name="bias",
                shape=plan.bias,
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )
        self.input_spec = InputSpec(ndim=len(input_shape))
        self._enable_asked_lora()

    @property
    def kernel(self) -> Any:
        """The weights: the variable, or, with LoRA, the adapted values."""
        return self._adapted()

    def call(self, inputs: Array, training: bool | None = None) -> Any:
        """Return the activated sums."""
        kernel, bias = operand(self.kernel), None if self.bias is None else operand(self.bias)
        joined = _as_matrix(self, inputs, kernel, bias)
        if joined:
            # Contracted axes stand last in the inputs and first in the kernel: a Dense layer over all of them at once.
            features, units = math.prod(kernel.shape[:joined]), kernel.shape[joined:]
            rows = inputs.reshape(*inputs.shape[: inputs.ndim - joined], features)
            flat = None if bias is None else bias.reshape(-1)
            outputs = densely(rows, kernel.reshape(features, -1), flat, self.activation, self.name)
            return outputs.reshape(*rows.shape[:-1], *units)
        outputs = ops.einsum(self.equation, inputs, kernel)
        return activated(self.activation, outputs if bias is None else ops.add(outputs, bias), self.name)


def _as_matrix(layer: EinsumDense, inputs: Array, kernel: Array, bias: Any) -> int:
    """Return how many axes the equation sums over if it is a plain product of matrices, else 0."""
    left, weights, outputs, _, behind = _letters(layer)
    count = sum(letter not in outputs for letter in weights)
    apart = len(set(left)) == len(left) and len(set(weights)) == len(weights)
    plain = left.endswith(weights[:count]) and outputs == left[: len(left) - count] + weights[count:]
    # A bias along some axes only, and an activation along an axis, must see the axes as they are.
    whole = bias is None or bias.shape == kernel.shape[count:]
    known = layer.activation in (activations.linear, activations.relu, activations.gelu, activations.silu)
    fits = apart and plain and whole and known and not behind
    return count if fits and 0 < count < min(len(weights), inputs.ndim) else 0


class _Plan(NamedTuple):
    """What an equation says about a layer's weights; axes are those of the kernel."""

    kernel: tuple[int, ...]
    bias: tuple[int, ...] | None
    input_axes: tuple[int, ...]
    output_axes: tuple[int, ...]


def _planned(layer: EinsumDense, input_shape: tuple[int | None, ...]) -> _Plan:
    """Return the weights' shapes for inputs of a shape."""
    inputs, kernel, outputs, left, right = _letters(layer)
    hidden = len(input_shape) - len(inputs)
    first_given = 1 if not left or hidden == 0 else 0
    if hidden < 0 or (hidden and not (left or right)) or len(layer.partial_output_shape) + first_given != len(outputs):
        raise _unfit(
            layer,
            expected=f"inputs with {len(inputs)}{' or more' * (left or right)} axes, and an output_shape that gives "
            f"the sizes of the letters {outputs!r}, the batch left out",
            received=f"inputs {input_shape}, output_shape {layer.partial_output_shape}",
        )
    before = hidden if left else 0
    known = dict(zip(inputs, input_shape[before : before + len(inputs)], strict=True))
    wanted = dict(zip(outputs, (*input_shape[:first_given], *layer.partial_output_shape), strict=True))
    for letter in set(inputs) & set(outputs):
        if wanted[letter] not in (None, known[letter]):
            raise _unfit(layer, expected=f"size {known[letter]} of the axis {letter!r}", received=wanted[letter])
    sizes = {**known, **{letter: size for letter, size in wanted.items() if letter not in inputs}}
    return _Plan(
        tuple(_size(layer, letter, sizes) for letter in kernel),
        _bias_shape(layer, outputs, sizes, hidden if right else 0),
        tuple(axis for axis, letter in enumerate(kernel) if letter not in outputs),
        tuple(axis for axis, letter in enumerate(kernel) if letter in outputs),
    )


def _letters(layer: EinsumDense) -> tuple[str, str, str, bool, bool]:
    """Return the letters of inputs, kernel and outputs, and on which side the dots stand."""
    found = _EQUATION.fullmatch(layer.equation)
    left, right = (False, False) if found is None else (bool(found[1]), bool(found[3]))
    if found is None or (left and right) or (left, right) != (bool(found[5]), bool(found[7])):
        raise _unfit(
            layer,
            expected='"ab,bc->ac", "...b,bc->...c" or "ab...,bc->ac..."',
            received=repr(layer.equation),
        )
    inputs, kernel, outputs = found[2], found[4], found[6]
    for letters, where, place in ((kernel, inputs + outputs, "kernel"), (outputs, inputs + kernel, "outputs")):
        lonely = sorted(set(letters) - set(where))
        if lonely:
            raise _unfit(layer, expected=f"letters of the {place} that stand elsewhere too", received=", ".join(lonely))
    return inputs, kernel, outputs, left, right


def _bias_shape(layer: EinsumDense, outputs: str, sizes: dict[str, int | None], behind: int) -> tuple[int, ...] | None:
    """Return sizes from the first biased axis on; 1 along axes without a bias, hidden ones included."""
    axes = layer.bias_axes
    if axes is None:
        return None
    if not axes or set(axes) - set(outputs):
        raise _unfit(layer, expected=f"bias_axes out of the output's letters {outputs!r}", received=repr(axes))
    from_first = outputs[min(outputs.index(letter) for letter in axes) :]
    return (*(_size(layer, letter, sizes) if letter in axes else 1 for letter in from_first), *(1,) * behind)


def _size(layer: EinsumDense, letter: str, sizes: dict[str, int | None]) -> int:
    size = sizes[letter]
    if size is None:
        raise _unfit(
            layer,
            expected=f"a known size of the axis {letter!r}, along which weights lie",
            received="None in the shape of the inputs or in output_shape",
        )
    return size


def _with_axes(initializer: Any, input_axes: tuple[int, ...], output_axes: tuple[int, ...]) -> Any:
    """Return the initializer, told which axes count as its fans where it asks and does not know."""
    if not isinstance(initializer, initializers.VarianceScaling) or None not in (
        initializer.input_axes,
        initializer.output_axes,
    ):
        return initializer
    axes = {"input_axes": list(input_axes), "output_axes": list(output_axes), "seed": initializer.seed}
    return type(initializer).from_config({**initializer.get_config(), **axes})


def _unfit(layer: EinsumDense, expected: str, received: Any) -> InvalidArgument:
    return InvalidArgument(
        f"The equation {layer.equation!r} cannot be computed.",
        code="einsum-equation",
        place=f"layer {layer.name!r}",
        expected=expected,
        received=received,
        fix="correct the equation, output_shape or bias_axes",
    )
