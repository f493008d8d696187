"""Linear algebra on the last two axes."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax.scipy import linalg as solvers

from ranvier._typing import Array, ArrayLike
from ranvier.ops.core import floating
from ranvier.state.symbolic import op

__all__ = [
    "cholesky",
    "det",
    "eigh",
    "inv",
    "lstsq",
    "norm",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "solve_triangular",
    "svd",
]


@op
def norm(x: ArrayLike, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Array:
    """Return the norm of vectors or matrices; the Euclidean norm of all numbers by default."""
    axes = tuple(axis) if isinstance(axis, list) else axis
    result: Array = jnp.linalg.norm(floating(x), ord=ord, axis=axes, keepdims=keepdims)
    return result


@op
def inv(x: ArrayLike) -> Array:
    """Return the inverse of square matrices."""
    result: Array = jnp.linalg.inv(floating(x))
    return result


@op
def pinv(x: ArrayLike, rcond: float | None = None) -> Array:
    """Return the pseudo-inverse."""
    return jnp.linalg.pinv(floating(x), rcond)


@op
def det(x: ArrayLike) -> Array:
    """Return the determinant."""
    result: Array = jnp.linalg.det(floating(x))
    return result


@op
def slogdet(x: ArrayLike) -> tuple[Array, Array]:
    """Return the sign and the logarithm of the absolute value of the determinant."""
    sign, logarithm = jnp.linalg.slogdet(floating(x))
    return sign, logarithm


@op
def cholesky(x: ArrayLike, upper: bool = False) -> Array:
    """Return the triangular L with `L L^T = x`, or its transpose when `upper`."""
    result: Array = jnp.linalg.cholesky(floating(x), upper=upper)
    return result


@op
def qr(x: ArrayLike, mode: str = "reduced") -> tuple[Array, Array]:
    """Return Q with orthonormal columns and the upper triangular R with `Q R = x`."""
    q, r = jnp.linalg.qr(floating(x), mode=mode)
    return q, r


@op
def svd(x: ArrayLike, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """Return U, the singular values and V^T; only the values without `compute_uv`."""
    result = jnp.linalg.svd(floating(x), full_matrices=full_matrices, compute_uv=compute_uv)
    return tuple(result) if compute_uv else result


@op
def eigh(x: ArrayLike) -> tuple[Array, Array]:
    """Return the eigenvalues, ascending, and the eigenvectors of symmetric matrices."""
    values, vectors = jnp.linalg.eigh(floating(x))
    return values, vectors


@op
def solve(a: ArrayLike, b: ArrayLike) -> Array:
    """Return x with `a x = b`; `b` is one vector or a matrix of columns."""
    matrix, right = floating(a), floating(b)
    vector = right.ndim == matrix.ndim - 1
    result: Array = jnp.linalg.solve(matrix, right[..., None] if vector else right)
    return result[..., 0] if vector else result


@op
def solve_triangular(a: ArrayLike, b: ArrayLike, lower: bool = False) -> Array:
    """Return x with `a x = b` for a triangular `a`."""
    matrix, right = floating(a), floating(b)
    vector = right.ndim == matrix.ndim - 1
    result: Array = solvers.solve_triangular(matrix, right[..., None] if vector else right, lower=lower)
    return result[..., 0] if vector else result


@op
def lstsq(a: ArrayLike, b: ArrayLike, rcond: float | None = None) -> Array:
    """Return the x with the smallest `|a x - b|`."""
    return jnp.linalg.lstsq(floating(a), floating(b), rcond=rcond)[0]
