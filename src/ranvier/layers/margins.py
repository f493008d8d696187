"""ZeroPadding and Cropping: margins put around the inputs, or cut off."""

from __future__ import annotations

from typing import Any, final

from ranvier import ops
from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.layers.data_format import known_data_format
from ranvier.layers.input_spec import InputSpec
from ranvier.layers.spatial import Spatial
from ranvier.ops.sliding import integers

__all__ = ["Cropping1D", "Cropping2D", "Cropping3D", "ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D"]


class _Margins(Spatial):
    """What layers share that change the ends of spatial axes."""

    def _keep(self, data_format: str | None) -> None:
        self.data_format = known_data_format(self, data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)
        self.built = True

    def _both_ends(self, name: str, value: Any) -> tuple[tuple[int, ...], ...]:
        """Return an argument as (first end, last end) of each axis; one number counts for both ends, or for all."""
        given = value if isinstance(value, (list, tuple)) else [value] * self.rank
        if len(given) != self.rank:
            raise InvalidArgument(
                f"{name} says what happens at the ends of {self.rank} spatial axes.",
                code="window-argument",
                place=f"{self._where()}: {name}",
                expected=f"a whole number, or {self.rank} of them, or {self.rank} pairs",
                received=repr(value),
            )
        return tuple(integers(self._where(), name, one, 2, least=0) for one in given)


class _Padding(_Margins):
    """The body of all ranks."""

    padding: Any

    def call(self, inputs: Array) -> Array:
        """Return the inputs with zeros at the ends."""
        return ops.pad(inputs, self._across((self.padding,) if self.rank == 1 else self.padding, (0, 0)))


class _Cropping(_Margins):
    """The body of all ranks."""

    cropping: Any

    def call(self, inputs: Array) -> Array:
        """Return the inputs without their ends."""
        ends = self._across((self.cropping,) if self.rank == 1 else self.cropping, (0, 0))
        if any(sum(end) >= max(size, 1) for end, size in zip(ends, inputs.shape, strict=True) if any(end)):
            raise InvalidArgument(
                "Nothing would be left of the inputs.",
                code="cropping-size",
                place=self._where(),
                expected=f"spatial sizes above what is cut off, {self.cropping}",
                received=tuple(inputs.shape),
                fix="cut off less, or check data_format",
            )
        return inputs[tuple(slice(start, size - end) for (start, end), size in zip(ends, inputs.shape, strict=True))]


@final
class ZeroPadding1D(_Padding):
    """Put zeros before and after a sequence.

    Shapes: inputs `[batch, time, channel]`, outputs `[batch, before + time + after, channel]`; with `channels_first`,
    channels stand before time.

    Args:
        padding: number of zeros, one number or (before, after).
        data_format: `"channels_last"` or `"channels_first"`.

    Raises:
        InvalidArgument: an argument cannot be right.

    Example:
        >>> ZeroPadding1D((0, 2))([[[1.0]]])[0, :, 0].tolist()
        [1.0, 0.0, 0.0]
    """

    rank = 1

    def __init__(self, padding: Any = 1, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.padding = integers(self._where(), "padding", padding, 2, least=0)
        self._keep(data_format)


@final
class ZeroPadding2D(_Padding):
    """Put zeros around pictures.

    Shapes: inputs `[batch, row, column, channel]`, outputs
    `[batch, top + row + bottom, left + column + right, channel]`; with `channels_first`, channels stand before rows.

    Args:
        padding: number of zeros: one number, (rows, columns), or ((top, bottom), (left, right)).
        data_format: `"channels_last"` or `"channels_first"`.

    Raises:
        InvalidArgument: an argument cannot be right.

    Example:
        >>> ZeroPadding2D(((1, 0), (0, 1)))([[[[3.0]]]])[0, :, :, 0].tolist()
        [[0.0, 0.0], [3.0, 0.0]]
    """

    rank = 2

    def __init__(self, padding: Any = (1, 1), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.padding = self._both_ends("padding", padding)
        self._keep(data_format)


@final
class ZeroPadding3D(_Padding):
    """Put zeros around volumes.

    Shapes: inputs and outputs `[batch, depth, row, column, channel]`, the outputs longer by the zeros; with
    `channels_first`, channels stand before depth.

    Args:
        padding: number of zeros: one number, one for each axis, or a pair for each axis.
        data_format: `"channels_last"` or `"channels_first"`.

    Raises:
        InvalidArgument: an argument cannot be right.

    Example:
        >>> ZeroPadding3D((0, 0, 1))([[[[[3.0]]]]])[0, 0, 0, :, 0].tolist()
        [0.0, 3.0, 0.0]
    """

    rank = 3

    def __init__(self, padding: Any = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.padding = self._both_ends("padding", padding)
        self._keep(data_format)


@final
class Cropping1D(_Cropping):
    """Cut off the ends of a sequence.

    Shapes: inputs `[batch, time, channel]`, outputs `[batch, time - before - after, channel]`.

    Args:
        cropping: steps to cut off, one number or (before, after).

    Raises:
        InvalidArgument: an argument cannot be right, or nothing would be left.

    Example:
        >>> Cropping1D((1, 0))([[[1.0], [2.0], [3.0]]])[0, :, 0].tolist()
        [2.0, 3.0]
    """

    rank = 1

    def __init__(self, cropping: Any = (1, 1), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cropping = integers(self._where(), "cropping", cropping, 2, least=0)
        self._keep("channels_last")


@final
class Cropping2D(_Cropping):
    """Cut off the edges of pictures.

    Shapes: inputs `[batch, row, column, channel]`, outputs
    `[batch, row - top - bottom, column - left - right, channel]`; with `channels_first`, channels stand before rows.

    Args:
        cropping: what to cut off: one number, (rows, columns), or ((top, bottom), (left, right)).
        data_format: `"channels_last"` or `"channels_first"`.

    Raises:
        InvalidArgument: an argument cannot be right, or nothing would be left.

    Example:
        >>> Cropping2D(((1, 0), (0, 0)))([[[[1.0]], [[2.0]]]])[0, :, 0, 0].tolist()
        [2.0]
    """

    rank = 2

    def __init__(self, cropping: Any = ((0, 0), (0, 0)), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cropping = self._both_ends("cropping", cropping)
        self._keep(data_format)


@final
class Cropping3D(_Cropping):
    """Cut off the faces of volumes.

    Shapes: inputs and outputs `[batch, depth, row, column, channel]`, the outputs shorter by what is cut off; with
    `channels_first`, channels stand before depth.

    Args:
        cropping: what to cut off: one number, one for each axis, or a pair for each axis.
        data_format: `"channels_last"` or `"channels_first"`.

    Raises:
        InvalidArgument: an argument cannot be right, or nothing would be left.

    Example:
        >>> import numpy as np
        >>> Cropping3D(1)(np.arange(27.0).reshape(1, 3, 3, 3, 1)).tolist()
        [[[[[13.0]]]]]
    """

    rank = 3

    def __init__(self, cropping: Any = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cropping = self._both_ends("cropping", cropping)
        self._keep(data_format)
