"""ConvLSTMCell: one step of an LSTM whose matrix products are convolutions."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp

from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.layers.configured import positive_integer
from ranvier.layers.data_format import known_data_format
from ranvier.layers.input_spec import InputSpec
from ranvier.layers.recurrent_cell import Prepared, RecurrentCell
from ranvier.layers.recurrent_cells import forgetful_bias, lstm_step
from ranvier.ops.convolution import conv
from ranvier.ops.sliding import integers, known_padding, steps, too_large

__all__ = ["ConvLSTMCell"]


class ConvLSTMCell(RecurrentCell):
    """One step of a ConvLSTM.

        i, f, g, o = split(conv(inputs, kernel) + conv(h, recurrent_kernel) + bias, 4)
        c = recurrent_activation(f) * c + recurrent_activation(i) * activation(g)
        h = recurrent_activation(o) * activation(c)

    Shapes: inputs `[batch, *space, channels]`, states h and c and the output h `[batch, *places, filters]`; with
    `channels_first` the channels stand before the space.

    Args:
        rank: number of spatial axes.
        others: those of `ConvLSTM2D` that are not about the loop.

    Raises:
        InvalidArgument: an argument that cannot be, or inputs of unknown size.
    """

    gates, state_count = 4, 2

    def __init__(
        self,
        rank: int,
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
        self.rank, self.unit_forget_bias = rank, unit_forget_bias
        self.filters = self.units = positive_integer(self, "filters", filters)
        self._keep_window(given)
        # Each gate has dropout masks of its own, as in Keras.
        self._keep(given, implementation=1)

    def _keep_window(self, given: dict[str, Any]) -> None:
        place = f"layer {self.name!r}"
        self.kernel_size = integers(place, "kernel_size", given["kernel_size"], self.rank)
        self.strides = integers(place, "strides", given["strides"], self.rank)
        self.dilation_rate = integers(place, "dilation_rate", given["dilation_rate"], self.rank)
        self.padding = known_padding(place, given["padding"])
        self.data_format = known_data_format(self, given["data_format"])
        self.channel_axis = -1 if self.data_format == "channels_last" else -1 - self.rank
        self.input_spec = InputSpec(ndim=self.rank + 2)
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise InvalidArgument(
                "A window cannot have both strides and dilation_rate above 1.",
                code="window-gaps",
                place=place,
                expected="strides=1 or dilation_rate=1",
                received=f"strides={self.strides}, dilation_rate={self.dilation_rate}",
            )

    def build(self, input_shape: Any) -> None:
        """Add the weights, and note how many places the window has."""
        self.places = self._places(input_shape)
        super().build(input_shape)

    def _places(self, input_shape: Any) -> tuple[int, ...]:
        space = input_shape[1:-1] if self.channel_axis == -1 else input_shape[2:]
        if len(input_shape) != self.rank + 2 or None in input_shape[1:]:
            raise InvalidArgument(
                f"Layer {self.name!r} carries pictures from step to step, whose size it must know.",
                code="unknown-space",
                place=f"layer {self.name!r}",
                expected=f"steps of {self.rank} known spatial sizes and known channels",
                received=input_shape,
                fix="give the Input a full shape",
            )
        window = (self.kernel_size, self.strides, self.dilation_rate)
        found = tuple(steps(*one, self.padding) for one in zip(space, *window, strict=True))
        if min(found) < 1:
            raise too_large(f"layer {self.name!r}", tuple(space), self.kernel_size, self.dilation_rate)
        return found

    def _weight_shapes(self, input_shape: Any) -> dict[str, tuple[int, ...]]:
        channels, wide = input_shape[self.channel_axis], self.gates * self.units
        shapes = {"kernel": (*self.kernel_size, channels, wide), "recurrent": (*self.kernel_size, self.units, wide)}
        return {**shapes, "bias": self._bias_shape()} if self.use_bias else shapes

    def _first_bias(self) -> Any:
        return forgetful_bias(self.bias_initializer) if self.unit_forget_bias else self.bias_initializer

    def get_initial_state(self, batch_size: int | None = None) -> list[Array]:
        """Return zeros `[batch_size, *places, filters]` for each state."""
        row = (*self.places, self.filters) if self.channel_axis == -1 else (self.filters, *self.places)
        return [jnp.zeros((batch_size or 0, *row), self.compute_dtype) for _ in range(self.state_count)]

    def input_product(self, x: Any, kernel: Any) -> Any:
        """Return the convolved inputs, of one step or of all."""
        lead, row = x.shape[: -1 - self.rank], x.shape[-1 - self.rank :]
        flat = jnp.reshape(x, (math.prod(lead), *row))
        y = conv(flat, kernel, self.strides, self.padding, self.data_format, self.dilation_rate)
        return jnp.reshape(y, (*lead, *y.shape[1:]))

    def recurrent_product(self, x: Any, kernel: Any) -> Any:
        """Return the convolved state, of the same size."""
        return conv(x, kernel, 1, "same", self.data_format)

    def with_bias(self, x: Any, bias: Any) -> Any:
        """Return gates with the bias of each channel added."""
        return x + (bias if self.channel_axis == -1 else jnp.reshape(bias, (-1, *[1] * self.rank)))

    def advance(self, ready: Prepared, projected: Any, states: list[Any]) -> tuple[Any, list[Any]]:
        """Return `(h, [h, c])`."""
        return lstm_step(self, projected + self.recurrent(ready, states[0]), states[1])
