"""SimpleRNNCell, LSTMCell and GRUCell: one step of the classic recurrent layers."""

from __future__ import annotations

import functools
from typing import Any

import jax.numpy as jnp

from ranvier import activations, ops
from ranvier._typing import Array
from ranvier.kernels import gru, lstm, simple_rnn
from ranvier.kernels.kernel import Kernel
from ranvier.layers.recurrent_cell import Prepared, RecurrentCell

__all__ = ["GRUCell", "LSTMCell", "SimpleRNNCell", "forgetful_bias", "kernel_of", "lstm_step"]


class SimpleRNNCell(RecurrentCell):
    """One step of a SimpleRNN.

        output = activation(inputs @ kernel + bias + state @ recurrent_kernel)

    Shapes: inputs `[batch, features]`, state and output `[batch, units]`.

    Numerics: a dropout outside of [0, 1] is an error; Keras clips it.

    Args:
        units: number of features of the state.
        activation: name or function; None for none.
        use_bias: whether a bias is added.
        kernel_initializer, recurrent_initializer, bias_initializer: first values.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties added to the loss.
        kernel_constraint, recurrent_constraint, bias_constraint: projections after each update.
        dropout, recurrent_dropout: share of inputs and of the state set to 0 while training, the same at all steps.
        seed: makes the draws of this cell its own: an integer or a SeedGenerator.

    Raises:
        InvalidArgument: `units` is not a positive integer, or a dropout is no share.

    Example:
        >>> cell = SimpleRNNCell(1, "linear", kernel_initializer="ones", recurrent_initializer="ones")
        >>> output, states = cell([[2.0]], [jnp.array([[3.0]])])
        >>> float(output[0, 0])
        5.0

    Source: Elman, "Finding structure in time", 1990.
    """

    gates = 1

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        given = locals()
        super().__init__(**kwargs)
        self._keep_units(units)
        self._keep(given)

    def advance(self, ready: Prepared, projected: Any, states: list[Any]) -> tuple[Any, list[Any]]:
        """Return `(output, [output])`."""
        output = self.activate(projected + self.recurrent(ready, states[0]))
        return output, [output]


class LSTMCell(RecurrentCell):
    """One step of an LSTM.

        i, f, g, o = split(inputs @ kernel + h @ recurrent_kernel + bias, 4)
        c = recurrent_activation(f) * c + recurrent_activation(i) * activation(g)
        h = recurrent_activation(o) * activation(c)

    Shapes: inputs `[batch, features]`, states h and c and the output h `[batch, units]`.

    Numerics: a dropout outside of [0, 1] is an error, 1 sets everything to 0; Keras clips it, and ignores 1.

    Args:
        units: number of features of each state.
        activation, recurrent_activation: name or function, of the candidate and of the gates; None for none.
        use_bias: whether a bias is added.
        kernel_initializer, recurrent_initializer, bias_initializer: first values.
        unit_forget_bias: whether the bias of f starts at 1, so that the cell begins by remembering.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties added to the loss.
        kernel_constraint, recurrent_constraint, bias_constraint: projections after each update.
        dropout, recurrent_dropout: share of inputs and of h set to 0 while training, the same at all steps.
        seed: makes the draws of this cell its own: an integer or a SeedGenerator.

    Raises:
        InvalidArgument: `units` is not a positive integer, or a dropout is no share.

    Example:
        >>> cell = LSTMCell(1, None, None, kernel_initializer="ones", unit_forget_bias=False)
        >>> output, (h, c) = cell([[2.0]], [jnp.zeros((1, 1)), jnp.ones((1, 1))])
        >>> float(c[0, 0]), float(output[0, 0])
        (6.0, 12.0)

    Source: Hochreiter and Schmidhuber, "Long short-term memory", 1997; Gers et al., "Learning to forget", 2000.
    """

    gates, state_count = 4, 2

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        given = locals()
        implementation = kwargs.pop("implementation", 2)
        super().__init__(**kwargs)
        self._keep_units(units)
        self._keep(given, implementation)
        self.unit_forget_bias = unit_forget_bias

    def _first_bias(self) -> Any:
        return forgetful_bias(self.bias_initializer) if self.unit_forget_bias else self.bias_initializer

    def advance(self, ready: Prepared, projected: Any, states: list[Any]) -> tuple[Any, list[Any]]:
        """Return `(h, [h, c])`."""
        return lstm_step(self, projected + self.recurrent(ready, states[0]), states[1])


