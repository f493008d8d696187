"""Variable: a named array that training changes, with one identity in every model that contains it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ranvier import _config
from ranvier._errors import InvalidArgument, Unsupported
from ranvier._typing import Array, DType
from ranvier.state import eager, naming, rng, scope
from ranvier.state.dtypes import dtype_name as dtype_name
from ranvier.state.scope import Scope

__all__ = ["Variable", "as_array", "dtype_name", "materialize"]

_numbers = itertools.count()


class Variable:
    """A value that a program can change.

    The first value is drawn when somebody looks at it, or when training starts, whichever comes first: so
    `fit(seed=s)` also decides the weights that nobody has seen.

    Args:
        initializer: an array, or a callable `(shape, dtype) -> array`, or a zero-argument callable.
        shape: needed with an initializer callable that takes a shape.
        dtype: the type of the stored value.
        trainable: whether gradients change it.
        autocast: whether a layer's compute dtype applies when it is read.
        aggregation: how replicas combine it; kept as a note.
        synchronization: when replicas do; kept as a note.
        name: the last part of its path.
        layout: must be None: how an array is spread over devices is the engine's affair.
    """

    regularizer: Any = None
    constraint: Any = None
    overwrite_with_gradient: bool = False

    def __init__(
        self,
        initializer: Any,
        shape: tuple[int, ...] | None = None,
        dtype: DType | None = None,
        trainable: bool = True,
        autocast: bool = True,
        aggregation: str | None = "none",
        synchronization: str = "auto",
        name: str | None = None,
        layout: Any = None,
    ) -> None:
        if layout is not None:
            raise Unsupported("A Variable has no layout of its own.", code="variable-layout", received=repr(layout))
        self._number = next(_numbers)
        self.name = name or "variable"
        self.owner_path = naming.below_scope()
        self.aggregation, self.synchronization = aggregation or "none", synchronization
        self.autocast = autocast
        self._trainable = bool(trainable)
        self.version = 0
        self._initializer: Callable[..., Any] | None = None
        self._value: Array | None = None
        self._begin(initializer, shape, dtype)

    def _begin(self, initializer: Any, shape: tuple[int, ...] | None, dtype: DType | None) -> None:
        """Take the first value, or remember how it is drawn when somebody looks."""
        if callable(initializer) and not hasattr(initializer, "__array__"):
            if shape is None:
                initial = jnp.asarray(initializer(), dtype and dtype_name(dtype))
                self._value, self._shape, self._dtype = initial, initial.shape, initial.dtype.name
                return
            self._initializer = initializer
            self._shape = tuple(int(size) for size in shape)
            self._dtype = dtype_name(dtype)
        else:
            with jax.ensure_compile_time_eval():
                array = as_array(initializer)
            if dtype is None and jnp.issubdtype(array.dtype, jnp.floating):
                dtype = _config.floatx() if not hasattr(initializer, "dtype") else array.dtype.name
            self._value = jnp.asarray(array, dtype_name(dtype) if dtype is not None else array.dtype)
            self._shape, self._dtype = self._value.shape, self._value.dtype.name

    @property
    def path(self) -> str:
        """Where the variable stands, for people: the owner's path and its name."""
        return f"{self.owner_path}/{self.name}" if self.owner_path else self.name

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the value."""
        return self._shape

    @property
    def dtype(self) -> str:
        """The name of the stored type."""
        return self._dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self._shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return int(np.prod(self._shape, dtype=np.int64))

    @property
    def trainable(self) -> bool:
        """Whether gradients change it; what counts for a model is captured at `compile`."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)

    @property
    def pending(self) -> bool:
        """Whether the first value has not been drawn yet."""
        return self._value is None

    @property
    def initializer(self) -> Callable[..., Any] | None:
        """The callable that draws the first value; None when an array was given."""
        return self._initializer

    @property
    def value(self) -> Array:
        """The current value, in the layer's compute dtype while a layer with one runs."""
        running = scope.active()
        if running is None:
            return eager.read(self, self.stored)
        value = running.read(self)
        if value is None:
            value = jnp.zeros(self._shape, self._dtype) if running.abstract and self.pending else self.stored
        cast = running.compute_dtype
        if cast is not None and self.autocast and value.dtype != cast and jnp.issubdtype(value.dtype, jnp.floating):
            return value.astype(cast)
        return value

    @property
    def stored(self) -> Array:
        """The value outside any running pass, drawn now if it was pending."""
        if self._value is None:
            materialize([self], [rng.global_key()])
        assert self._value is not None
        return self._value

    def store(self, value: Array) -> None:
        """Replace the value outside any running pass: what a program does when it checks its state in."""
        self._value = value
        self.version += 1

    def assign(self, value: Any) -> Any:
        """Set the value; inside a running pass, for that pass, which hands it out at its end.

        Raises:
            InvalidArgument: the shapes differ.
        """
        array = as_array(value)
        if tuple(array.shape) != self._shape:
            raise InvalidArgument(
                "The value to assign has another shape than the variable.",
                code="assign-shape",
                place=self.path,
                expected=self._shape,
                received=tuple(array.shape),
                fix="reshape the value first",
            )
        array = array.astype(self._dtype)
        running = scope.active()
        if running is None or not (running.takes(self) or isinstance(array, jax.core.Tracer)):
            self.store(array)
        else:
            running.write(self, array)
        return array

    def assign_add(self, value: Any) -> Any:
        """Add `value` in place."""
        return self.assign(self.value + as_array(value))

    def assign_sub(self, value: Any) -> Any:
        """Subtract `value` in place."""
        return self.assign(self.value - as_array(value))

    def numpy(self) -> np.ndarray:
        """Return the value as a NumPy array."""
        return np.asarray(self.value)

    def __repr__(self) -> str:
        shown = "pending" if self.pending else np.array2string(np.asarray(self.stored), threshold=8)
        return f"<Variable path={self.path}, shape={self._shape}, dtype={self._dtype}, value={shown}>"

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self.value, dtype=dtype)

    def __jax_array__(self) -> Array:
        return self.value

    def __len__(self) -> int:
        return self._shape[0]

    def __iter__(self) -> Any:
        return iter(self.value)

    def __getitem__(self, index: Any) -> Array:
        return self.value[index]

    def __int__(self) -> int:
        return int(self.value)

    def __float__(self) -> float:
        return float(self.value)

    def __bool__(self) -> bool:
        return bool(self.value)

    def __index__(self) -> int:
        return int(self.value)


