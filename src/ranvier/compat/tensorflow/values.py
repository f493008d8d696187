"""Tensors and Variables: how scripts make them and look at them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ranvier import ops
from ranvier.compat.arrays import HostTensor, TensorShape, text_tensor
from ranvier.compat.tensorflow.dtypes import on_device
from ranvier.compat.tensorflow.named import named
from ranvier.state.symbolic import KerasTensor, op
from ranvier.state.variable import Variable as _Variable

__all__ = [
    "Tensor",
    "TensorShape",
    "TensorSpec",
    "Variable",
    "cast",
    "constant",
    "convert_to_tensor",
    "eye",
    "fill",
    "identity",
    "is_symbolic_tensor",
    "is_tensor",
    "linspace",
    "newaxis",
    "one_hot",
    "ones",
    "ones_like",
    "range",
    "rank",
    "shape",
    "size",
    "stop_gradient",
    "zeros",
    "zeros_like",
]

Tensor = jax.Array
newaxis = None
stop_gradient = named(ops.stop_gradient)


class TensorSpec:
    """What a tensor looks like.

    Args:
        shape: sizes of its axes, None where unknown.
        dtype: its type.
        name: for people.
    """

    def __init__(self, shape: Sequence[int | None] = (), dtype: Any = "float32", name: str | None = None) -> None:
        self.shape, self.dtype, self.name = TensorShape(shape), dtype, name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TensorSpec) and (self.shape, self.dtype) == (other.shape, other.dtype)

    def __hash__(self) -> int:
        return hash((self.shape, str(self.dtype)))

    def __repr__(self) -> str:
        return f"TensorSpec(shape={tuple(self.shape)}, dtype=tf.{self.dtype}, name={self.name!r})"


class _AnyVariable(type):
    """Lets `isinstance(x, tf.Variable)` hold for the weights of layers too."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, _Variable)


class Variable(_Variable, metaclass=_AnyVariable):
    """A Variable by TensorFlow's arguments.

    Args:
        initial_value: its first value, or a callable without arguments that gives it.
        trainable: whether gradients change it.
        validate_shape: accepted.
        caching_device: accepted.
        name: for people.
        variable_def: accepted.
        dtype: its type; that of the value when None.
        constraint: a function that projects the value after each update.
        shape: accepted; the shape is the value's.
    """

    def __init__(
        self,
        initial_value: Any = None,
        trainable: bool | None = True,
        validate_shape: bool = True,
        caching_device: Any = None,
        name: str | None = None,
        variable_def: Any = None,
        dtype: Any = None,
        *,
        constraint: Any = None,
        shape: Any = None,
    ) -> None:
        value = initial_value() if callable(initial_value) else initial_value
        super().__init__(convert_to_tensor(value, dtype), trainable=trainable is not False, name=name)
        self.constraint = constraint

    def read_value(self) -> Any:
        """Return the current value."""
        return self.value


@op
def _converted(value: Any, dtype: Any) -> Any:
    return ops.convert_to_tensor(value, on_device(dtype))


def convert_to_tensor(value: Any, dtype: Any = None, dtype_hint: Any = None, name: str | None = None) -> Any:
    """Return a value as a tensor; text stays on the host."""
    if (text := text_tensor(value)) is not None:
        return text
    if isinstance(value, (list, tuple)) and any(isinstance(leaf, jax.Array) for leaf in jax.tree.leaves(value)):
        value = ops.stack([convert_to_tensor(item) for item in value])
    return _converted(value, dtype)


def constant(value: Any, dtype: Any = None, shape: Sequence[int] | None = None, name: str = "Const") -> Any:
    """Return a value as a tensor of its own, in `shape` where given; one number fills it."""
    tensor = convert_to_tensor(value, dtype)
    if isinstance(tensor, HostTensor):
        return tensor if shape is None else np.broadcast_to(tensor, tuple(shape), subok=True)
    tensor = jnp.copy(tensor)
    if shape is None:
        return tensor
    return ops.broadcast_to(tensor, tuple(shape)) if tensor.size == 1 else ops.reshape(tensor, tuple(shape))


