"""RecurrentCell: what the cells of SimpleRNN, LSTM, GRU and ConvLSTM share.

A cell's work on the inputs does not depend on its states, so that a layer does it for all steps of a sequence at once,
outside of its loop: `prepare` reads the weights and draws the dropout masks, `project` multiplies the inputs, and only
`advance` runs step by step.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, NamedTuple

import jax.numpy as jnp
import numpy as np

from ranvier import activations, constraints, initializers, ops, regularizers
from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.layers.activation import activated
from ranvier.layers.base import Layer
from ranvier.layers.configured import positive_integer
from ranvier.layers.dense import known_features
from ranvier.layers.dropout import keep_mask, share
from ranvier.random import SeedGenerator
from ranvier.random.seeds import generator_or_number, key_of
from ranvier.state import scope
from ranvier.state.variable import Variable, as_array

__all__ = ["Prepared", "RecurrentCell"]


class Prepared(NamedTuple):
    """What stays the same for all steps of a call.

    Attributes:
        kernel, recurrent_kernel, bias: the weights in the compute dtype; `bias` may be None.
        input_masks, recurrent_masks: dropout masks `[1 or gates, batch, ...]`, already scaled; None without dropout.
    """

    kernel: Any
    recurrent_kernel: Any
    bias: Any
    input_masks: Any
    recurrent_masks: Any


class RecurrentCell(Layer):
    """One step of a recurrent layer: from a step's features and the states to an output and the next states."""

    gates: ClassVar[int]
    """How many matrices stand side by side in `kernel`."""
    state_count: ClassVar[int] = 1
    """How many states there are; the first one is the output."""
    channel_axis = -1
    """The axis of the features, counted such that it fits one step and a whole sequence."""
    kernel: Variable
    recurrent_kernel: Variable
    bias: Variable | None
    units: int
    activation: Any
    recurrent_activation: Any
    use_bias: bool
    kernel_initializer: Any
    recurrent_initializer: Any
    bias_initializer: Any
    kernel_regularizer: Any
    recurrent_regularizer: Any
    bias_regularizer: Any
    kernel_constraint: Any
    recurrent_constraint: Any
    bias_constraint: Any
    dropout: float
    recurrent_dropout: float
    seed: Any
    implementation: int = 2

    def _keep(self, given: Mapping[str, Any], implementation: int = 2) -> None:
        """Store the arguments that all cells have, out of those that the constructor was called with."""
        for name in ("activation", "recurrent_activation"):
            if name in given:
                setattr(self, name, activations.get(given[name]))
        self.use_bias = given["use_bias"]
        for role in ("kernel", "recurrent", "bias"):
            setattr(self, f"{role}_initializer", initializers.get(given[f"{role}_initializer"]))
            setattr(self, f"{role}_regularizer", regularizers.get(given[f"{role}_regularizer"]))
            setattr(self, f"{role}_constraint", constraints.get(given[f"{role}_constraint"]))
        self.dropout = share(self, "dropout", given["dropout"])
        self.recurrent_dropout = share(self, "recurrent_dropout", given["recurrent_dropout"])
        self.seed = generator_or_number(given["seed"])
        self.generator = self.seed if isinstance(self.seed, SeedGenerator) else SeedGenerator(self.seed)
        # With dropout between the steps each gate has a mask of its own, as Keras has it.
        self.implementation = 1 if self.recurrent_dropout else implementation

    def _keep_units(self, units: Any) -> None:
        self.units = positive_integer(self, "units", units)

    @property
    def state_size(self) -> Any:
        """The number of features of the state, or of each state in a list."""
        return self.units if self.state_count == 1 else [self.units] * self.state_count

    @property
    def output_size(self) -> int:
        """The number of features of the output."""
        return self.units

    def get_initial_state(self, batch_size: int | None = None) -> list[Array]:
        """Return zeros `[batch_size, units]` for each state."""
        return [jnp.zeros((batch_size or 0, self.units), self.compute_dtype) for _ in range(self.state_count)]

    def build(self, input_shape: Any) -> None:
        """Add `kernel`, `recurrent_kernel` and `bias`."""
        for role, shape in self._weight_shapes(input_shape).items():
            weight = self.add_weight(
                name="bias" if role == "bias" else "kernel" if role == "kernel" else "recurrent_kernel",
                shape=shape,
                initializer=self._first_bias() if role == "bias" else getattr(self, f"{role}_initializer"),
                regularizer=getattr(self, f"{role}_regularizer"),
                constraint=getattr(self, f"{role}_constraint"),
            )
            setattr(self, weight.name, weight)
        if not self.use_bias:
            self.bias = None

    def _weight_shapes(self, input_shape: Any) -> dict[str, tuple[int, ...]]:
        wide = self.gates * self.units
        shapes: dict[str, tuple[int, ...]] = {
            "kernel": (known_features(self, input_shape), wide),
            "recurrent": (self.units, wide),
        }
        return {**shapes, "bias": self._bias_shape()} if self.use_bias else shapes

    def _bias_shape(self) -> tuple[int, ...]:
        return (self.gates * self.units,)

    def _first_bias(self) -> Any:
        return self.bias_initializer

    # --- one call ----------------------------------------------------------------------------------------------------

    def call(self, inputs: Array, states: Any, training: bool = False) -> tuple[Array, Any]:
        """Return `(output, new states)` of one step; `states` is a list, or the state itself where there is one."""
        nested = isinstance(states, (list, tuple))
        held = list(states) if nested else [states]
        if len(held) != self.state_count:
            raise InvalidArgument(
                "A cell was called with another number of states than it has.",
                code="state-count",
                place=f"layer {self.name!r}: states",
                expected=f"{self.state_count} of shape {tuple(state.shape for state in self.get_initial_state())}",
                received=len(held),
            )
        ready = self.prepare(inputs.shape, held[0].shape, training)
        output, new = self.advance(ready, self.project(ready, inputs), held)
        return output, new if nested else new[0]

    def prepare(self, input_shape: tuple[int, ...], state_shape: tuple[int, ...], training: bool) -> Prepared:
        """Return weights and dropout masks for inputs and states of one step."""
        return Prepared(
            kernel=as_array(self.kernel),
            recurrent_kernel=as_array(self.recurrent_kernel),
            bias=None if self.bias is None else as_array(self.bias),
            input_masks=self._masks(self.dropout, input_shape, training),
            recurrent_masks=self._masks(self.recurrent_dropout, state_shape, training),
        )

    def _masks(self, rate: float, shape: tuple[int, ...], training: bool) -> Any:
        if not training or not rate:
            return None
        shape = (self.gates if self.implementation == 1 else 1, *shape)
        if rate == 1:
            return jnp.zeros(shape, self.compute_dtype)
        scale = np.asarray(1 / (1 - rate), self.compute_dtype)
        return jnp.where(keep_mask(key_of(self.generator), 1 - rate, shape), scale, np.zeros_like(scale))

    def project(self, ready: Prepared, inputs: Array) -> Any:
        """Return what the inputs, of one step or of all, add to the gates."""
        projected = self.weighted(self.input_product, inputs, ready.kernel, ready.input_masks)
        return projected if ready.bias is None else self.with_bias(projected, ready.bias)

    def advance(self, ready: Prepared, projected: Any, states: list[Any]) -> tuple[Any, list[Any]]:
        """Return `(output, new states)` of one step from the projected inputs; every cell has its own."""
        raise NotImplementedError

    def recurrent(self, ready: Prepared, state: Any) -> Any:
        """Return what a state adds to the gates."""
        return self.weighted(self.recurrent_product, state, ready.recurrent_kernel, ready.recurrent_masks)

    def weighted(self, product: Any, x: Any, kernel: Any, masks: Any) -> Any:
        """Return `product(x, kernel)`, with one mask on `x` for all gates or one for each."""
        if masks is None:
            return product(x, kernel)
        if len(masks) == 1:
            return product(x * masks[0], kernel)
        parts = ops.split(kernel, len(masks), axis=-1)
        return ops.concatenate(
            [product(x * mask, part) for mask, part in zip(masks, parts, strict=True)], self.channel_axis
        )

    def input_product(self, x: Any, kernel: Any) -> Any:
        """Return the inputs times a kernel."""
        return ops.matmul(x, kernel)

    def recurrent_product(self, x: Any, kernel: Any) -> Any:
        """Return a state times a kernel."""
        return ops.matmul(x, kernel)

    def with_bias(self, x: Any, bias: Any) -> Any:
        """Return gates with the bias added."""
        return x + bias

    def activate(self, x: Any) -> Any:
        """Return the activated candidate."""
        return activated(self.activation, x, self.name)

    def gate(self, x: Any) -> Any:
        """Return an activated gate."""
        return activated(self.recurrent_activation, x, self.name)

    @contextlib.contextmanager
    def computing(self) -> Iterator[None]:
        """Read weights in this cell's compute dtype inside the `with` block, as in a call of the cell."""
        running = scope.active()
        assert running is not None  # a layer's call runs inside a pass
        running.compute_dtypes.append(self.compute_dtype if self.autocast else None)
        try:
            yield
        finally:
            running.compute_dtypes.pop()
