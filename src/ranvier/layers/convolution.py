"""Convolutions: weighted sums of what lies under a window that slides along one, two or three axes."""

from __future__ import annotations

from typing import Any, final

from ranvier import ops
from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.layers.configured import positive_integer
from ranvier.layers.convolving import Convolving
from ranvier.layers.lora import Adaptable
from ranvier.ops.convolution import activated_conv
from ranvier.state.variable import Variable

__all__ = ["Conv1D", "Conv2D", "Conv3D", "Convolution1D", "Convolution2D", "Convolution3D"]


class _Convolution(Convolving, Adaptable):
    """The body of all ranks."""

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        groups: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        # Keras takes LoRA's arguments too, but does not show them.
        lora = kwargs.pop("lora_rank", None), kwargs.pop("lora_alpha", None)
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self._keep_lora(*lora)
        self._keep_window(kernel_size, strides, padding, data_format, dilation_rate)
        self._keep_outputs(activation, use_bias)
        self._keep_weights(kernel_initializer=kernel_initializer, bias_initializer=bias_initializer)
        self._keep_weights(kernel_regularizer=kernel_regularizer, bias_regularizer=bias_regularizer)
        self._keep_weights(kernel_constraint=kernel_constraint, bias_constraint=bias_constraint)
        self._refuse_gaps()
        self.filters = positive_integer(self, "filters", filters)
        self.groups = positive_integer(self, "groups", groups)
        self._refuse_uneven("filters", self.filters)

    def constructor_arguments(self) -> dict[str, Any]:
        """Return the arguments; those of LoRA only where it is used."""
        lora = {"lora_rank": self.lora_rank, "lora_alpha": self.lora_alpha} if self.lora_rank else {}
        return super().constructor_arguments() | lora

    def build(self, input_shape: Any) -> None:
        """Add `kernel` and `bias`."""
        channels = self._known_channels(input_shape)
        self._refuse_uneven("channels", channels)
        self._refuse_larger_window(input_shape)
        shape = (*self.kernel_size, channels // self.groups, self.filters)
        self._kernel: Variable = self._weight("kernel", shape, "kernel")
        self._add_bias(self.filters)
        self._enable_asked_lora()

    @property
    def kernel(self) -> Any:
        """The weights `[*tap, channel / groups, filter]`: the variable, or, with LoRA, the adapted values."""
        return self._adapted()

    @kernel.setter
    def kernel(self, value: Any) -> None:
        self._kernel = value

    def call(self, inputs: Array) -> Any:
        """Return the activated sums."""
        window = self._window()
        if self.padding == "causal":
            before = self.dilation_rate[0] * (self.kernel_size[0] - 1)
            inputs = ops.pad(inputs, self._across([(before, 0)], (0, 0)))
            window["padding"] = "valid"
        return self._in_one(activated_conv, inputs, self.kernel, **window)

    def _refuse_uneven(self, what: str, number: int) -> None:
        if number % self.groups:
            raise InvalidArgument(
                f"The {what} cannot be split into {self.groups} equal groups.",
                code="conv-groups",
                place=self._where(),
                expected=f"a number of {what} that groups={self.groups} divides",
                received=number,
                fix="change groups, filters, or the channels of the inputs (check data_format)",
            )


@final
class Conv1D(_Convolution):
    """Weigh and add what lies under a window that slides along a sequence.

        outputs[n, t, f] = activation(sum_{j, c} inputs[n, t * strides + j * dilation_rate - low, c] * kernel[j, c, f]
                                      + bias[f])

    Shapes: inputs `[batch, time, channel]`, outputs `[batch, place, filter]`, kernel `[tap, channel / groups, filter]`;
    with `channels_first`, channels and filters stand before time.

    Args:
        filters: number of outputs at each place.
        kernel_size: number of taps of the window.
        strides: steps from one place to the next.
        padding: `"valid"`: the window stays inside; `"same"`: zeros at both ends, `ceil(time / strides)` places;
            `"causal"`: zeros before the start, so that no output sees what comes later.
        data_format: `"channels_last"` or `"channels_first"`.
        dilation_rate: steps from one tap to the next.
        groups: the channels are split into as many parts, each with its own share of the filters.
        activation: name or function; None for none.
        use_bias: whether a bias is added.
        kernel_initializer, bias_initializer: first values.
        kernel_regularizer, bias_regularizer, activity_regularizer: penalties added to the loss.
        kernel_constraint, bias_constraint: projections after each update.
        **kwargs: `lora_rank` and `lora_alpha`, see `enable_lora`, and what every layer takes.

    Raises:
        InvalidArgument: an argument cannot be right, `groups` divides channels or filters unevenly, strides and
            dilation_rate are both above 1, or the window is larger than the inputs.

    Example:
        >>> layer = Conv1D(1, 2, padding="causal", kernel_initializer="ones")
        >>> layer([[[1.0], [2.0], [3.0]]])[0, :, 0].tolist()
        [1.0, 3.0, 5.0]

    Source: Waibel et al., "Phoneme recognition using time-delay neural networks", 1989.
    """

    rank = 1
    paddings = ("valid", "same", "causal")


@final
class Conv2D(_Convolution):
    """Weigh and add what lies under a window that slides over a picture.

        outputs[n, y, x, f] = activation(bias[f] + sum_{i, j, c} kernel[i, j, c, f] *
                inputs[n, y * strides[0] + i * dilation_rate[0] - top, x * strides[1] + j * dilation_rate[1] - left, c])

    Shapes: inputs `[batch, row, column, channel]`, outputs `[batch, row, column, filter]`, kernel
    `[row tap, column tap, channel / groups, filter]`; with `channels_first`, channels and filters stand before rows.

    Args:
        filters: number of outputs at each place.
        kernel_size: sides of the window, one number or (rows, columns), as are the others.
        strides: steps from one place to the next.
        padding: `"valid"`: the window stays inside; `"same"`: zeros around, `ceil(size / strides)` places.
        data_format: `"channels_last"` or `"channels_first"`.
        dilation_rate: steps from one tap to the next.
        groups: the channels are split into as many parts, each with its own share of the filters.
        activation: name or function; None for none.
        use_bias: whether a bias is added.
        kernel_initializer, bias_initializer: first values.
        kernel_regularizer, bias_regularizer, activity_regularizer: penalties added to the loss.
        kernel_constraint, bias_constraint: projections after each update.
        **kwargs: `lora_rank` and `lora_alpha`, see `enable_lora`, and what every layer takes.

    Raises:
        InvalidArgument: an argument cannot be right, `groups` divides channels or filters unevenly, strides and
            dilation_rate are both above 1, or the window is larger than the inputs.

    Example:
        >>> layer = Conv2D(1, 2, kernel_initializer="ones")
        >>> float(layer([[[[1.0], [2.0]], [[3.0], [4.0]]]])[0, 0, 0, 0])
        10.0

    Source: LeCun et al., "Backpropagation applied to handwritten zip code recognition", 1989.
    """

    rank = 2


@final
class Conv3D(_Convolution):
    """Weigh and add what lies under a window that slides through a volume.

        outputs[n, i, f] = activation(sum_{j, c} inputs[n, i * strides + j * dilation_rate - low, c] * kernel[j, c, f]
                                      + bias[f])      i, j, low: one number for each of depth, rows and columns

    Shapes: inputs `[batch, depth, row, column, channel]`, outputs `[batch, depth, row, column, filter]`, kernel
    `[depth tap, row tap, column tap, channel / groups, filter]`; with `channels_first`, channels and filters stand
    before depth.

    Args:
        filters: number of outputs at each place.
        kernel_size: sides of the window, one number or (depth, rows, columns), as are the others.
        strides: steps from one place to the next.
        padding: `"valid"`: the window stays inside; `"same"`: zeros around, `ceil(size / strides)` places.
        data_format: `"channels_last"` or `"channels_first"`.
        dilation_rate: steps from one tap to the next.
        groups: the channels are split into as many parts, each with its own share of the filters.
        activation: name or function; None for none.
        use_bias: whether a bias is added.
        kernel_initializer, bias_initializer: first values.
        kernel_regularizer, bias_regularizer, activity_regularizer: penalties added to the loss.
        kernel_constraint, bias_constraint: projections after each update.
        **kwargs: `lora_rank` and `lora_alpha`, see `enable_lora`, and what every layer takes.

    Raises:
        InvalidArgument: an argument cannot be right, `groups` divides channels or filters unevenly, strides and
            dilation_rate are both above 1, or the window is larger than the inputs.

    Example:
        >>> import numpy as np
        >>> float(Conv3D(1, 2, kernel_initializer="ones")(np.ones((1, 2, 2, 2, 1)))[0, 0, 0, 0, 0])
        8.0

    Source: Ji et al., "3D convolutional neural networks for human action recognition", 2013.
    """

    rank = 3


Convolution1D, Convolution2D, Convolution3D = Conv1D, Conv2D, Conv3D
