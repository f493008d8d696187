"""ConvLSTM1D, ConvLSTM2D and ConvLSTM3D: LSTMs over sequences of signals, pictures and volumes."""

from __future__ import annotations

from typing import Any, ClassVar

from ranvier.layers.conv_lstm_cell import ConvLSTMCell
from ranvier.layers.one_cell import OneCell, of_cell

__all__ = ["ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"]


class _ConvLSTM(OneCell):
    """What all ranks share."""

    rank: ClassVar[int]
    cell_type = ConvLSTMCell
    filters = of_cell("filters")
    kernel_size = of_cell("kernel_size")
    strides = of_cell("strides")
    padding = of_cell("padding")
    data_format = of_cell("data_format")
    dilation_rate = of_cell("dilation_rate")
    unit_forget_bias = of_cell("unit_forget_bias")

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
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
        **kwargs: Any,
    ) -> None:
        given = locals()
        cell, rest = self._split(given)
        super().__init__(cell, **rest)

    def _made_cell(self, arguments: dict[str, Any]) -> ConvLSTMCell:
        return ConvLSTMCell(self.rank, **arguments)


class ConvLSTM1D(_ConvLSTM):
    """An LSTM over a sequence of signals, whose matrix products are convolutions.

        i, f, g, o = split(conv(sequences[:, t], kernel) + conv(h, recurrent_kernel) + bias, 4)
        c = recurrent_activation(f) * c + recurrent_activation(i) * activation(g)
        outputs[t] = h = recurrent_activation(o) * activation(c)

    Shapes: sequences `[batch, time, length, channels]`; outputs `[batch, length, filters]`, with
    `return_sequences` one for each step; with `channels_first` the channels stand before the space. Masks, and what
    the loop's arguments do: see `RNN`.

    Args:
        filters: number of channels of the output.
        kernel_size, strides, padding, dilation_rate: the window on the inputs; on h it has stride 1 and keeps the size.
        data_format: `"channels_last"` or `"channels_first"`.
        others: as in `LSTM`.

    Raises:
        InvalidArgument: an argument that cannot be, inputs of another rank, or of unknown size.

    Example:
        >>> import numpy as np
        >>> ConvLSTM1D(4, 3, padding="same")(np.zeros((2, 3, 4, 1))).shape
        (2, 4, 4)

    Source: Shi et al., "Convolutional LSTM network", 2015.
    """

    rank, row_axes = 1, 3


class ConvLSTM2D(_ConvLSTM):
    """An LSTM over a sequence of pictures, whose matrix products are convolutions.

        i, f, g, o = split(conv(sequences[:, t], kernel) + conv(h, recurrent_kernel) + bias, 4)
        c = recurrent_activation(f) * c + recurrent_activation(i) * activation(g)
        outputs[t] = h = recurrent_activation(o) * activation(c)

    Shapes: sequences `[batch, time, rows, columns, channels]`; outputs `[batch, rows, columns, filters]`,
    with `return_sequences` one for each step; with `channels_first` the channels stand before the space. Masks, and
    what the loop's arguments do: see `RNN`.

    Args:
        filters: number of channels of the output.
        kernel_size, strides, padding, dilation_rate: the window on the inputs; on h it has stride 1 and keeps the size.
        data_format: `"channels_last"` or `"channels_first"`.
        others: as in `LSTM`.

    Raises:
        InvalidArgument: an argument that cannot be, inputs of another rank, or of unknown size.

    Example:
        >>> import numpy as np
        >>> ConvLSTM2D(4, 3, padding="same")(np.zeros((2, 3, 4, 4, 1))).shape
        (2, 4, 4, 4)

    Source: Shi et al., "Convolutional LSTM network", 2015.
    """

    rank, row_axes = 2, 4


class ConvLSTM3D(_ConvLSTM):
    """An LSTM over a sequence of volumes, whose matrix products are convolutions.

        i, f, g, o = split(conv(sequences[:, t], kernel) + conv(h, recurrent_kernel) + bias, 4)
        c = recurrent_activation(f) * c + recurrent_activation(i) * activation(g)
        outputs[t] = h = recurrent_activation(o) * activation(c)

    Shapes: sequences `[batch, time, depth, rows, columns, channels]`; outputs `[batch, depth, rows, columns, filters]`,
    with `return_sequences` one for each step; with `channels_first` the channels stand before the space. Masks, and
    what the loop's arguments do: see `RNN`.

    Args:
        filters: number of channels of the output.
        kernel_size, strides, padding, dilation_rate: the window on the inputs; on h it has stride 1 and keeps the size.
        data_format: `"channels_last"` or `"channels_first"`.
        others: as in `LSTM`.

    Raises:
        InvalidArgument: an argument that cannot be, inputs of another rank, or of unknown size.

    Example:
        >>> import numpy as np
        >>> ConvLSTM3D(4, 3, padding="same")(np.zeros((2, 3, 2, 4, 4, 1))).shape
        (2, 2, 4, 4, 4)

    Source: Shi et al., "Convolutional LSTM network", 2015.
    """

    rank, row_axes = 3, 5
