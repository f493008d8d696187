"""What scripts ask values for: `x.numpy()`, `x.get_shape()`, `x.shape.as_list()`; only while the hook is installed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ranvier import ops
from ranvier.compat.fitting import shapes_shown
from ranvier.layers.preprocessing.host import is_text
from ranvier.state.symbolic import KerasTensor
from ranvier.state.variable import Variable

__all__ = ["HostTensor", "TensorShape", "convert_to_tensor", "installed", "text_tensor"]

_ABSENT = object()
_ARRAY: Any = type(jnp.zeros(()))
_TRACER: Any = jax.core.Tracer
_OPERATORS = {
    **{"add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**", "matmul": "@"},
    **{"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="},
}


class TensorShape(tuple[int | None, ...]):
    """The sizes of a tensor's axes, None where unknown."""

    __slots__ = ()

    def as_list(self) -> list[int | None]:
        """Return the sizes as a list."""
        return list(self)

    @property
    def rank(self) -> int:
        """The number of axes."""
        return len(self)

    ndims = rank

    def num_elements(self) -> int | None:
        """Return the number of elements, None while a size is unknown."""
        return None if None in self else math.prod(int(size or 0) for size in self)

    def __getitem__(self, index: Any) -> Any:
        found = super().__getitem__(index)
        return TensorShape(found) if isinstance(index, slice) else found

    def __add__(self, other: Any) -> Any:
        return TensorShape((*self, *other))

    def __radd__(self, other: Any) -> Any:
        # A list's own `+=` would come here first, and must stay a list.
        return TensorShape((*other, *self)) if isinstance(other, tuple) else NotImplemented


class HostTensor(np.ndarray[Any, Any]):
    """Numbers that are known while a function is compiled, such as sizes: an array of NumPy with `numpy()`."""

    def numpy(self) -> Any:
        """Return the value as a plain array, or a NumPy number where there is no axis."""
        return np.asarray(self)[()]


def text_tensor(value: Any) -> HostTensor | None:
    """Return text as TensorFlow has tensors of it, an array on the host; None for all else."""
    return np.asarray(value, object).view(HostTensor) if is_text(value) else None


def convert_to_tensor(x: Any, dtype: Any = None, sparse: bool | None = None, ragged: bool | None = None) -> Any:
    """Return `keras.ops.convert_to_tensor(x, ...)`, and of text what a model's text inputs take."""
    text = text_tensor(x)
    return ops.convert_to_tensor(x, dtype, sparse, ragged) if text is None else text


def _numpy(self: Any) -> Any:
    """Return the value for NumPy: an array, or a NumPy number where there is no axis."""
    return np.asarray(self)[()]


def _get_shape(self: Any) -> TensorShape:
    """Return the shape."""
    return TensorShape(self.shape)


def _shape_of(kind: Any) -> property:
    """Return the property `shape` of a class as one that gives a TensorShape."""
    given = vars(kind).get("shape")
    if isinstance(given, property):
        return property(lambda self: TensorShape(given.__get__(self)), given.fset)

    def store(self: Any, value: Any) -> None:
        vars(self)["shape"] = value

    return property(lambda self: TensorShape(vars(self)["shape"]), store)


@contextmanager
def installed() -> Iterator[None]:
    """Give arrays, Variables and symbolic tensors TensorFlow's methods inside the `with` block, then take them back."""
    added: dict[tuple[Any, str], Any] = {(kind, "numpy"): _numpy for kind in (_ARRAY, Variable)}
    added |= {(kind, "get_shape"): _get_shape for kind in (_ARRAY, Variable, _TRACER, KerasTensor)}
    added |= {(kind, "shape"): _shape_of(kind) for kind in (_ARRAY, Variable, _TRACER, KerasTensor)}
    for name, sign in _OPERATORS.items():
        for kind in (_ARRAY, _TRACER):
            method = f"__{name}__"
            added[kind, method] = shapes_shown(getattr(kind, method), f"tensor {sign} tensor")
    before = {(kind, name): vars(kind).get(name, _ABSENT) for kind, name in added}
    for (kind, name), value in added.items():
        setattr(kind, name, value)
    try:
        yield
    finally:
        for (kind, name), old in before.items():
            if old is _ABSENT:
                delattr(kind, name)
            else:
                setattr(kind, name, old)
