"""Choosing numbers: by position, by condition, by order, by segment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from ranvier._errors import InvalidArgument
from ranvier._typing import Array, ArrayLike
from ranvier.ops.core import operand
from ranvier.ops.refusals import dense_only
from ranvier.state.symbolic import op

__all__ = [
    "argpartition",
    "argsort",
    "bincount",
    "diag",
    "diagflat",
    "diagonal",
    "digitize",
    "get_item",
    "in_top_k",
    "nonzero",
    "searchsorted",
    "segment_max",
    "segment_min",
    "segment_prod",
    "segment_sum",
    "select",
    "sort",
    "take",
    "take_along_axis",
    "top_k",
    "tril",
    "triu",
    "unique",
    "unravel_index",
    "where",
]


@op
def where(condition: ArrayLike, x1: ArrayLike | None = None, x2: ArrayLike | None = None) -> Any:
    """Return `x1` where the condition holds, else `x2`; the positions where it holds when both are None."""
    if x1 is None and x2 is None:
        return jnp.where(operand(condition))
    return jnp.where(operand(condition), operand(x1), operand(x2))


@op
def select(condlist: Sequence[ArrayLike], choicelist: Sequence[ArrayLike], default: Any = 0) -> Array:
    """Return, number by number, the choice of the first condition that holds."""
    return jnp.select([operand(c) for c in condlist], [operand(c) for c in choicelist], default)


@op
def nonzero(x: ArrayLike) -> tuple[Array, ...]:
    """Return the positions that are not zero, one array per axis; not inside a compiled program."""
    return tuple(jnp.nonzero(operand(x)))


@op
def get_item(x: ArrayLike, key: Any) -> Array:
    """Return `x[key]`."""
    return operand(x)[key]


@op
def take(x: ArrayLike, indices: ArrayLike, axis: int | None = None) -> Array:
    """Return the slices at `indices` along `axis`; of the flat array when None. Out of range gives NaN."""
    return jnp.take(operand(x), operand(indices), axis=axis)


@op
def take_along_axis(x: ArrayLike, indices: ArrayLike, axis: int | None = None) -> Array:
    """Return, for each row, the numbers at that row's `indices` along `axis`."""
    return jnp.take_along_axis(operand(x), operand(indices), axis=axis)


@op
def sort(x: ArrayLike, axis: int | None = -1) -> Array:
    """Return `x` in ascending order along `axis`."""
    return jnp.sort(operand(x), axis=axis)


@op
def argsort(x: ArrayLike, axis: int | None = -1) -> Array:
    """Return the positions in ascending order along `axis`, int32."""
    x = operand(x)
    return jnp.argsort(x, axis=None if x.ndim == 0 else axis)


@op
def argpartition(x: ArrayLike, kth: int, axis: int | None = -1) -> Array:
    """Return positions along `axis` that put the `kth` smallest number in its place and smaller ones before it."""
    x = operand(x)
    return jnp.argpartition(jnp.ravel(x) if axis is None else x, kth, axis=0 if axis is None else axis)


@op
def top_k(x: ArrayLike, k: int, sorted: bool = True) -> tuple[Array, Array]:
    """Return the `k` largest numbers along the last axis, and their positions."""
    values, positions = lax.top_k(operand(x), k)
    return values, positions


@op
def in_top_k(targets: ArrayLike, predictions: ArrayLike, k: int) -> Array:
    """Whether each target class [row] is among the `k` largest predictions [row, class]; ties count as in."""
    targets, predictions = operand(targets), operand(predictions)
    chosen = jnp.take_along_axis(predictions, jnp.expand_dims(targets, -1), axis=-1)
    chosen = jnp.where(jnp.isnan(chosen), -jnp.inf, chosen)
    return jnp.sum(predictions > chosen, axis=-1) < k


@op
def searchsorted(sorted_sequence: ArrayLike, values: ArrayLike, side: str = "left") -> Array:
    """Return where to insert `values` into a sorted vector."""
    sequence = operand(sorted_sequence)
    if sequence.ndim != 1:
        raise InvalidArgument(
            "searchsorted takes a vector.",
            code="searchsorted-rank",
            place="sorted_sequence=",
            expected="one axis",
            received=sequence.shape,
            fix="use ops.vectorized_map over the other axes",
        )
    return jnp.searchsorted(sequence, operand(values), side=side)


