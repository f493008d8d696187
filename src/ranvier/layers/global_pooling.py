"""Global pooling: the largest or the average value of each channel, wherever it stands."""

from __future__ import annotations

from typing import Any, final

from ranvier import ops
from ranvier._typing import Array
from ranvier.layers.data_format import known_data_format
from ranvier.layers.input_spec import InputSpec, checked_mask
from ranvier.layers.spatial import Spatial

__all__ = [
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAveragePooling3D",
    "GlobalAvgPool1D",
    "GlobalAvgPool2D",
    "GlobalAvgPool3D",
    "GlobalMaxPool1D",
    "GlobalMaxPool2D",
    "GlobalMaxPool3D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GlobalMaxPooling3D",
]


class _GlobalPooling(Spatial):
    """What all kinds and ranks share."""

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = known_data_format(self, data_format)
        self.keepdims = keepdims
        self.input_spec = InputSpec(ndim=self.rank + 2)
        self.built = True

    @property
    def _spatial_axes(self) -> tuple[int, ...]:
        first = 2 if self.data_format == "channels_first" else 1
        return tuple(range(first, first + self.rank))


class _GlobalAverage(_GlobalPooling):
    """The body of all ranks."""

    def call(self, inputs: Array) -> Array:
        """Return the averages."""
        return ops.mean(inputs, axis=self._spatial_axes, keepdims=self.keepdims)


class _GlobalMax(_GlobalPooling):
    """The body of all ranks."""

    def call(self, inputs: Array) -> Array:
        """Return the largest values."""
        return ops.max(inputs, axis=self._spatial_axes, keepdims=self.keepdims)


@final
class GlobalAveragePooling1D(_GlobalAverage):
    """Take the average of each channel over the steps of a sequence, masked ones left out.

        outputs[n, c] = sum_t mask[n, t] * inputs[n, t, c] / sum_t mask[n, t]

    Shapes: inputs `[batch, time, channel]`, mask `[batch, time]`, outputs `[batch, channel]`, or with `keepdims` 1 in
    place of time; with `channels_first`, channels stand before time.

    Numerics: a row without a real step has no average: NaN.

    Args:
        data_format: `"channels_last"` or `"channels_first"`.
        keepdims: whether time stays as an axis of size 1.

    Raises:
        InvalidArgument: the inputs have another number of axes.

    Example:
        >>> GlobalAveragePooling1D()([[[1.0], [2.0], [6.0]]]).tolist()
        [[3.0]]

    Source: Lin et al., "Network in network", 2014.
    """

    rank = 1

    def call(self, inputs: Array, mask: Any = None) -> Array:
        """Return the averages over the steps that are real."""
        if mask is None:
            return super().call(inputs)
        steps = inputs.shape[2:] if self.data_format == "channels_first" else inputs.shape[1:2]
        real = ops.expand_dims(checked_mask(mask, (*inputs.shape[:1], *steps), self.name), self._channel_axis)
        total = ops.sum(ops.where(real, inputs, 0), axis=self._spatial_axes, keepdims=self.keepdims)
        return ops.divide(total, ops.sum(ops.cast(real, inputs.dtype), axis=self._spatial_axes, keepdims=self.keepdims))


@final
class GlobalAveragePooling2D(_GlobalAverage):
    """Take the average of each channel of a picture.

        outputs[n, c] = mean_{y, x} inputs[n, y, x, c]

    Shapes: inputs `[batch, row, column, channel]`, outputs `[batch, channel]`, or with `keepdims` 1 in place of rows
    and columns; with `channels_first`, channels stand before rows.

    Args:
        data_format: `"channels_last"` or `"channels_first"`.
        keepdims: whether rows and columns stay as axes of size 1.

    Raises:
        InvalidArgument: the inputs have another number of axes.

    Example:
        >>> GlobalAveragePooling2D()([[[[1.0], [2.0]], [[3.0], [6.0]]]]).tolist()
        [[3.0]]

    Source: Lin et al., "Network in network", 2014.
    """

    rank = 2


@final
class GlobalAveragePooling3D(_GlobalAverage):
    """Take the average of each channel of a volume.

        outputs[n, c] = mean_{z, y, x} inputs[n, z, y, x, c]

    Shapes: inputs `[batch, depth, row, column, channel]`, outputs `[batch, channel]`, or with `keepdims` 1 in place of
    the three; with `channels_first`, channels stand before depth.

    Args:
        data_format: `"channels_last"` or `"channels_first"`.
        keepdims: whether the spatial axes stay with size 1.

    Raises:
        InvalidArgument: the inputs have another number of axes.

    Example:
        >>> GlobalAveragePooling3D()([[[[[1.0], [2.0]]], [[[3.0], [6.0]]]]]).tolist()
        [[3.0]]

    Source: Lin et al., "Network in network", 2014.
    """

    rank = 3


@final
class GlobalMaxPooling1D(_GlobalMax):
    """Take the largest value of each channel of a sequence.

        outputs[n, c] = max_t inputs[n, t, c]

    Shapes: inputs `[batch, time, channel]`, outputs `[batch, channel]`, or with `keepdims` 1 in place of time; with
    `channels_first`, channels stand before time.

    Args:
        data_format: `"channels_last"` or `"channels_first"`.
        keepdims: whether time stays as an axis of size 1.

    Raises:
        InvalidArgument: the inputs have another number of axes.

    Example:
        >>> GlobalMaxPooling1D()([[[1.0], [2.0], [6.0]]]).tolist()
        [[6.0]]

    Source: Collobert et al., "Natural language processing (almost) from scratch", 2011.
    """

    rank = 1


@final
class GlobalMaxPooling2D(_GlobalMax):
    """Take the largest value of each channel of a picture.

        outputs[n, c] = max_{y, x} inputs[n, y, x, c]

    Shapes: inputs `[batch, row, column, channel]`, outputs `[batch, channel]`, or with `keepdims` 1 in place of rows
    and columns; with `channels_first`, channels stand before rows.

    Args:
        data_format: `"channels_last"` or `"channels_first"`.
        keepdims: whether rows and columns stay as axes of size 1.

    Raises:
        InvalidArgument: the inputs have another number of axes.

    Example:
        >>> GlobalMaxPooling2D()([[[[1.0], [2.0]], [[3.0], [6.0]]]]).tolist()
        [[6.0]]

    Source: Oquab et al., "Is object localization for free?", 2015.
    """

    rank = 2


@final
class GlobalMaxPooling3D(_GlobalMax):
    """Take the largest value of each channel of a volume.

        outputs[n, c] = max_{z, y, x} inputs[n, z, y, x, c]

    Shapes: inputs `[batch, depth, row, column, channel]`, outputs `[batch, channel]`, or with `keepdims` 1 in place of
    the three; with `channels_first`, channels stand before depth.

    Args:
        data_format: `"channels_last"` or `"channels_first"`.
        keepdims: whether the spatial axes stay with size 1.

    Raises:
        InvalidArgument: the inputs have another number of axes.

    Example:
        >>> GlobalMaxPooling3D()([[[[[1.0], [2.0]]], [[[3.0], [6.0]]]]]).tolist()
        [[6.0]]

    Source: Oquab et al., "Is object localization for free?", 2015.
    """

    rank = 3


GlobalAvgPool1D, GlobalAvgPool2D = GlobalAveragePooling1D, GlobalAveragePooling2D
GlobalAvgPool3D = GlobalAveragePooling3D
GlobalMaxPool1D, GlobalMaxPool2D, GlobalMaxPool3D = GlobalMaxPooling1D, GlobalMaxPooling2D, GlobalMaxPooling3D
