"""What all convolutions share: the window, the bias, the activation."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, ClassVar, NamedTuple

from ranvier import activations, constraints, initializers, ops, regularizers
from ranvier._errors import InvalidArgument
from ranvier.layers.activation import activated
from ranvier.layers.data_format import known_data_format
from ranvier.layers.input_spec import InputSpec
from ranvier.layers.spatial import Spatial
from ranvier.ops.sliding import known_padding, steps, too_large
from ranvier.state.variable import Variable

__all__ = ["FOLLOWING", "Convolving", "Following"]


class Following(NamedTuple):
    """What a convolution does in its own pass in place of the layers behind it (`models/fuse.py`).

    Attributes:
        scale: factors [filter] of the outputs; None for none.
        shift: what is added to them then.
        relu: whether negative outputs become 0.
        pool: size, strides and padding of a max pooling; None for none.
    """

    scale: Any = None
    shift: Any = None
    relu: bool = False
    pool: tuple[Any, Any, str] | None = None

    def folded(self, kernel: Any, bias: Any) -> tuple[Any, Any]:
        """Return kernel and bias with the scale and shift in them; a kernel's filters are its last axis or two."""
        columns = ops.shape(kernel)[-1]
        scale = self.scale if self.scale.shape[0] == columns else ops.reshape(self.scale, (-1, columns))
        shift = self.shift if bias is None else ops.add(ops.multiply(bias, self.scale), self.shift)
        return ops.multiply(kernel, scale), shift


FOLLOWING: ContextVar[Following | None] = ContextVar("ranvier_following", default=None)
"""Set around the call of one convolution."""


class Convolving(Spatial):
    """A layer that slides weights along its inputs.

        outputs = activation(sums(inputs) + bias)

    A subclass adds its weights in `build` and computes the sums in `call`.
    """

    writes_activity_regularizer = True

    paddings: ClassVar[tuple[str, ...]] = ("valid", "same")
    bias: Variable | None = None

    def _keep_window(
        self, kernel_size: Any, strides: Any, padding: Any, data_format: str | None, dilation_rate: Any
    ) -> None:
        """Store the window's arguments under their names."""
        self.kernel_size = self._per_axis("kernel_size", kernel_size)
        self.strides = self._per_axis("strides", strides)
        self.padding = known_padding(self._where(), padding, self.paddings)
        self.data_format = known_data_format(self, data_format)
        self.dilation_rate = self._per_axis("dilation_rate", dilation_rate)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def _keep_weights(self, **arguments: Any) -> None:
        """Store initializers, regularizers and constraints under their names."""
        packages = {"initializer": initializers, "regularizer": regularizers, "constraint": constraints}
        for name, value in arguments.items():
            setattr(self, name, packages[name.rpartition("_")[2]].get(value))

    def _keep_outputs(self, activation: Any, use_bias: bool) -> None:
        self.activation = activations.get(activation)
        self.use_bias = use_bias

    def _refuse_gaps(self) -> None:
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise InvalidArgument(
                "A window cannot have both strides and dilation_rate above 1.",
                code="window-gaps",
                place=self._where(),
                expected="strides=1 or dilation_rate=1",
                received=f"strides={self.strides}, dilation_rate={self.dilation_rate}",
            )

    def _refuse_larger_window(self, input_shape: Any) -> None:
        """Raise where the window does not fit into the spatial sizes that are known."""
        if self.padding != "valid":
            return
        lengths = self._space(input_shape)
        for length, size, stride, rate in zip(lengths, self.kernel_size, self.strides, self.dilation_rate, strict=True):
            if length is not None and steps(length, size, stride, rate, self.padding) < 1:
                raise too_large(self._where(), lengths, self.kernel_size, self.dilation_rate)

    def _weight(self, name: str, shape: tuple[int, ...], role: str) -> Variable:
        """Add a weight; `role` is the first word of the arguments about it."""
        return self.add_weight(
            name=name,
            shape=shape,
            initializer=getattr(self, f"{role}_initializer"),
            regularizer=getattr(self, f"{role}_regularizer"),
            constraint=getattr(self, f"{role}_constraint"),
        )

    def _add_bias(self, filters: int) -> None:
        self.bias = self._weight("bias", (filters,), "bias") if self.use_bias else None

    def _in_one(self, convolution: Any, inputs: Any, kernel: Any, **window: Any) -> Any:
        """Return the outputs of a `convolution` of `ops` that takes the bias and ReLU in the same pass."""
        after, bias = FOLLOWING.get() or Following(), self.bias
        if after.scale is not None:
            kernel, bias = after.folded(kernel, bias)
        rectified = self.activation in (activations.relu, ops.relu)
        sums = convolution(inputs, kernel, bias, rectified or after.relu, **window, pool=after.pool)
        return sums if rectified else activated(self.activation, sums, self.name)

    def _finished(self, sums: Any) -> Any:
        """Return the activated sums with the bias."""
        if self.bias is not None:
            behind = self.rank if self.data_format == "channels_first" else 0
            sums = ops.add(sums, ops.reshape(self.bias, (-1,) + (1,) * behind))
        return activated(self.activation, sums, self.name)

    def _window(self) -> dict[str, Any]:
        """Return the arguments of the window as functions of `ops` take them."""
        return {
            "strides": self.strides,
            "padding": self.padding,
            "data_format": self.data_format,
            "dilation_rate": self.dilation_rate,
        }
