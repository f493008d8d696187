"""Transposed convolutions: every value puts its weighted window into larger outputs, where they add up."""

from __future__ import annotations

from typing import Any, final

from ranvier import ops
from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.layers.configured import positive_integer
from ranvier.layers.convolving import Convolving

__all__ = [
    "Conv1DTranspose",
    "Conv2DTranspose",
    "Conv3DTranspose",
    "Convolution1DTranspose",
    "Convolution2DTranspose",
    "Convolution3DTranspose",
]


class _Transpose(Convolving):
    """The body of all ranks."""

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        output_padding: Any = None,
        data_format: str | None = None,
        dilation_rate: Any = 1,
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
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self._keep_window(kernel_size, strides, padding, data_format, dilation_rate)
        self._keep_outputs(activation, use_bias)
        self._keep_weights(kernel_initializer=kernel_initializer, bias_initializer=bias_initializer)
        self._keep_weights(kernel_regularizer=kernel_regularizer, bias_regularizer=bias_regularizer)
        self._keep_weights(kernel_constraint=kernel_constraint, bias_constraint=bias_constraint)
        self._refuse_gaps()
        self.filters = positive_integer(self, "filters", filters)
        self.output_padding = self._known_output_padding(output_padding)

    def build(self, input_shape: Any) -> None:
        """Add `kernel` and `bias`."""
        channels = self._known_channels(input_shape)
        self.kernel = self._weight("kernel", (*self.kernel_size, self.filters, channels), "kernel")
        self._add_bias(self.filters)

    def call(self, inputs: Array) -> Any:
        """Return the activated sums."""
        return self._finished(
            ops.conv_transpose(inputs, self.kernel, output_padding=self.output_padding, **self._window())
        )

    def _known_output_padding(self, value: Any) -> tuple[int, ...] | None:
        if value is None:
            return None
        found = self._per_axis("output_padding", value, least=0)
        if any(extra >= stride for extra, stride in zip(found, self.strides, strict=True)):
            raise InvalidArgument(
                "output_padding adds less than one step of the window.",
                code="conv-output-padding",
                place=f"{self._where()}: output_padding",
                expected=f"less than strides={self.strides} along each axis",
                received=found,
            )
        return found


@final
class Conv1DTranspose(_Transpose):
    """Put a weighted window into longer sequences for every value, and add up what overlaps.

        outputs[n, t * strides + j * dilation_rate - low, f] += inputs[n, t, c] * kernel[j, f, c]
        outputs = activation(outputs + bias)

    Shapes: inputs `[batch, time, channel]`, outputs `[batch, time, filter]`, kernel `[tap, filter, channel]`; with
    `channels_first`, channels and filters stand before time. For the length of the outputs see `ops.conv_transpose`.

    Args:
        filters: number of outputs at each place.
        kernel_size: number of taps of the window.
        strides: steps between the windows in the outputs.
        padding: `"valid"`: whole windows; `"same"`: `time * strides` outputs.
        output_padding: outputs added to the shortest length, fewer than `strides`; None for the usual length.
        data_format: `"channels_last"` or `"channels_first"`.
        dilation_rate: steps from one tap to the next.
        activation: name or function; None for none.
        use_bias: whether a bias is added.
        kernel_initializer, bias_initializer: first values.
        kernel_regularizer, bias_regularizer, activity_regularizer: penalties added to the loss.
        kernel_constraint, bias_constraint: projections after each update.
        **kwargs: what every layer takes.

    Raises:
        InvalidArgument: an argument cannot be right, or strides and dilation_rate are both above 1.

    Example:
        >>> layer = Conv1DTranspose(1, 3, strides=2, kernel_initializer="ones")
        >>> layer([[[1.0], [2.0]]])[0, :, 0].tolist()
        [1.0, 1.0, 3.0, 2.0, 2.0]

    Source: Zeiler et al., "Deconvolutional networks", 2010.
    """

    rank = 1