@op
def unravel_index(indices: ArrayLike, shape: Sequence[int]) -> tuple[Array, ...]:
    """Return positions in the flat array as positions along each axis of `shape`."""
    return tuple(jnp.unravel_index(operand(indices), tuple(shape)))


@op
def digitize(x: ArrayLike, bins: ArrayLike) -> Array:
    """Return the number of the bin of each value; 0 lies before the first edge."""
    return jnp.digitize(operand(x), operand(bins))


@op
def bincount(x: ArrayLike, weights: ArrayLike | None = None, minlength: int = 0, sparse: bool = False) -> Array:
    """Return how often each whole number occurs, [value] or [row, value]; not inside a compiled program."""
    dense_only(sparse)
    x = operand(x)
    w = None if weights is None else operand(weights)
    if x.ndim == 2:
        length = max(int(jnp.max(x)) + 1 if x.size else 0, minlength)
        return jnp.stack([jnp.bincount(r, None if w is None else w[i], length=length) for i, r in enumerate(x)])
    return jnp.bincount(x, w, minlength=minlength)


@op
def unique(
    x: ArrayLike,
    sorted: bool = True,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    size: int | None = None,
    fill_value: Any = None,
) -> Any:
    """Return the different values, ascending; with a `size` also inside a compiled program."""
    return jnp.unique(
        operand(x),
        return_index=return_index,
        return_inverse=return_inverse,
        return_counts=return_counts,
        axis=axis,
        equal_nan=False,
        size=size,
        fill_value=fill_value,
    )


@op
def diag(x: ArrayLike, k: int = 0) -> Array:
    """Return a matrix with the vector `x` on its diagonal, or the diagonal of the matrix `x`."""
    return jnp.diag(operand(x), k)


@op
def diagflat(x: ArrayLike, k: int = 0) -> Array:
    """Return a matrix with the numbers of `x`, flat, on diagonal `k`."""
    return jnp.diagflat(operand(x), k)


@op
def diagonal(x: ArrayLike, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Array:
    """Return the diagonal of two axes, as the last axis."""
    result: Array = jnp.diagonal(operand(x), offset, axis1, axis2)
    return result


@op
def tril(x: ArrayLike, k: int = 0) -> Array:
    """Return the lower triangle, zeros above diagonal `k`."""
    return jnp.tril(operand(x), k)


@op
def triu(x: ArrayLike, k: int = 0) -> Array:
    """Return the upper triangle, zeros below diagonal `k`."""
    return jnp.triu(operand(x), k)


def _number_of_segments(num_segments: int | None, segment_ids: Array) -> int:
    """Return the size of the result, which a compiled program must know beforehand."""
    if num_segments is not None:
        return num_segments
    if isinstance(segment_ids, jax.core.Tracer):
        raise InvalidArgument(
            "The number of segments is unknown while a program is compiled.",
            code="segments-unknown",
            place="num_segments=",
            expected="a whole number",
            received=None,
            fix="pass num_segments=",
        )
    return int(jnp.max(segment_ids)) + 1 if segment_ids.size else 0


@op
def segment_sum(
    data: ArrayLike, segment_ids: ArrayLike, num_segments: int | None = None, sorted: bool = False
) -> Array:
    """Return the sum of the rows of each segment; 0 for an empty one."""
    ids = operand(segment_ids)
    return jax.ops.segment_sum(operand(data), ids, _number_of_segments(num_segments, ids), indices_are_sorted=sorted)


@op
def segment_prod(
    data: ArrayLike, segment_ids: ArrayLike, num_segments: int | None = None, sorted: bool = False
) -> Array:
    """Return the product of the rows of each segment; 1 for an empty one."""
    ids = operand(segment_ids)
    return jax.ops.segment_prod(operand(data), ids, _number_of_segments(num_segments, ids), indices_are_sorted=sorted)


@op
def segment_max(
    data: ArrayLike, segment_ids: ArrayLike, num_segments: int | None = None, sorted: bool = False
) -> Array:
    """Return the largest row of each segment; -inf for an empty one."""
    ids = operand(segment_ids)
    return jax.ops.segment_max(operand(data), ids, _number_of_segments(num_segments, ids), indices_are_sorted=sorted)


@op
def segment_min(
    data: ArrayLike, segment_ids: ArrayLike, num_segments: int | None = None, sorted: bool = False
) -> Array:
    """Return the smallest row of each segment; inf for an empty one."""
    ids = operand(segment_ids)
    return jax.ops.segment_min(operand(data), ids, _number_of_segments(num_segments, ids), indices_are_sorted=sorted)
