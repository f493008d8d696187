"""Convolutions that treat each channel by itself, with and without a mixture of the channels after it."""

from __future__ import annotations

from typing import Any, final

from ranvier import ops
from ranvier._typing import Array
from ranvier.layers.configured import positive_integer
from ranvier.layers.convolving import Convolving
from ranvier.ops.convolution import activated_conv, activated_depthwise_conv

__all__ = [
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "SeparableConv1D",
    "SeparableConv2D",
    "SeparableConvolution1D",
    "SeparableConvolution2D",
]


class _Depthwise(Convolving):
    """The body of all ranks."""

    def __init__(
        self,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self._keep_window(kernel_size, strides, padding, data_format, dilation_rate)
        self._keep_outputs(activation, use_bias)
        self._keep_weights(depthwise_initializer=depthwise_initializer, bias_initializer=bias_initializer)
        self._keep_weights(depthwise_regularizer=depthwise_regularizer, bias_regularizer=bias_regularizer)
        self._keep_weights(depthwise_constraint=depthwise_constraint, bias_constraint=bias_constraint)
        self.depth_multiplier = positive_integer(self, "depth_multiplier", depth_multiplier)

    def build(self, input_shape: Any) -> None:
        """Add `kernel` and `bias`."""
        channels = self._known_channels(input_shape)
        self._refuse_larger_window(input_shape)
        self.kernel = self._weight("kernel", (*self.kernel_size, channels, self.depth_multiplier), "depthwise")
        self._add_bias(channels * self.depth_multiplier)

    def call(self, inputs: Array) -> Any:
        """Return the activated sums."""
        return self._in_one(activated_depthwise_conv, inputs, self.kernel, **self._window())


class _Separable(Convolving):
    """The body of all ranks."""

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        depth_multiplier: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        pointwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        pointwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self._keep_window(kernel_size, strides, padding, data_format, dilation_rate)
        self._keep_outputs(activation, use_bias)
        self._keep_weights(depthwise_initializer=depthwise_initializer, pointwise_initializer=pointwise_initializer)
        self._keep_weights(depthwise_regularizer=depthwise_regularizer, pointwise_regularizer=pointwise_regularizer)
        self._keep_weights(depthwise_constraint=depthwise_constraint, pointwise_constraint=pointwise_constraint)
        self._keep_weights(bias_initializer=bias_initializer, bias_regularizer=bias_regularizer)
        self._keep_weights(bias_constraint=bias_constraint)
        self.filters = positive_integer(self, "filters", filters)
        self.depth_multiplier = positive_integer(self, "depth_multiplier", depth_multiplier)

    def build(self, input_shape: Any) -> None:
        """Add `depthwise_kernel`, `pointwise_kernel` and `bias`."""
        channels = self._known_channels(input_shape)
        self._refuse_larger_window(input_shape)
        between = channels * self.depth_multiplier
        self.depthwise_kernel = self._weight(
            "depthwise_kernel", (*self.kernel_size, channels, self.depth_multiplier), "depthwise"
        )
        self.pointwise_kernel = self._weight(
            "pointwise_kernel", (*(1,) * self.rank, between, self.filters), "pointwise"
        )
        self._add_bias(self.filters)

    def call(self, inputs: Array) -> Any:
        """Return the activated sums."""
        apart = ops.depthwise_conv(inputs, self.depthwise_kernel, **self._window())
        return self._in_one(activated_conv, apart, self.pointwise_kernel, data_format=self.data_format)


@final
class DepthwiseConv1D(_Depthwise):
    """Weigh and add what lies under a window that slides along each channel of a sequence by itself.

        outputs[n, t, c * depth_multiplier + m] = activation(bias[c * depth_multiplier + m] +
            sum_j inputs[n, t * strides + j * dilation_rate - low, c] * kernel[j, c, m])

    Shapes: inputs `[batch, time, channel]`, outputs `[batch, place, channel * depth_multiplier]`, kernel
    `[tap, channel, depth_multiplier]`; with `channels_first`, channels stand before time.

    Args:
        kernel_size: number of taps of the window.
        strides: steps from one place to the next.
        padding: `"valid"`: the window stays inside; `"same"`: zeros at both ends, `ceil(time / strides)` places.
        depth_multiplier: number of outputs for each channel.
        data_format: `"channels_last"` or `"channels_first"`.
        dilation_rate: steps from one tap to the next.
        activation: name or function; None for none.
        use_bias: whether a bias is added.
        depthwise_initializer, bias_initializer: first values.
        depthwise_regularizer, bias_regularizer, activity_regularizer: penalties added to the loss.
        depthwise_constraint, bias_constraint: projections after each update.
        **kwargs: what every layer takes.

    Raises:
        InvalidArgument: an argument cannot be right, or the window is larger than the inputs.

    Example:
        >>> layer = DepthwiseConv1D(2, depthwise_initializer="ones")
        >>> layer([[[1.0, 10.0], [2.0, 20.0]]]).tolist()
        [[[3.0, 30.0]]]

    Source: Sifre, "Rigid-motion scattering for image classification", 2014, section 6.2.
    """

    rank = 1


@final
class DepthwiseConv2D(_Depthwise):
    """Weigh and add what lies under a window that slides over each channel of a picture by itself.

        outputs[n, i, c * depth_multiplier + m] = activation(bias[c * depth_multiplier + m] +
            sum_j inputs[n, i * strides + j * dilation_rate - low, c] * kernel[j, c, m])
        i, j, low: one number for each of rows and columns

    Shapes: inputs `[batch, row, column, channel]`, outputs `[batch, row, column, channel * depth_multiplier]`, kernel
    `[row tap, column tap, channel, depth_multiplier]`; with `channels_first`, channels stand before rows.

    Args:
        kernel_size: sides of the window, one number or (rows, columns), as are the others.
        strides: steps from one place to the next.
        padding: `"valid"`: the window stays inside; `"same"`: zeros around, `ceil(size / strides)` places.
        depth_multiplier: number of outputs for each channel.
        data_format: `"channels_last"` or `"channels_first"`.
        dilation_rate: steps from one tap to the next.
        activation: name or function; None for none.
        use_bias: whether a bias is added.
        depthwise_initializer, bias_initializer: first values.
        depthwise_regularizer, bias_regularizer, activity_regularizer: penalties added to the loss.
        depthwise_constraint, bias_constraint: projections after each update.
        **kwargs: what every layer takes.

    Raises:
        InvalidArgument: an argument cannot be right, or the window is larger than the inputs.

    Example:
        >>> import numpy as np
        >>> DepthwiseConv2D(2, depthwise_initializer="ones")(np.ones((1, 2, 2, 3))).tolist()
        [[[[4.0, 4.0, 4.0]]]]

    Source: Sifre, "Rigid-motion scattering for image classification", 2014, section 6.2.
    """

    rank = 2


@final
class SeparableConv1D(_Separable):
    """Slide a window along each channel of a sequence by itself, then mix the channels at each place.

        outputs = activation(depthwise(inputs, depthwise_kernel) @ pointwise_kernel + bias)

    Shapes: inputs `[batch, time, channel]`, outputs `[batch, place, filter]`, depthwise_kernel
    `[tap, channel, depth_multiplier]`, pointwise_kernel `[1, channel * depth_multiplier, filter]`; with
    `channels_first`, channels and filters stand before time.

    Args:
        filters: number of outputs at each place.
        kernel_size: number of taps of the window.
        strides: steps from one place to the next.
        padding: `"valid"`: the window stays inside; `"same"`: zeros at both ends, `ceil(time / strides)` places.
        data_format: `"channels_last"` or `"channels_first"`.
        dilation_rate: steps from one tap to the next.
        depth_multiplier: number of sums for each channel before the mixture.
        activation: name or function; None for none.
        use_bias: whether a bias is added.
        depthwise_initializer, pointwise_initializer, bias_initializer: first values.
        depthwise_regularizer, pointwise_regularizer, bias_regularizer, activity_regularizer: penalties.
        depthwise_constraint, pointwise_constraint, bias_constraint: projections after each update.
        **kwargs: what every layer takes.

    Raises:
        InvalidArgument: an argument cannot be right, or the window is larger than the inputs.

    Example:
        >>> layer = SeparableConv1D(1, 2, depthwise_initializer="ones", pointwise_initializer="ones")
        >>> layer([[[1.0, 10.0], [2.0, 20.0]]]).tolist()
        [[[33.0]]]

    Source: Chollet, "Xception: deep learning with depthwise separable convolutions", 2017.
    """

    rank = 1


@final
class SeparableConv2D(_Separable):
    """Slide a window over each channel of a picture by itself, then mix the channels at each place.

        outputs = activation(depthwise(inputs, depthwise_kernel) @ pointwise_kernel + bias)

    Shapes: inputs `[batch, row, column, channel]`, outputs `[batch, row, column, filter]`, depthwise_kernel
    `[row tap, column tap, channel, depth_multiplier]`, pointwise_kernel `[1, 1, channel * depth_multiplier, filter]`;
    with `channels_first`, channels and filters stand before rows.

    Args:
        filters: number of outputs at each place.
        kernel_size: sides of the window, one number or (rows, columns), as are the others.
        strides: steps from one place to the next.
        padding: `"valid"`: the window stays inside; `"same"`: zeros around, `ceil(size / strides)` places.
        data_format: `"channels_last"` or `"channels_first"`.
        dilation_rate: steps from one tap to the next.
        depth_multiplier: number of sums for each channel before the mixture.
        activation: name or function; None for none.
        use_bias: whether a bias is added.
        depthwise_initializer, pointwise_initializer, bias_initializer: first values.
        depthwise_regularizer, pointwise_regularizer, bias_regularizer, activity_regularizer: penalties.
        depthwise_constraint, pointwise_constraint, bias_constraint: projections after each update.
        **kwargs: what every layer takes.

    Raises:
        InvalidArgument: an argument cannot be right, or the window is larger than the inputs.

    Example:
        >>> import numpy as np
        >>> layer = SeparableConv2D(1, 2, depthwise_initializer="ones", pointwise_initializer="ones")
        >>> float(layer(np.ones((1, 2, 2, 3)))[0, 0, 0, 0])
        12.0

    Source: Chollet, "Xception: deep learning with depthwise separable convolutions", 2017.
    """

    rank = 2


SeparableConvolution1D, SeparableConvolution2D = SeparableConv1D, SeparableConv2D
