"""SimpleRNN, LSTM and GRU: the classic recurrent layers."""

from __future__ import annotations

from typing import Any

from ranvier.layers.one_cell import OneCell, of_cell
from ranvier.layers.recurrent_cells import GRUCell, LSTMCell, SimpleRNNCell

__all__ = ["GRU", "LSTM", "SimpleRNN"]


class SimpleRNN(OneCell):
    """A fully connected layer over time, whose output is fed back.

        outputs[t] = activation(sequences[:, t] @ kernel + bias + outputs[t - 1] @ recurrent_kernel)

    Shapes: sequences `[batch, time, features]`; outputs `[batch, units]`, or `[batch, time, units]` with
    `return_sequences`; the state `[batch, units]`. Masks, and what the loop's arguments do: see `RNN`.

    Args:
        units: number of features of the output.
        activation: name or function; None for none.
        use_bias: whether a bias is added.
        kernel_initializer, recurrent_initializer, bias_initializer: first values.
        kernel_regularizer, recurrent_regularizer, bias_regularizer, activity_regularizer: penalties added to the loss.
        kernel_constraint, recurrent_constraint, bias_constraint: projections after each update.
        dropout, recurrent_dropout: share of inputs and of the state set to 0 while training, the same at all steps.
        return_sequences, return_state, go_backwards, stateful, unroll: as in `RNN`.
        seed: makes the draws of this layer its own: an integer or a SeedGenerator.

    Raises:
        InvalidArgument: as `RNN` and `SimpleRNNCell`, or the inputs have another rank.

    Example:
        >>> layer = SimpleRNN(1, "linear", kernel_initializer="ones", recurrent_initializer="ones")
        >>> float(layer([[[1.0], [2.0], [4.0]]])[0, 0])
        7.0

    Source: Elman, "Finding structure in time", 1990.
    """

    cell_type = SimpleRNNCell

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
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        given = locals()
        cell, rest = self._split(given)
        super().__init__(cell, **rest)


class LSTM(OneCell):
    """Long short-term memory: a state that gates keep, forget and show.

        i, f, g, o = split(sequences[:, t] @ kernel + h @ recurrent_kernel + bias, 4)
        c = recurrent_activation(f) * c + recurrent_activation(i) * activation(g)
        outputs[t] = h = recurrent_activation(o) * activation(c)

    Shapes: sequences `[batch, time, features]`; outputs `[batch, units]`, or `[batch, time, units]` with
    `return_sequences`; states h and c `[batch, units]`. Masks, and what the loop's arguments do: see `RNN`.

    Args:
        units: number of features of the output.
        activation, recurrent_activation: name or function, of the candidate and of the gates; None for none.
        use_bias: whether a bias is added.
        kernel_initializer, recurrent_initializer, bias_initializer: first values.
        unit_forget_bias: whether the bias of f starts at 1, so that the layer begins by remembering.
        kernel_regularizer, recurrent_regularizer, bias_regularizer, activity_regularizer: penalties added to the loss.
        kernel_constraint, recurrent_constraint, bias_constraint: projections after each update.
        dropout, recurrent_dropout: share of inputs and of h set to 0 while training, the same at all steps.
        seed: makes the draws of this layer its own: an integer or a SeedGenerator.
        return_sequences, return_state, go_backwards, stateful, unroll: as in `RNN`.
        use_cudnn: accepted; there is one implementation.

    Raises:
        InvalidArgument: as `RNN` and `LSTMCell`, or the inputs have another rank.

    Example:
        >>> layer = LSTM(1, None, None, kernel_initializer="ones", unit_forget_bias=False, return_state=True)
        >>> [float(value[0, 0]) for value in layer([[[2.0]]])]
        [8.0, 8.0, 4.0]

    Source: Hochreiter and Schmidhuber, "Long short-term memory", 1997; Gers et al., "Learning to forget", 2000.
    """

    cell_type = LSTMCell
    unit_forget_bias = of_cell("unit_forget_bias")

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
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: Any = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        use_cudnn: Any = "auto",
        **kwargs: Any,
    ) -> None:
        given = locals()
        cell, rest = self._split(given)
        super().__init__(cell, **rest)
        self._keep_cudnn(use_cudnn)


class GRU(OneCell):
    """Gated recurrent unit: a state that one gate mixes with a candidate, which another gate lets see the state.

        z, r = recurrent_activation(...), recurrent_activation(...)      of sequences[:, t] and h, see `GRUCell`
        g = activation(sequences[:, t] @ kernel_g + r * (h @ recurrent_kernel_g + recurrent_bias_g) + bias_g)
        outputs[t] = h = z * h + (1 - z) * g

    Shapes: sequences `[batch, time, features]`; outputs `[batch, units]`, or `[batch, time, units]` with
    `return_sequences`; the state `[batch, units]`. Masks, and what the loop's arguments do: see `RNN`.

    Args:
        units: number of features of the output.
        activation, recurrent_activation: name or function, of the candidate and of the gates; None for none.
        use_bias: whether a bias is added.
        kernel_initializer, recurrent_initializer, bias_initializer: first values.
        kernel_regularizer, recurrent_regularizer, bias_regularizer, activity_regularizer: penalties added to the loss.
        kernel_constraint, recurrent_constraint, bias_constraint: projections after each update.
        dropout, recurrent_dropout: share of inputs and of h set to 0 while training, the same at all steps.
        seed: makes the draws of this layer its own: an integer or a SeedGenerator.
        return_sequences, return_state, go_backwards, stateful, unroll: as in `RNN`.
        reset_after: whether r acts after the state's matrix product (as in cuDNN and PyTorch) or before it.
        use_cudnn: accepted; there is one implementation.

    Raises:
        InvalidArgument: as `RNN` and `GRUCell`, or the inputs have another rank.

    Example:
        >>> layer = GRU(1, None, None, kernel_initializer="ones")
        >>> float(layer([[[3.0]]])[0, 0])
        -6.0

    Source: Cho et al., "Learning phrase representations using RNN encoder-decoder", 2014.
    """

    cell_type = GRUCell
    reset_after = of_cell("reset_after")

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
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: Any = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        reset_after: bool = True,
        use_cudnn: Any = "auto",
        **kwargs: Any,
    ) -> None:
        given = locals()
        cell, rest = self._split(given)
        super().__init__(cell, **rest)
        self._keep_cudnn(use_cudnn)
