"""Arrays in and out: conversion without silent wrap-around, casts, slices, and errors that name the right function.

Keras's promotion rules hold in the whole package: int32 with float32 gives float32, Python numbers take the array's
type, integer division gives floatx. There is no int64: whole numbers are int32, and one that does not fit is an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ranvier import _config
from ranvier._errors import InvalidArgument, RanvierError, WrongType
from ranvier._typing import Array, ArrayLike, DType
from ranvier.ops.refusals import dense_only
from ranvier.state import symbolic
from ranvier.state.symbolic import op
from ranvier.state.variable import Variable, as_array, dtype_name

__all__ = [
    "cast",
    "convert_to_numpy",
    "convert_to_tensor",
    "dtype",
    "explain",
    "floating",
    "is_tensor",
    "operand",
    "saturate_cast",
    "scatter",
    "scatter_update",
    "shape",
    "slice",
    "slice_update",
    "stop_gradient",
    "to_device",
    "traceable",
    "unstack",
]


def operand(x: ArrayLike) -> Array:
    """Return anything array-like as an array; a Python number keeps its weak type."""
    if isinstance(x, jax.Array):
        return x
    if isinstance(x, (bool, int, float, complex)):
        return _from_numpy(np.asarray(x)) if _too_big(x) else jnp.asarray(x)
    if isinstance(x, Variable):
        return x.value
    if isinstance(x, (list, tuple)) and any(isinstance(leaf, jax.Array) for leaf in jax.tree_util.tree_leaves(x)):
        return jnp.asarray(x)
    return _from_numpy(_as_numpy(x))


def floating(x: ArrayLike) -> Array:
    """Return an array whose integers and booleans have become floatx."""
    array = operand(x)
    return array if jnp.issubdtype(array.dtype, jnp.inexact) else array.astype(_config.floatx())


def _too_big(x: Any) -> bool:
    return isinstance(x, int) and not -(2**31) <= x < 2**31


def _as_numpy(x: Any) -> np.ndarray:
    if hasattr(x, "detach") and hasattr(x, "cpu"):
        return np.asarray(x.detach().cpu().numpy())
    return np.asarray(x)


def _from_numpy(x: np.ndarray) -> Array:
    """Put a NumPy array on the device in the type that exists there."""
    if x.dtype.kind not in "biufcV" and x.dtype.kind not in "?":
        raise WrongType(
            "This cannot become an array of numbers.",
            code="not-numeric",
            expected="numbers or booleans",
            received=f"NumPy dtype {x.dtype}: {x.ravel()[:3]!r}"[:200],
            fix="turn text into numbers first (a lookup layer, a table of categories)",
        )
    return jnp.asarray(_fitting(x, jax.dtypes.canonicalize_dtype(x.dtype)))


def _fitting(x: np.ndarray, target: Any) -> np.ndarray:
    """Return `x` in the integer type `target`; whole numbers that would wrap around are an error."""
    target = np.dtype(target)
    if x.dtype.kind in "iu" and target.kind in "iu" and not np.can_cast(x.dtype, target) and x.size:
        bounds = np.iinfo(target)
        low, high = int(x.min()), int(x.max())
        if low < bounds.min or high > bounds.max:
            raise InvalidArgument(
                f"Whole numbers do not fit in {target.name}.",
                code="integer-overflow",
                expected=f"values from {bounds.min} to {bounds.max}",
                received=f"{x.dtype} values from {low} to {high}",
                fix="map identifiers to 0..n-1, or convert measurements to float32 first",
            )
    return x.astype(target, copy=False) if x.dtype != target else x


def to_device(array: Any) -> Any:
    """Return data as an array that a program can take; text stays a NumPy array.

    Floats of 64 bits become floatx, integers of 64 bits become int32.

    Raises:
        InvalidArgument: a whole number does not fit in int32.
    """
    if isinstance(array, (jax.Array, Variable)):
        return operand(array)
    values = _as_numpy(array)
    if values.dtype.kind in "OSUM" or values.dtype.kind == "T":
        return values
    if values.dtype == np.float64:
        return jnp.asarray(values, _config.floatx())
    if values.dtype.kind in "iu" and values.dtype.itemsize > 4:
        return jnp.asarray(_fitting(values, np.int32))
    return _from_numpy(values)


def convert_to_tensor(
    x: ArrayLike, dtype: DType | None = None, sparse: bool | None = None, ragged: bool | None = None
) -> Array:
    """Return `x` as an array.

    Args:
        x: array, Variable, number, nested list, torch tensor.
        dtype: the wanted type; the value's own when None.
        sparse: only False or None.
        ragged: only False or None.

    Raises:
        InvalidArgument: a whole number does not fit in the type.
        WrongType: text, objects, sparse or ragged arrays.
    """
    dense_only(sparse, ragged)
    if isinstance(x, symbolic.KerasTensor):
        return cast(x, dtype) if dtype is not None else x  # type: ignore[return-value]
    if dtype is None:
        return operand(x)
    name = dtype_name(dtype)
    if isinstance(x, (jax.Array, Variable)):
        return as_array(x).astype(name)
    if isinstance(x, (list, tuple)) and any(isinstance(leaf, jax.Array) for leaf in jax.tree_util.tree_leaves(x)):
        return jnp.asarray(x, name)
    values = _as_numpy(x)
    if jnp.issubdtype(jnp.dtype(name), jnp.integer):
        values = _fitting(values, jnp.dtype(name))
    return jnp.asarray(values, name)


def convert_to_numpy(x: ArrayLike) -> np.ndarray:
    """Return `x` as a NumPy array."""
    return np.array(x.value if isinstance(x, Variable) else x)


def is_tensor(x: Any) -> bool:
    """Whether `x` is an array of the backend."""
    return isinstance(x, jax.Array)


@op
def cast(x: ArrayLike, dtype: DType) -> Array:
    """Return `x` in the type `dtype`."""
    return convert_to_tensor(x, dtype)


@op
def saturate_cast(x: ArrayLike, dtype: DType) -> Array:
    """Return `x` in the type `dtype`; what lies outside its range becomes its smallest or largest value."""
    array, target = operand(x), jnp.dtype(dtype_name(dtype))
    if jnp.issubdtype(target, jnp.integer):
        bounds: Any = np.iinfo(target)
    elif jnp.issubdtype(target, jnp.floating):
        bounds = _float_info(target)
    else:
        return array.astype(target)
    low, high = bounds.min, bounds.max
    if jnp.issubdtype(array.dtype, jnp.integer):
        own = np.iinfo(array.dtype)
        low, high = max(int(low), int(own.min)), min(int(high), int(own.max))
        return jnp.clip(array, low, high).astype(target)
    # The largest int32 is no float32: its rounded value would wrap around in the cast.
    inside = jnp.clip(array, low, high).astype(target)
    return jnp.where(array >= high, jnp.asarray(bounds.max, target), inside)


def dtype(x: ArrayLike) -> str:
    """Return the name of the type of `x`."""
    return str(x.dtype) if isinstance(x, symbolic.KerasTensor) else str(operand(x).dtype.name)


def shape(x: ArrayLike) -> tuple[Any, ...]:
    """Return the shape of `x` as a tuple, None where unknown."""
    return tuple(x.shape) if hasattr(x, "shape") else tuple(operand(x).shape)


@op
def stop_gradient(variable: ArrayLike) -> Array:
    """Return the value as a constant of backpropagation."""
    return lax.stop_gradient(operand(variable))


@op
def unstack(x: ArrayLike, num: int | None = None, axis: int = 0) -> list[Array]:
    """Return the slices along `axis`, without that axis, as a list of `num`."""
    x = operand(x)
    return [lax.index_in_dim(x, i, axis, keepdims=False) for i in range(num or x.shape[axis])]


@op
def slice(inputs: ArrayLike, start_indices: Any, shape: Sequence[int]) -> Array:
    """Return the block of `shape` that starts at `start_indices`; a size of -1 goes to the end."""
    x = operand(inputs)
    sizes = tuple(x.shape[i] - start_indices[i] if size == -1 else size for i, size in enumerate(shape))
    return lax.dynamic_slice(x, tuple(start_indices), sizes)


@op
def slice_update(inputs: ArrayLike, start_indices: Any, updates: ArrayLike) -> Array:
    """Return `inputs` with the block at `start_indices` replaced by `updates`."""
    x = operand(inputs)
    return lax.dynamic_update_slice(x, operand(updates).astype(x.dtype), tuple(start_indices))


@op
def scatter(indices: ArrayLike, values: ArrayLike, shape: Sequence[int]) -> Array:
    """Return zeros of `shape` with `values` added at `indices` [..., axis]."""
    values = operand(values)
    return jnp.zeros(tuple(shape), values.dtype).at[tuple(jnp.moveaxis(operand(indices), -1, 0))].add(values)


@op
def scatter_update(inputs: ArrayLike, indices: ArrayLike, updates: ArrayLike, reduction: str | None = None) -> Array:
    """Return `inputs` with `updates` set at `indices` [point, axis], or combined by add, max, min or mul."""
    ways = {None: "set", "add": "add", "max": "max", "min": "min", "mul": "multiply"}
    if reduction not in ways:
        raise InvalidArgument(
            "This reduction does not exist.",
            code="scatter-reduction",
            place="reduction=",
            expected="None, add, max, min, mul",
            received=repr(reduction),
        )
    place = operand(inputs).at[tuple(jnp.moveaxis(operand(indices), -1, 0))]
    result: Array = getattr(place, ways[reduction])(operand(updates))
    return result


# ml_dtypes gives it no types.
_float_info: Any = jnp.finfo

_TRACE_ERRORS = (jax.errors.JAXTypeError, jax.errors.JAXIndexError, TypeError, ValueError)
_TRACE_WORDS = ("truth value of an array", "Only scalar arrays can be converted", "weak reference to 'numpy.ufunc'")


def explain(error: BaseException, place: str = "") -> WrongType | None:
    """Return the error to raise instead when Python or NumPy met an array that has no value yet, else None."""
    if isinstance(error, RanvierError):
        return None
    known = isinstance(error, jax.errors.JAXTypeError) or any(words in str(error) for words in _TRACE_WORDS)
    if not known:
        return None
    return WrongType(
        "NumPy or Python asked for the value of an array inside a compiled program, where it has none yet.",
        code="traced-value",
        place=place,
        expected="functions of ranvier.ops, which work inside a compiled program",
        received=str(error).splitlines()[0],
        fix="write ops.relu(x) or ops.maximum(x, 0) for max(0, x), ops.exp(x) for np.exp(x), "
        "ops.where(...) or ops.cond(...) for if, ops.scan(...) for a loop over values",
    )


@contextmanager
def traceable(place: str) -> Iterator[None]:
    """Translate errors of `max(0, x)`, `np.exp(x)`, `if x > 0` on traced arrays: the new one names `ops` functions.

    Args:
        place: the layer or function whose code runs, for the message.

    Raises:
        WrongType: instead of JAX's own error.
    """
    try:
        yield
    except _TRACE_ERRORS as error:
        translated = explain(error, place)
        if translated is None:
            raise
        raise translated from error
