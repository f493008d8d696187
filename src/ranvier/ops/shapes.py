"""Functions that move numbers without changing them: reshaping, joining, splitting, repeating."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp

from ranvier._errors import InvalidArgument
from ranvier._typing import Array, ArrayLike
from ranvier.ops.core import operand
from ranvier.state.symbolic import op

__all__ = [
    "append",
    "array_split",
    "broadcast_to",
    "concatenate",
    "copy",
    "dsplit",
    "dstack",
    "expand_dims",
    "flip",
    "fliplr",
    "flipud",
    "hsplit",
    "hstack",
    "meshgrid",
    "moveaxis",
    "ndim",
    "pad",
    "ravel",
    "repeat",
    "reshape",
    "roll",
    "rot90",
    "size",
    "split",
    "squeeze",
    "stack",
    "swapaxes",
    "tile",
    "transpose",
    "vsplit",
    "vstack",
]


def _whole(sizes: Any) -> Any:
    """Return a shape or split as Python integers where it came as an array."""
    return [int(size) for size in sizes] if hasattr(sizes, "tolist") and jnp.ndim(sizes) else sizes


@op
def reshape(x: ArrayLike, newshape: Any) -> Array:
    """Return `x` with another shape; one size may be -1."""
    return jnp.reshape(operand(x), _whole(newshape))


@op
def ravel(x: ArrayLike) -> Array:
    """Return `x` with one axis."""
    return jnp.ravel(operand(x))


@op
def transpose(x: ArrayLike, axes: Sequence[int] | None = None) -> Array:
    """Return `x` with its axes in another order; reversed when None."""
    return jnp.transpose(operand(x), axes)


@op
def swapaxes(x: ArrayLike, axis1: int, axis2: int) -> Array:
    """Return `x` with two axes exchanged."""
    return jnp.swapaxes(operand(x), axis1, axis2)


@op
def moveaxis(x: ArrayLike, source: int | Sequence[int], destination: int | Sequence[int]) -> Array:
    """Return `x` with axes moved to other places."""
    return jnp.moveaxis(operand(x), source, destination)


@op
def expand_dims(x: ArrayLike, axis: int | Sequence[int]) -> Array:
    """Return `x` with an axis of size 1 inserted."""
    return jnp.expand_dims(operand(x), axis)


@op
def squeeze(x: ArrayLike, axis: int | Sequence[int] | None = None) -> Array:
    """Return `x` without axes of size 1."""
    return jnp.squeeze(operand(x), tuple(axis) if isinstance(axis, list) else axis)


@op
def broadcast_to(x: ArrayLike, shape: Sequence[int]) -> Array:
    """Return `x` repeated to `shape`."""
    return jnp.broadcast_to(operand(x), tuple(shape))


@op
def concatenate(xs: Sequence[ArrayLike], axis: int = 0) -> Array:
    """Return arrays joined along an axis that they have."""
    return jnp.concatenate([operand(x) for x in xs], axis=axis)


@op
def append(x1: ArrayLike, x2: ArrayLike, axis: int | None = None) -> Array:
    """Return `x2` after `x1` along `axis`; both flat when None."""
    return jnp.append(operand(x1), operand(x2), axis=axis)


@op
def stack(x: Sequence[ArrayLike], axis: int = 0) -> Array:
    """Return arrays of one shape joined along a new axis."""
    return jnp.stack([operand(one) for one in x], axis=axis)


@op
def hstack(xs: Sequence[ArrayLike]) -> Array:
    """Return arrays joined along their second axis (the first, when they have one)."""
    return jnp.hstack([operand(x) for x in xs])


@op
def vstack(xs: Sequence[ArrayLike]) -> Array:
    """Return arrays joined as rows."""
    return jnp.vstack([operand(x) for x in xs])


@op
def dstack(xs: Sequence[ArrayLike]) -> Array:
    """Return arrays joined along their third axis, which they get where they have none."""
    return jnp.dstack([operand(x) for x in xs])


@op
def split(x: ArrayLike, indices_or_sections: Any, axis: int = 0) -> list[Array]:
    """Return equal parts along `axis`, or the parts between the given indices."""
    return list(jnp.split(operand(x), _whole(indices_or_sections), axis=axis))


@op
def array_split(x: ArrayLike, indices_or_sections: Any, axis: int = 0) -> list[Array]:
    """Return parts along `axis` whose sizes differ by one at most."""
    return list(jnp.array_split(operand(x), _whole(indices_or_sections), axis=axis))


@op
def hsplit(x: ArrayLike, indices_or_sections: Any) -> list[Array]:
    """Return the parts along the second axis (the first, when there is one)."""
    x = operand(x)
    return split(x, indices_or_sections, axis=1 if x.ndim > 1 else 0)


@op
def vsplit(x: ArrayLike, indices_or_sections: Any) -> list[Array]:
    """Return the parts along the first axis."""
    return split(x, indices_or_sections, axis=0)


@op
def dsplit(x: ArrayLike, indices_or_sections: Any) -> list[Array]:
    """Return the parts along the third axis."""
    return split(x, indices_or_sections, axis=2)


@op
def pad(x: ArrayLike, pad_width: Any, mode: str = "constant", constant_values: Any = None) -> Array:
    """Return `x` with a border of `pad_width`: (before, after) for each axis.

    Raises:
        InvalidArgument: `constant_values` with another mode than constant.
    """
    if constant_values is None:
        return jnp.pad(operand(x), pad_width, mode=mode)
    if mode != "constant":
        raise InvalidArgument(
            "constant_values has no meaning in this mode.",
            code="pad-constant-values",
            place="pad",
            expected="mode='constant'",
            received=repr(mode),
            fix="leave constant_values away",
        )
    return jnp.pad(operand(x), pad_width, mode=mode, constant_values=constant_values)


@op
def tile(x: ArrayLike, repeats: Any) -> Array:
    """Return `x` repeated as a whole along each axis."""
    return jnp.tile(operand(x), _whole(repeats))


@op
def repeat(x: ArrayLike, repeats: Any, axis: int | None = None) -> Array:
    """Return each number (or slice along `axis`) repeated."""
    return jnp.repeat(operand(x), repeats, axis=axis)


@op
def flip(x: ArrayLike, axis: int | Sequence[int] | None = None) -> Array:
    """Return `x` in reverse order along `axis`; all axes when None."""
    return jnp.flip(operand(x), axis)


@op
def fliplr(x: ArrayLike) -> Array:
    """Return `x` in reverse order along the second axis."""
    return jnp.flip(operand(x), 1)


@op
def flipud(x: ArrayLike) -> Array:
    """Return `x` in reverse order along the first axis."""
    return jnp.flip(operand(x), 0)


@op
def roll(x: ArrayLike, shift: Any, axis: Any = None) -> Array:
    """Return `x` shifted along `axis`; what leaves at the end enters at the start."""
    return jnp.roll(operand(x), shift, axis)


@op
def rot90(array: ArrayLike, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Array:
    """Return the plane of two axes turned by `k` quarter turns."""
    return jnp.rot90(operand(array), k, tuple(axes))  # type: ignore[arg-type]


@op
def meshgrid(*x: ArrayLike, indexing: str = "xy") -> list[Array]:
    """Return coordinate arrays of the grid that vectors span."""
    return list(jnp.meshgrid(*(operand(one) for one in x), indexing=indexing))


@op
def copy(x: ArrayLike) -> Array:
    """Return a copy."""
    return jnp.copy(operand(x))


def ndim(x: ArrayLike) -> int:
    """Return the number of axes."""
    return len(x.shape) if hasattr(x, "shape") else operand(x).ndim


def size(x: ArrayLike) -> Any:
    """Return how many numbers there are; None where a size is unknown."""
    shape = tuple(x.shape) if hasattr(x, "shape") else operand(x).shape
    total = 1
    for one in shape:
        if one is None:
            return None
        total *= one
    return total
