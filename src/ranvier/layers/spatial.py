"""What layers share whose inputs have rows, channels and one to three spatial axes."""

from __future__ import annotations

import inspect
from typing import Any, ClassVar

from ranvier._errors import InvalidArgument
from ranvier._typing import Shape
from ranvier.layers.base import Layer
from ranvier.layers.input_spec import InputSpec
from ranvier.ops.sliding import integers
from ranvier.state.symbolic import KerasTensor

__all__ = ["Spatial"]

_PER_AXIS = ("strides", "dilation_rate", "pool_size", "size")


class Spatial(Layer):
    """A layer for inputs `[row, *space, channel]`, or `[row, channel, *space]` when channels_first.

    A family's body is written once, for any number of spatial axes; a public class only says its `rank`.
    """

    rank: ClassVar[int] = 0
    data_format: str = "channels_last"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Show defaults once per axis, as Keras does: `strides=(1, 1)` for two of them."""
        super().__init_subclass__(**kwargs)
        parameters = list(inspect.signature(vars(cls).get("__init__", cls.__init__)).parameters.values())[1:]
        if "__init__" not in vars(cls) and cls.rank > 1:
            parameters = [
                one.replace(default=(one.default,) * cls.rank)
                if one.name in _PER_AXIS and isinstance(one.default, int)
                else one
                for one in parameters
            ]
        cls.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]

    def _where(self) -> str:
        return f"layer {self.name!r}"

    def _per_axis(self, name: str, value: Any, least: int = 1) -> tuple[int, ...]:
        """Return an argument as one whole number per spatial axis."""
        return integers(self._where(), name, value, self.rank, least)

    @property
    def _channel_axis(self) -> int:
        return 1 if self.data_format == "channels_first" else -1

    def _space(self, shape: Any) -> tuple[int | None, ...]:
        """Return the spatial sizes of a shape."""
        return tuple(shape[2:] if self.data_format == "channels_first" else shape[1:-1])

    def _across(self, sizes: Any, others: Any) -> tuple[Any, ...]:
        """Return `sizes` of the spatial axes among those of rows and channels."""
        return (others, others, *sizes) if self.data_format == "channels_first" else (others, *sizes, others)

    def _known_channels(self, input_shape: Any) -> int:
        """Return the number of channels, and ask for it from now on.

        Raises:
            InvalidArgument: another number of axes, or a number of channels that is not known.
        """
        if len(input_shape) != self.rank + 2:
            raise InvalidArgument(
                f"The inputs of {type(self).__name__} have another number of axes.",
                code="window-rank",
                place=self._where(),
                expected=f"{self.rank + 2} axes: rows, {self.rank} of space, channels",
                received=tuple(input_shape),
            )
        channels = input_shape[self._channel_axis]
        if channels is None:
            raise InvalidArgument(
                "The weights cannot be made before the number of channels is known.",
                code="unknown-channels",
                place=self._where(),
                expected=f"a shape whose axis {self._channel_axis} is known, with data_format={self.data_format!r}",
                received=tuple(input_shape),
                fix="give the input its number of channels, and check data_format",
            )
        self.input_spec = InputSpec(ndim=self.rank + 2, axes={self._channel_axis: channels})
        return int(channels)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Return the symbolic outputs; a spatial size that is not known before the layer is not known after it."""
        found = super().compute_output_spec(*args, **kwargs)
        inputs: Shape = args[0].shape
        if not isinstance(found, KerasTensor) or len(found.shape) != len(inputs):
            return found
        known = self._across([True] * self.rank, False)
        shape = tuple(
            None if spatial and before is None else size
            for spatial, before, size in zip(known, inputs, found.shape, strict=True)
        )
        return KerasTensor(shape, found.dtype)