@final
class Conv2DTranspose(_Transpose):
    """Put a weighted window into larger pictures for every value, and add up what overlaps.

        outputs[n, i * strides + j * dilation_rate - low, f] += inputs[n, i, c] * kernel[j, f, c]
        outputs = activation(outputs + bias)      i, j, low: one number for each of rows and columns

    Shapes: inputs `[batch, row, column, channel]`, outputs `[batch, row, column, filter]`, kernel
    `[row tap, column tap, filter, channel]`; with `channels_first`, channels and filters stand before rows. For the
    size of the outputs see `ops.conv_transpose`.

    Args:
        filters: number of outputs at each place.
        kernel_size: sides of the window, one number or (rows, columns), as are the others.
        strides: steps between the windows in the outputs.
        padding: `"valid"`: whole windows; `"same"`: `size * strides` outputs.
        output_padding: outputs added to the smallest size, fewer than `strides`; None for the usual size.
        data_format: `"channels_last"` or `"channels_first"`.
        dilation_rate: steps from one tap to the next.
        activation: name or function; None for none.
        use_bias: whether a bias is added.
        kernel_initializer, bias_initializer: first values.
        kernel_regularizer, bias_regularizer, activity_regularizer: penalties added to the loss.
        kernel_constraint, bias_constraint: projections after each update.
        **kwargs: what every layer takes.

    Raises:
        InvalidArgument: an argument cannot be right, or strides and dilation_rate are both above 1.

    Example:
        >>> layer = Conv2DTranspose(1, 2, strides=2, kernel_initializer="ones")
        >>> layer([[[[3.0]]]])[0, :, :, 0].tolist()
        [[3.0, 3.0], [3.0, 3.0]]

    Source: Zeiler et al., "Deconvolutional networks", 2010.
    """

    rank = 2


@final
class Conv3DTranspose(_Transpose):
    """Put a weighted window into larger volumes for every value, and add up what overlaps.

        outputs[n, i * strides + j * dilation_rate - low, f] += inputs[n, i, c] * kernel[j, f, c]
        outputs = activation(outputs + bias)      i, j, low: one number for each of depth, rows and columns

    Shapes: inputs `[batch, depth, row, column, channel]`, outputs `[batch, depth, row, column, filter]`, kernel
    `[depth tap, row tap, column tap, filter, channel]`; with `channels_first`, channels and filters stand before depth.
    For the size of the outputs see `ops.conv_transpose`.

    Args:
        filters: number of outputs at each place.
        kernel_size: sides of the window, one number or (depth, rows, columns), as are the others.
        strides: steps between the windows in the outputs.
        padding: `"valid"`: whole windows; `"same"`: `size * strides` outputs.
        data_format: `"channels_last"` or `"channels_first"`; it stands before `output_padding` here, as in Keras.
        output_padding: outputs added to the smallest size, fewer than `strides`; None for the usual size.
        dilation_rate: steps from one tap to the next.
        activation, use_bias: see `Conv2DTranspose`, as for all that follow.

    Raises:
        InvalidArgument: an argument cannot be right, or strides and dilation_rate are both above 1.

    Example:
        >>> layer = Conv3DTranspose(1, 2, kernel_initializer="ones")
        >>> layer([[[[[3.0]]]]]).shape
        (1, 2, 2, 2, 1)

    Source: Zeiler et al., "Deconvolutional networks", 2010.
    """

    rank = 3

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = (1, 1, 1),
        padding: str = "valid",
        data_format: str | None = None,
        output_padding: Any = None,
        dilation_rate: Any = (1, 1, 1),
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
        super().__init__(
            filters,
            kernel_size,
            strides,
            padding,
            output_padding,
            data_format,
            dilation_rate,
            activation,
            use_bias,
            kernel_initializer,
            bias_initializer,
            kernel_regularizer,
            bias_regularizer,
            activity_regularizer,
            kernel_constraint,
            bias_constraint,
            **kwargs,
        )


Convolution1DTranspose, Convolution2DTranspose = Conv1DTranspose, Conv2DTranspose
Convolution3DTranspose = Conv3DTranspose