class GRUCell(RecurrentCell):
    """One step of a GRU.

        z = recurrent_activation(inputs @ kernel_z + h @ recurrent_kernel_z + bias_z)
        r = recurrent_activation(inputs @ kernel_r + h @ recurrent_kernel_r + bias_r)
        g = activation(inputs @ kernel_g + r * (h @ recurrent_kernel_g + recurrent_bias_g) + bias_g)
        h = z * h + (1 - z) * g

    With `reset_after=False`: `g = activation(inputs @ kernel_g + (r * h) @ recurrent_kernel_g + bias_g)`.

    Shapes: inputs `[batch, features]`, state and output h `[batch, units]`; with `reset_after` the bias is
    `[2, 3 * units]`, one for the inputs and one for the state.

    Numerics: a dropout outside of [0, 1] is an error, 1 sets everything to 0; Keras clips it, and ignores 1.

    Args:
        units: number of features of the state.
        activation, recurrent_activation: name or function, of the candidate and of the gates; None for none.
        use_bias: whether a bias is added.
        kernel_initializer, recurrent_initializer, bias_initializer: first values.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties added to the loss.
        kernel_constraint, recurrent_constraint, bias_constraint: projections after each update.
        dropout, recurrent_dropout: share of inputs and of h set to 0 while training, the same at all steps.
        reset_after: whether r acts after the state's matrix product (as in cuDNN and PyTorch) or before it.
        seed: makes the draws of this cell its own: an integer or a SeedGenerator.

    Raises:
        InvalidArgument: `units` is not a positive integer, or a dropout is no share.

    Example:
        >>> cell = GRUCell(1, None, None, kernel_initializer="ones", recurrent_initializer="zeros")
        >>> output, _ = cell([[2.0]], [jnp.array([[3.0]])])
        >>> float(output[0, 0])
        4.0

    Source: Cho et al., "Learning phrase representations using RNN encoder-decoder", 2014.
    """

    gates = 3

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        reset_after: bool = True,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        given = locals()
        implementation = kwargs.pop("implementation", 2)
        super().__init__(**kwargs)
        self._keep_units(units)
        self._keep(given, implementation)
        self.reset_after = reset_after

    def _bias_shape(self) -> tuple[int, ...]:
        return (2, 3 * self.units) if self.reset_after else (3 * self.units,)

    def with_bias(self, x: Any, bias: Any) -> Any:
        """Return the inputs' part with its bias added."""
        return x + (bias[0] if self.reset_after else bias)

    def advance(self, ready: Prepared, projected: Any, states: list[Any]) -> tuple[Any, list[Any]]:
        """Return `(h, [h])`."""
        h = states[0]
        x_z, x_r, x_g = ops.split(projected, 3, axis=-1)
        if self.reset_after:
            inner = self.recurrent(ready, h)
            inner = inner if ready.bias is None else inner + ready.bias[1]
            h_z, h_r, h_g = ops.split(inner, 3, axis=-1)
            z, r = self.gate(x_z + h_z), self.gate(x_r + h_r)
            g = self.activate(x_g + r * h_g)
        else:
            z, r, g = self._reset_before(ready, (x_z, x_r, x_g), h)
        h = z * h + (1 - z) * g
        return h, [h]

    def _reset_before(self, ready: Prepared, x: tuple[Any, Any, Any], h: Any) -> tuple[Any, Any, Any]:
        kernel, masks, wide = ready.recurrent_kernel, ready.recurrent_masks, 2 * self.units
        h_z, h_r = ops.split(
            self.weighted(ops.matmul, h, kernel[:, :wide], masks if masks is None else masks[:2]), 2, axis=-1
        )
        z, r = self.gate(x[0] + h_z), self.gate(x[1] + h_r)
        candidate = self.weighted(ops.matmul, r * h, kernel[:, wide:], masks if masks is None else masks[2:])
        return z, r, self.activate(x[2] + candidate)


def lstm_step(cell: RecurrentCell, gates: Any, c: Any) -> tuple[Any, list[Any]]:
    """Return `(h, [h, c])` for the summed gates i, f, g, o of a cell, and its carried state."""
    i, f, g, o = ops.split(gates, 4, axis=cell.channel_axis)
    c = cell.gate(f) * c + cell.gate(i) * cell.activate(g)
    h = cell.gate(o) * cell.activate(c)
    return h, [h, c]


def kernel_of(cell: RecurrentCell) -> Kernel | None:
    """Return the kernel that does what a cell does over a whole sequence; None where there is none."""
    kind, activation = type(cell), cell.activation  # a subclass may do something else
    if kind is SimpleRNNCell and activation is activations.relu:
        return simple_rnn.RELU
    if kind is SimpleRNNCell:
        return simple_rnn.TANH if activation is activations.tanh else None
    if activation is not activations.tanh or getattr(cell, "recurrent_activation", None) is not activations.sigmoid:
        return None
    if kind is GRUCell:
        return gru.KERNEL if getattr(cell, "reset_after", False) else None
    return lstm.KERNEL if kind is LSTMCell else None


def forgetful_bias(others: Any) -> Any:
    """Return an initializer of an LSTM's bias: ones for the gate f, what `others` gives for the rest."""
    return functools.partial(_forgetful_bias, others)


def _forgetful_bias(others: Any, shape: tuple[int, ...], dtype: Any = None) -> Array:
    units = shape[0] // 4
    parts = [others((units,), dtype=dtype), jnp.ones((units,), dtype), others((2 * units,), dtype=dtype)]
    return jnp.concatenate([jnp.asarray(part) for part in parts])
