"""Adaptive pooling: windows as large as it takes for a given number of outputs."""

from __future__ import annotations

from typing import Any, final

from ranvier import ops
from ranvier._typing import Array
from ranvier.layers.data_format import known_data_format
from ranvier.layers.input_spec import InputSpec
from ranvier.layers.spatial import Spatial

__all__ = [
    "AdaptiveAveragePooling1D",
    "AdaptiveAveragePooling2D",
    "AdaptiveAveragePooling3D",
    "AdaptiveMaxPooling1D",
    "AdaptiveMaxPooling2D",
    "AdaptiveMaxPooling3D",
]


class _Adaptive(Spatial):
    """What both kinds and all ranks share."""

    def __init__(self, output_size: Any, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.output_size = self._per_axis("output_size", output_size)
        self.data_format = known_data_format(self, data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)
        self.built = True

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Return the symbolic outputs, whose sizes are known whatever the inputs' are."""
        return super(Spatial, self).compute_output_spec(*args, **kwargs)


class _AdaptiveAverage(_Adaptive):
    """The body of all ranks."""

    def call(self, inputs: Array) -> Array:
        """Return the averages."""
        return ops.adaptive_average_pool(inputs, self.output_size, self.data_format)


class _AdaptiveMax(_Adaptive):
    """The body of all ranks."""

    def call(self, inputs: Array) -> Array:
        """Return the largest values."""
        return ops.adaptive_max_pool(inputs, self.output_size, self.data_format)


@final
class AdaptiveAveragePooling1D(_AdaptiveAverage):
    """Take the average value of each of `output_size` windows that cover a sequence, for each channel.

        outputs[n, i, c] = mean(inputs[n, floor(i * size / output_size) : ceil((i + 1) * size / output_size), c])

    Shapes: inputs `[batch, time, channel]`, outputs `[batch, *output_size, channel]`; with `channels_first`,
    channels stand before time.

    Args:
        output_size: number of windows.
        data_format: `"channels_last"` or `"channels_first"`.

    Raises:
        InvalidArgument: an argument cannot be right, or the inputs have another number of axes.

    Example:
        >>> AdaptiveAveragePooling1D(2)([[[1.0], [5.0], [2.0]]])[0, :, 0].tolist()
        [3.0, 3.5]

    Source: He et al., "Spatial pyramid pooling in deep convolutional networks for visual recognition", 2014.
    """

    rank = 1


@final
class AdaptiveAveragePooling2D(_AdaptiveAverage):
    """Take the average value of each of `output_size` windows that cover a picture, for each channel.

        outputs[n, i, c] = mean(inputs[n, floor(i * size / output_size) : ceil((i + 1) * size / output_size), c])

    Shapes: inputs `[batch, row, column, channel]`, outputs `[batch, *output_size, channel]`; with `channels_first`,
    channels stand before rows.

    Args:
        output_size: numbers of windows, one for both or (rows, columns).
        data_format: `"channels_last"` or `"channels_first"`.

    Raises:
        InvalidArgument: an argument cannot be right, or the inputs have another number of axes.

    Example:
        >>> import numpy as np
        >>> AdaptiveAveragePooling2D((2, 1))(np.arange(10.0).reshape(1, 2, 5, 1))[0, :, :, 0].tolist()
        [[2.0], [7.0]]

    Source: He et al., "Spatial pyramid pooling in deep convolutional networks for visual recognition", 2014.
    """

    rank = 2


@final
class AdaptiveAveragePooling3D(_AdaptiveAverage):
    """Take the average value of each of `output_size` windows that cover a volume, for each channel.

        outputs[n, i, c] = mean(inputs[n, floor(i * size / output_size) : ceil((i + 1) * size / output_size), c])

    Shapes: inputs `[batch, depth, row, column, channel]`, outputs `[batch, *output_size, channel]`; with
    `channels_first`, channels stand before depth.

    Args:
        output_size: numbers of windows, one for all or (depth, rows, columns).
        data_format: `"channels_last"` or `"channels_first"`.

    Raises:
        InvalidArgument: an argument cannot be right, or the inputs have another number of axes.

    Example:
        >>> import numpy as np
        >>> float(AdaptiveAveragePooling3D(1)(np.arange(8.0).reshape(1, 2, 2, 2, 1))[0, 0, 0, 0, 0])
        3.5

    Source: He et al., "Spatial pyramid pooling in deep convolutional networks for visual recognition", 2014.
    """

    rank = 3


@final
class AdaptiveMaxPooling1D(_AdaptiveMax):
    """Take the largest value of each of `output_size` windows that cover a sequence, for each channel.

        outputs[n, i, c] = max(inputs[n, floor(i * size / output_size) : ceil((i + 1) * size / output_size), c])

    Shapes: inputs `[batch, time, channel]`, outputs `[batch, *output_size, channel]`; with `channels_first`,
    channels stand before time.

    Args:
        output_size: number of windows.
        data_format: `"channels_last"` or `"channels_first"`.

    Raises:
        InvalidArgument: an argument cannot be right, or the inputs have another number of axes.

    Example:
        >>> AdaptiveMaxPooling1D(2)([[[1.0], [5.0], [2.0]]])[0, :, 0].tolist()
        [5.0, 5.0]

    Source: He et al., "Spatial pyramid pooling in deep convolutional networks for visual recognition", 2014.
    """

    rank = 1


@final
class AdaptiveMaxPooling2D(_AdaptiveMax):
    """Take the largest value of each of `output_size` windows that cover a picture, for each channel.

        outputs[n, i, c] = max(inputs[n, floor(i * size / output_size) : ceil((i + 1) * size / output_size), c])

    Shapes: inputs `[batch, row, column, channel]`, outputs `[batch, *output_size, channel]`; with `channels_first`,
    channels stand before rows.

    Args:
        output_size: numbers of windows, one for both or (rows, columns).
        data_format: `"channels_last"` or `"channels_first"`.

    Raises:
        InvalidArgument: an argument cannot be right, or the inputs have another number of axes.

    Example:
        >>> import numpy as np
        >>> AdaptiveMaxPooling2D((2, 1))(np.arange(10.0).reshape(1, 2, 5, 1))[0, :, :, 0].tolist()
        [[4.0], [9.0]]

    Source: He et al., "Spatial pyramid pooling in deep convolutional networks for visual recognition", 2014.
    """

    rank = 2


@final
class AdaptiveMaxPooling3D(_AdaptiveMax):
    """Take the largest value of each of `output_size` windows that cover a volume, for each channel.

        outputs[n, i, c] = max(inputs[n, floor(i * size / output_size) : ceil((i + 1) * size / output_size), c])

    Shapes: inputs `[batch, depth, row, column, channel]`, outputs `[batch, *output_size, channel]`; with
    `channels_first`, channels stand before depth.

    Args:
        output_size: numbers of windows, one for all or (depth, rows, columns).
        data_format: `"channels_last"` or `"channels_first"`.

    Raises:
        InvalidArgument: an argument cannot be right, or the inputs have another number of axes.

    Example:
        >>> import numpy as np
        >>> float(AdaptiveMaxPooling3D(1)(np.arange(8.0).reshape(1, 2, 2, 2, 1))[0, 0, 0, 0, 0])
        7.0

    Source: He et al., "Spatial pyramid pooling in deep convolutional networks for visual recognition", 2014.
    """

    rank = 3
