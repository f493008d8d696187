"""Functions that put numbers at positions, and that tell the beginnings of rows from what fills them up."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from ranvier import ops
from ranvier._errors import InvalidArgument
from ranvier.compat.fitting import shapes_shown
from ranvier.compat.tensorflow.dtypes import on_device
from ranvier.compat.tensorflow.values import convert_to_tensor, is_symbolic_tensor
from ranvier.state import scope

__all__ = [
    "scatter_nd",
    "sequence_mask",
    "tensor_scatter_nd_add",
    "tensor_scatter_nd_max",
    "tensor_scatter_nd_min",
    "tensor_scatter_nd_sub",
    "tensor_scatter_nd_update",
]


@shapes_shown
def scatter_nd(indices: Any, updates: Any, shape: Any, name: str | None = None) -> Any:
    """Return zeros of `shape` with `updates` added at positions `[..., axis]`.

    Raises:
        InvalidArgument: there is no such position; only where the positions are known, outside of compiled functions.

    Example:
        >>> scatter_nd([[1], [3], [1]], [5, 6, 7], [4]).tolist()
        [0, 12, 0, 6]
    """
    sizes = tuple(int(size) for size in np.asarray(shape))
    _check(indices, sizes, "tf.scatter_nd")
    return ops.scatter(convert_to_tensor(indices), convert_to_tensor(updates), sizes)


def tensor_scatter_nd_update(tensor: Any, indices: Any, updates: Any, name: str | None = None) -> Any:
    """Return the tensor with `updates` set at positions `[..., axis]`."""
    return _scattered(tensor, indices, updates, None, "tf.tensor_scatter_nd_update")


def tensor_scatter_nd_add(tensor: Any, indices: Any, updates: Any, name: str | None = None) -> Any:
    """Return the tensor with `updates` added at positions `[..., axis]`."""
    return _scattered(tensor, indices, updates, "add", "tf.tensor_scatter_nd_add")


def tensor_scatter_nd_sub(tensor: Any, indices: Any, updates: Any, name: str | None = None) -> Any:
    """Return the tensor with `updates` subtracted at positions `[..., axis]`."""
    return _scattered(tensor, indices, ops.negative(convert_to_tensor(updates)), "add", "tf.tensor_scatter_nd_sub")


def tensor_scatter_nd_max(tensor: Any, indices: Any, updates: Any, name: str | None = None) -> Any:
    """Return the tensor with `updates` where they are larger, at positions `[..., axis]`."""
    return _scattered(tensor, indices, updates, "max", "tf.tensor_scatter_nd_max")


def tensor_scatter_nd_min(tensor: Any, indices: Any, updates: Any, name: str | None = None) -> Any:
    """Return the tensor with `updates` where they are smaller, at positions `[..., axis]`."""
    return _scattered(tensor, indices, updates, "min", "tf.tensor_scatter_nd_min")


def _scattered(tensor: Any, indices: Any, updates: Any, way: str | None, place: str) -> Any:
    _check(indices, ops.shape(tensor), place)
    update = shapes_shown(ops.scatter_update, place)
    return update(convert_to_tensor(tensor), convert_to_tensor(indices), convert_to_tensor(updates), way)


def _check(indices: Any, sizes: tuple[Any, ...], place: str) -> None:
    """Raise when a known position is outside of the tensor: JAX would leave it out without a word."""
    if scope.active() is not None or any(map(is_symbolic_tensor, jax.tree.leaves(indices))):
        return
    positions = np.asarray(indices)
    bounds = sizes[: positions.shape[-1]] if positions.ndim else ()
    if any(not isinstance(size, int) for size in bounds) or ((positions >= 0).all() and (positions < bounds).all()):
        return
    raise InvalidArgument(
        f"{place} is asked for a position that the tensor does not have.",
        code="scatter-position",
        place=place,
        expected=f"positions within {tuple(bounds)}, counted from 0",
        received=f"{positions.min()} to {positions.max()}",
        fix="bring the indices into this range",
    )


def sequence_mask(lengths: Any, maxlen: Any = None, dtype: Any = "bool", name: str | None = None) -> Any:
    """Return, for each length, as many ones (True) at the start of a row of `maxlen`, the largest length when None.

    Example:
        >>> sequence_mask([1, 3], 4, "int32").tolist()
        [[1, 0, 0, 0], [1, 1, 1, 0]]
    """
    counts = convert_to_tensor(lengths)
    size = int(np.max(np.asarray(lengths), initial=0)) if maxlen is None else int(maxlen)
    return ops.cast(ops.less(ops.arange(size), ops.expand_dims(counts, -1)), on_device(dtype))
