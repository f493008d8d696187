"""Functions that change the shape of tensors, join them, or choose from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

from ranvier import ops
from ranvier._errors import InvalidArgument
from ranvier.compat.fitting import shapes_shown
from ranvier.compat.tensorflow.named import all_named, named
from ranvier.compat.tensorflow.values import is_symbolic_tensor
from ranvier.state import scope

__all__ = [
    "argsort",
    "boolean_mask",
    "broadcast_to",
    "concat",
    "expand_dims",
    "gather",
    "gather_nd",
    "meshgrid",
    "pad",
    "repeat",
    "reshape",
    "reverse",
    "roll",
    "slice",
    "sort",
    "split",
    "squeeze",
    "stack",
    "tile",
    "transpose",
    "unique",
    "unstack",
    "where",
]

_SAME = all_named(
    {
        "broadcast_to": ops.broadcast_to,
        "repeat": ops.repeat,
        "roll": ops.roll,
        "stack": ops.stack,
        "unstack": ops.unstack,
    }
)
broadcast_to, repeat, roll, stack, unstack = _SAME.values()


@shapes_shown
def reshape(tensor: Any, shape: Any, name: str | None = None) -> Any:
    """Return the same numbers in another shape; one size may be -1."""
    sizes = [shape] if np.ndim(shape) == 0 else list(shape)
    return ops.reshape(tensor, tuple(size if size is None else int(size) for size in sizes))


@shapes_shown
def expand_dims(input: Any, axis: int, name: str | None = None) -> Any:
    """Return the tensor with a new axis of size 1."""
    return ops.expand_dims(input, axis)


@shapes_shown
def squeeze(input: Any, axis: Any = None, name: str | None = None) -> Any:
    """Return the tensor without its axes of size 1, or without these."""
    return ops.squeeze(input, tuple(axis) if isinstance(axis, list) else axis)


@shapes_shown
def concat(values: Sequence[Any], axis: int, name: str = "concat") -> Any:
    """Return tensors one after the other along an axis."""
    return ops.concatenate(values, axis)


@shapes_shown
def transpose(a: Any, perm: Sequence[int] | None = None, conjugate: bool = False, name: str = "transpose") -> Any:
    """Return the tensor with its axes in another order; reversed when none is given."""
    return ops.transpose(a, perm)


@shapes_shown
def split(value: Any, num_or_size_splits: Any, axis: int = 0, num: int | None = None, name: str = "split") -> Any:
    """Return a list of parts: a number of equal ones, or parts of these sizes."""
    if np.ndim(num_or_size_splits) == 0:
        return ops.split(value, int(num_or_size_splits), axis)
    return ops.split(value, [int(end) for end in np.cumsum(num_or_size_splits)[:-1]], axis)


@shapes_shown
def tile(input: Any, multiples: Any, name: str | None = None) -> Any:
    """Return the tensor repeated along each axis."""
    return ops.tile(input, tuple(int(count) for count in multiples))


@shapes_shown
def pad(tensor: Any, paddings: Any, mode: str = "CONSTANT", constant_values: Any = 0, name: str | None = None) -> Any:
    """Return the tensor with `[before, after]` elements added along each axis."""
    widths = [tuple(int(width) for width in pair) for pair in paddings]
    constant = constant_values if mode.lower() == "constant" else None
    return ops.pad(tensor, widths, mode.lower(), constant)


@named
def meshgrid(*args: Any, indexing: str = "xy") -> list[Any]:
    """Return the coordinates of every point of a grid, one tensor for each axis."""
    return list(ops.meshgrid(*args, indexing=indexing))


def reverse(tensor: Any, axis: Any, name: str | None = None) -> Any:
    """Return the tensor with the order along these axes turned around."""
    return ops.flip(tensor, tuple(int(a) for a in np.atleast_1d(axis)))


def slice(input_: Any, begin: Any, size: Any, name: str | None = None) -> Any:
    """Return the block that begins there and has these sizes; -1 goes to the end."""
    return ops.slice(input_, tuple(int(start) for start in begin), tuple(int(length) for length in size))


@shapes_shown
def gather(
    params: Any,
    indices: Any,
    validate_indices: Any = None,
    axis: int | None = None,
    batch_dims: int = 0,
    name: str | None = None,
) -> Any:
    """Return the slices at these positions along an axis; with `batch_dims=1`, in each row its own.

    Raises:
        InvalidArgument: there is no such position; only where the positions are known, outside of compiled functions.
    """
    axis = batch_dims if axis is None else axis
    _check_positions(indices, ops.shape(params)[axis])
    return ops.take_along_axis(params, indices, axis=axis) if batch_dims else ops.take(params, indices, axis=axis)


def _check_positions(indices: Any, size: Any) -> None:
    if scope.active() is not None or any(map(is_symbolic_tensor, jax.tree.leaves(indices))):
        return
    positions = np.asarray(indices)
    if not isinstance(size, int) or not positions.size or (positions.min() >= 0 and positions.max() < size):
        return
    raise InvalidArgument(
        "tf.gather is asked for a position that the axis does not have.",
        code="gather-position",
        place="tf.gather",
        expected=f"positions from 0 to {size - 1}",
        received=f"{positions.min()} to {positions.max()}",
        fix="bring the indices into this range",
    )


@shapes_shown
def gather_nd(params: Any, indices: Any, batch_dims: int = 0, name: str | None = None) -> Any:
    """Return the elements, or slices, at positions `[..., axis]`."""
    return ops.get_item(params, tuple(ops.unstack(indices, axis=-1)))


@shapes_shown
def boolean_mask(tensor: Any, mask: Any, axis: int | None = None, name: str = "boolean_mask") -> Any:
    """Return the slices where the mask is true; it covers as many axes as it has, from `axis` (0) on.

    Raises:
        InvalidArgument: the mask has another shape than these axes.
    """
    mask, sizes = np.asarray(mask), tuple(ops.shape(tensor))
    first = (axis or 0) % max(len(sizes), 1)
    last = first + mask.ndim
    if not mask.ndim or mask.shape != sizes[first:last]:
        raise InvalidArgument(
            "The mask does not fit the tensor.",
            code="mask-shape",
            place="tf.boolean_mask",
            expected=f"the first sizes of {sizes[first:]}",
            received=mask.shape,
            fix="give the mask one truth value for each slice",
        )
    return ops.take(ops.reshape(tensor, (*sizes[:first], -1, *sizes[last:])), np.flatnonzero(mask), axis=first)


@shapes_shown
def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Any:
    """Return `x` where the condition holds and `y` elsewhere; alone, the positions `[point, axis]` where it holds."""
    if x is None and y is None:
        return ops.stack(ops.nonzero(condition), axis=-1)
    return ops.where(condition, x, y)


def sort(values: Any, axis: int = -1, direction: str = "ASCENDING", name: str | None = None) -> Any:
    """Return the numbers in order along an axis."""
    ordered = ops.sort(values, axis)
    return ops.flip(ordered, axis) if direction == "DESCENDING" else ordered


def argsort(
    values: Any, axis: int = -1, direction: str = "ASCENDING", stable: bool = False, name: str | None = None
) -> Any:
    """Return the positions that put the numbers in order."""
    return ops.argsort(ops.negative(values) if direction == "DESCENDING" else values, axis)


@named
def unique(x: Any, out_idx: Any = None) -> tuple[Any, Any]:
    """Return the different numbers in the order in which they come, and for each element the place of its number."""
    values, first, places = np.unique(np.asarray(x), return_index=True, return_inverse=True)
    order = np.argsort(first)
    return ops.convert_to_tensor(values[order]), ops.convert_to_tensor(np.argsort(order)[places].astype("int32"))
