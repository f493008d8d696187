"""Sums of products: matrices, tensors, Einstein's notation. int8 with int8 accumulates in int32."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ranvier._typing import Array, ArrayLike
from ranvier.ops.core import operand
from ranvier.state.symbolic import op

__all__ = ["cross", "dot", "einsum", "inner", "kron", "matmul", "outer", "tensordot", "vdot"]


def _wide(*arrays: Array) -> Any:
    return jnp.int32 if all(array.dtype == jnp.int8 for array in arrays) else None


@op
def matmul(x1: ArrayLike, x2: ArrayLike) -> Array:
    """Return the matrix product of the last two axes; the axes before broadcast."""
    a, b = operand(x1), operand(x2)
    return jnp.matmul(a, b, preferred_element_type=_wide(a, b))


@op
def dot(x1: ArrayLike, x2: ArrayLike) -> Array:
    """Return the sum of products over the last axis of `x1` and the last but one of `x2`."""
    return jnp.dot(operand(x1), operand(x2))


@op
def inner(x1: ArrayLike, x2: ArrayLike) -> Array:
    """Return the sum of products over the last axes."""
    return jnp.inner(operand(x1), operand(x2))


@op
def vdot(x1: ArrayLike, x2: ArrayLike) -> Array:
    """Return the sum of products of two flat arrays, the first conjugated."""
    return jnp.vdot(operand(x1), operand(x2))


@op
def outer(x1: ArrayLike, x2: ArrayLike) -> Array:
    """Return all products of two flat arrays, a matrix."""
    return jnp.outer(operand(x1), operand(x2))


@op
def kron(x1: ArrayLike, x2: ArrayLike) -> Array:
    """Return the Kronecker product."""
    return jnp.kron(operand(x1), operand(x2))


@op
def tensordot(x1: ArrayLike, x2: ArrayLike, axes: Any = 2) -> Array:
    """Return the sum of products over `axes`: how many (last with first), or (those of x1, those of x2)."""
    return jnp.tensordot(operand(x1), operand(x2), axes=axes)


@op
def einsum(subscripts: str, *operands: ArrayLike, **kwargs: Any) -> Array:
    """Return the sum of products in Einstein's notation, such as `"bi,ij->bj"`; keywords go to `jax.numpy.einsum`."""
    arrays = [operand(x) for x in operands]
    result: Array = jnp.einsum(subscripts, *arrays, **kwargs | {"preferred_element_type": _wide(*arrays)})
    return result


@op
def cross(
    x1: ArrayLike, x2: ArrayLike, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Array:
    """Return the cross product of vectors of two or three numbers."""
    return jnp.cross(operand(x1), operand(x2), axisa, axisb, axisc, axis)
