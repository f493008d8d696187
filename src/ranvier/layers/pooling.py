"""Pooling: the largest or the average value under a window, for each channel by itself."""

from __future__ import annotations

from typing import Any, final

from ranvier import ops
from ranvier._typing import Array
from ranvier.layers.data_format import known_data_format
from ranvier.layers.input_spec import InputSpec
from ranvier.layers.spatial import Spatial
from ranvier.ops.sliding import known_padding, too_large

__all__ = [
    "AveragePooling1D",
    "AveragePooling2D",
    "AveragePooling3D",
    "AvgPool1D",
    "AvgPool2D",
    "AvgPool3D",
    "MaxPool1D",
    "MaxPool2D",
    "MaxPool3D",
    "MaxPooling1D",
    "MaxPooling2D",
    "MaxPooling3D",
]


class _Pooling(Spatial):
    """What all kinds and ranks share."""

    def __init__(
        self,
        pool_size: Any,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.pool_size = self._per_axis("pool_size", pool_size)
        self.strides = self._per_axis("strides", self.pool_size if strides is None else strides)
        self.padding = known_padding(self._where(), padding)
        self.data_format = known_data_format(self, data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)
        self.built = True

    def _refuse_larger_window(self, shape: Any) -> None:
        """Raise where the window does not fit into the inputs."""
        lengths = self._space(shape)
        pairs = zip(self.pool_size, lengths, strict=True)
        if self.padding == "valid" and any(length is not None and size > length for size, length in pairs):
            raise too_large(self._where(), lengths, self.pool_size)


class _MaxPooling(_Pooling):
    """The body of all ranks."""

    def __init__(
        self,
        pool_size: Any = 2,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(pool_size, strides, padding, data_format, name, **kwargs)

    def call(self, inputs: Array) -> Array:
        """Return the largest values."""
        self._refuse_larger_window(inputs.shape)
        return ops.max_pool(inputs, self.pool_size, self.strides, self.padding, self.data_format)


class _AveragePooling(_Pooling):
    """The body of all ranks."""

    def call(self, inputs: Array) -> Array:
        """Return the averages."""
        self._refuse_larger_window(inputs.shape)
        return ops.average_pool(inputs, self.pool_size, self.strides, self.padding, self.data_format)


@final
class MaxPooling1D(_MaxPooling):
    """Take the largest value under a window that slides along a sequence, for each channel.

        outputs[n, t, c] = max_j inputs[n, t * strides + j - low, c]      j < pool_size

    Shapes: inputs `[batch, time, channel]`, outputs `[batch, place, channel]`; with `channels_first`, channels stand
    before time.

    Args:
        pool_size: length of the window.
        strides: steps from one place to the next; `pool_size` for None.
        padding: `"valid"`: the window stays inside; `"same"`: it hangs over the ends, `ceil(time / strides)` places.
        data_format: `"channels_last"` or `"channels_first"`.
        name: display name.

    Raises:
        InvalidArgument: an argument cannot be right, or the window is larger than the inputs.

    Example:
        >>> MaxPooling1D(2)([[[1.0], [5.0], [2.0], [3.0]]])[0, :, 0].tolist()
        [5.0, 3.0]

    Source: Yamaguchi et al., "A neural network for speaker-independent isolated word recognition", 1990.
    """

    rank = 1


@final
class MaxPooling2D(_MaxPooling):
    """Take the largest value under a window that slides over a picture, for each channel.

        outputs[n, i, c] = max_j inputs[n, i * strides + j - low, c]      i, j: one number for each of rows and columns

    Shapes: inputs and outputs `[batch, row, column, channel]`; with `channels_first`, channels stand before rows.

    Args:
        pool_size: sides of the window, one number or (rows, columns).
        strides: steps from one place to the next; `pool_size` for None.
        padding: `"valid"`: the window stays inside; `"same"`: it hangs over the ends, `ceil(size / strides)` places.
        data_format: `"channels_last"` or `"channels_first"`.
        name: display name.

    Raises:
        InvalidArgument: an argument cannot be right, or the window is larger than the inputs.

    Example:
        >>> float(MaxPooling2D()([[[[1.0], [5.0]], [[2.0], [3.0]]]])[0, 0, 0, 0])
        5.0

    Source: Riesenhuber and Poggio, "Hierarchical models of object recognition in cortex", 1999.
    """

    rank = 2


@final
class MaxPooling3D(_MaxPooling):
    """Take the largest value under a window that slides through a volume, for each channel.

        outputs[n, i, c] = max_j inputs[n, i * strides + j - low, c]      i, j: one number for each of three axes

    Shapes: inputs and outputs `[batch, depth, row, column, channel]`; with `channels_first`, channels stand before
    depth.

    Args:
        pool_size: sides of the window, one number or (depth, rows, columns).
        strides: steps from one place to the next; `pool_size` for None.
        padding: `"valid"`: the window stays inside; `"same"`: it hangs over the ends, `ceil(size / strides)` places.
        data_format: `"channels_last"` or `"channels_first"`.
        name: display name.

    Raises:
        InvalidArgument: an argument cannot be right, or the window is larger than the inputs.

    Example:
        >>> import numpy as np
        >>> float(MaxPooling3D()(np.arange(8.0).reshape(1, 2, 2, 2, 1))[0, 0, 0, 0, 0])
        7.0

    Source: Riesenhuber and Poggio, "Hierarchical models of object recognition in cortex", 1999.
    """

    rank = 3


@final
class AveragePooling1D(_AveragePooling):
    """Take the average under a window that slides along a sequence, for each channel.

        outputs[n, t, c] = mean_j inputs[n, t * strides + j - low, c]      j < pool_size, inside the sequence

    Shapes: inputs `[batch, time, channel]`, outputs `[batch, place, channel]`; with `channels_first`, channels stand
    before time.

    Args:
        pool_size: length of the window.
        strides: steps from one place to the next; `pool_size` for None.
        padding: `"valid"`: the window stays inside; `"same"`: it hangs over the ends, `ceil(time / strides)` places.
        data_format: `"channels_last"` or `"channels_first"`.
        name: display name.

    Raises:
        InvalidArgument: an argument cannot be right, or the window is larger than the inputs.

    Example:
        >>> AveragePooling1D(2, padding="same")([[[1.0], [5.0], [2.0]]])[0, :, 0].tolist()
        [3.0, 2.0]

    Source: LeCun et al., "Handwritten digit recognition with a back-propagation network", 1990.
    """

    rank = 1


@final
class AveragePooling2D(_AveragePooling):
    """Take the average under a window that slides over a picture, for each channel.

        outputs[n, i, c] = mean_j inputs[n, i * strides + j - low, c]      i, j: one number for each of rows and columns

    Shapes: inputs and outputs `[batch, row, column, channel]`; with `channels_first`, channels stand before rows.

    Args:
        pool_size: sides of the window, one number or (rows, columns).
        strides: steps from one place to the next; `pool_size` for None.
        padding: `"valid"`: the window stays inside; `"same"`: what hangs over the ends does not count.
        data_format: `"channels_last"` or `"channels_first"`.
        name: display name.

    Raises:
        InvalidArgument: an argument cannot be right, or the window is larger than the inputs.

    Example:
        >>> float(AveragePooling2D(2)([[[[1.0], [5.0]], [[2.0], [4.0]]]])[0, 0, 0, 0])
        3.0

    Source: LeCun et al., "Handwritten digit recognition with a back-propagation network", 1990.
    """

    rank = 2


@final
class AveragePooling3D(_AveragePooling):
    """Take the average under a window that slides through a volume, for each channel.

        outputs[n, i, c] = mean_j inputs[n, i * strides + j - low, c]      i, j: one number for each of three axes

    Shapes: inputs and outputs `[batch, depth, row, column, channel]`; with `channels_first`, channels stand before
    depth.

    Args:
        pool_size: sides of the window, one number or (depth, rows, columns).
        strides: steps from one place to the next; `pool_size` for None.
        padding: `"valid"`: the window stays inside; `"same"`: what hangs over the ends does not count.
        data_format: `"channels_last"` or `"channels_first"`.
        name: display name.

    Raises:
        InvalidArgument: an argument cannot be right, or the window is larger than the inputs.

    Example:
        >>> import numpy as np
        >>> float(AveragePooling3D(2)(np.arange(8.0).reshape(1, 2, 2, 2, 1))[0, 0, 0, 0, 0])
        3.5

    Source: LeCun et al., "Handwritten digit recognition with a back-propagation network", 1990.
    """

    rank = 3


MaxPool1D, MaxPool2D, MaxPool3D = MaxPooling1D, MaxPooling2D, MaxPooling3D
AvgPool1D, AvgPool2D, AvgPool3D = AveragePooling1D, AveragePooling2D, AveragePooling3D