def _install_operators() -> None:
    """Give Variable the arithmetic of its value."""
    binary = ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"]
    names = [f"__{side}{name}__" for name in binary for side in ("", "r")]
    names += [f"__{name}__" for name in ["lt", "le", "gt", "ge", "eq", "ne", "and", "or", "xor"]]
    for name in names:
        setattr(Variable, name, _binary(name))
    for name in ("__neg__", "__pos__", "__abs__", "__invert__"):
        setattr(Variable, name, _unary(name))
    Variable.__hash__ = object.__hash__  # type: ignore[method-assign]


def _binary(name: str) -> Callable[[Variable, Any], Any]:
    def operator(self: Variable, other: Any) -> Any:
        if name in ("__eq__", "__ne__") and (other is None or isinstance(other, str)):
            return name == "__ne__"
        return getattr(self.value, name)(other.value if isinstance(other, Variable) else other)

    return operator


def _unary(name: str) -> Callable[[Variable], Any]:
    def operator(self: Variable) -> Any:
        return getattr(self.value, name)()

    return operator


_install_operators()


def as_array(value: Any) -> Array:
    """Return `value` as a JAX array; a Variable gives its current value."""
    if isinstance(value, Variable):
        return value.value
    if isinstance(value, jax.Array):
        return value
    if hasattr(value, "detach") and hasattr(value, "cpu"):
        value = value.detach().cpu().numpy()
    return jnp.asarray(value)


def materialize(variables: list[Variable], keys: list[Array]) -> None:
    """Draw the first values of pending variables, each from its own key."""
    for variable, key in zip(variables, keys, strict=True):
        if variable._value is not None:
            continue
        assert variable._initializer is not None
        # A pass of its own, so that drawing inside a traced step still gives a concrete value.
        with scope.entered(Scope(key=key)), jax.ensure_compile_time_eval():
            value = variable._initializer(variable._shape, dtype=variable._dtype)
            array = jnp.asarray(as_array(value), variable._dtype)
        if tuple(array.shape) != variable._shape:
            raise InvalidArgument(
                "The initializer returned another shape than the variable's.",
                code="initializer-shape",
                place=variable.path,
                expected=variable._shape,
                received=tuple(array.shape),
                fix="return an array of the shape that the initializer is called with",
            )
        variable._value = array