def cast(x: Any, dtype: Any, name: str | None = None) -> Any:
    """Return `x` in another type."""
    return ops.cast(x, on_device(dtype))


def is_tensor(x: Any) -> bool:
    """Whether `x` is a tensor, a symbolic tensor or a Variable."""
    return isinstance(x, (jax.Array, KerasTensor, _Variable))


def is_symbolic_tensor(x: Any) -> bool:
    """Whether `x` has no value yet."""
    return isinstance(x, (KerasTensor, jax.core.Tracer))


def identity(input: Any, name: str | None = None) -> Any:
    """Return an equal tensor."""
    return ops.copy(input)


def zeros(shape: Any, dtype: Any = "float32", name: str | None = None) -> Any:
    """Return zeros."""
    return ops.zeros(_sizes(shape), on_device(dtype))


def ones(shape: Any, dtype: Any = "float32", name: str | None = None) -> Any:
    """Return ones."""
    return ops.ones(_sizes(shape), on_device(dtype))


def fill(dims: Any, value: Any, name: str | None = None) -> Any:
    """Return an array that is `value` everywhere."""
    return ops.full(_sizes(dims), value, convert_to_tensor(value).dtype)


def zeros_like(input: Any, dtype: Any = None, name: str | None = None) -> Any:
    """Return zeros in the shape of `input`."""
    return ops.zeros_like(input, on_device(dtype))


def ones_like(input: Any, dtype: Any = None, name: str | None = None) -> Any:
    """Return ones in the shape of `input`."""
    return ops.ones_like(input, on_device(dtype))


def eye(num_rows: int, num_columns: int | None = None, dtype: Any = "float32", name: str | None = None) -> Any:
    """Return ones on the diagonal of zeros."""
    return ops.eye(num_rows, num_columns, dtype=on_device(dtype))


def range(start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None, name: str | None = None) -> Any:
    """Return numbers from `start` (0 when it stands alone) to below `limit`."""
    first, last = (0, start) if limit is None else (start, limit)
    return ops.arange(first, last, delta, on_device(dtype))


def linspace(start: Any, stop: Any, num: int, name: str | None = None, axis: int = 0) -> Any:
    """Return `num` evenly spaced numbers, both ends included."""
    return ops.linspace(start, stop, num, axis=axis)


def one_hot(
    indices: Any,
    depth: int,
    on_value: Any = None,
    off_value: Any = None,
    axis: int | None = None,
    dtype: Any = None,
    name: str | None = None,
) -> Any:
    """Return class numbers as vectors of `off_value` (0) with one `on_value` (1)."""
    hot = ops.one_hot(indices, int(depth), axis=-1 if axis is None else axis, dtype=on_device(dtype or "float32"))
    if on_value is None and off_value is None:
        return hot
    on, off = 1 if on_value is None else on_value, 0 if off_value is None else off_value
    return ops.where(hot == 1, ops.cast(on, hot.dtype), ops.cast(off, hot.dtype))


def shape(input: Any, out_type: Any = None, name: str | None = None) -> Any:
    """Return the sizes of the axes: a tensor of numbers, or a tuple where one is unknown."""
    sizes = ops.shape(input)
    return sizes if any(not isinstance(size, int) for size in sizes) else np.array(sizes, "int32").view(HostTensor)


def rank(input: Any, name: str | None = None) -> Any:
    """Return the number of axes."""
    return np.array(len(ops.shape(input)), "int32").view(HostTensor)


def size(input: Any, out_type: Any = None, name: str | None = None) -> Any:
    """Return the number of elements."""
    return ops.size(input)


def _sizes(shape: Any) -> tuple[Any, ...]:
    return (int(shape),) if np.ndim(shape) == 0 else tuple(int(size) for size in shape)
