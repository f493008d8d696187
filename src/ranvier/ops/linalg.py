"""Linear algebra on the last two axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.scipy import linalg as solvers

from ranvier._errors import InvalidArgument
from ranvier._typing import Array, ArrayLike
from ranvier.ops.core import floating, operand
from ranvier.state.symbolic import op

__all__ = [
    "cdist",
    "cholesky",
    "cholesky_inverse",
    "det",
    "eig",
    "eigh",
    "inv",
    "jvp",
    "logdet",
    "lstsq",
    "lu_factor",
    "matrix_rank",
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


@op
def logdet(x: ArrayLike) -> Array:
    """Return the logarithm of the absolute value of the determinant, which is positive for a covariance."""
    return slogdet(x)[1]


@op
def eig(x: ArrayLike) -> tuple[Array, Array]:
    """Return the eigenvalues and eigenvectors of square matrices, complex."""
    values, vectors = jnp.linalg.eig(floating(x))
    return values, vectors


@op
def lu_factor(x: ArrayLike) -> tuple[Array, Array]:
    """Return L below and U on and above the diagonal of matrices, with the row exchanges, `P x = L U`."""
    factors, pivots = solvers.lu_factor(floating(x))
    return factors, pivots


@op
def cholesky_inverse(x: ArrayLike, upper: bool = False) -> Array:
    """Return the inverse of `L L^T` for the triangular L, of `L^T L` when L is `upper`."""
    factor = floating(x)
    inverse = solve_triangular(factor, jnp.eye(factor.shape[-1], dtype=factor.dtype), lower=not upper)
    transposed = jnp.matrix_transpose(inverse)
    product: Array = inverse @ transposed if upper else transposed @ inverse
    return product


@op
def matrix_rank(x: ArrayLike, tol: float | None = None) -> Array:
    """Return how many singular values are above `tol`, int32.

    Raises:
        InvalidArgument: `x` is no matrix.
    """
    x = operand(x)
    if x.ndim < 2:
        raise _rank("matrix_rank", "at least two axes", x.shape)
    rank: Array = jnp.linalg.matrix_rank(x, tol=tol)
    return rank.astype("int32")


@op
def cdist(x: ArrayLike, y: ArrayLike) -> Array:
    """Return the Euclidean distances [..., i, j] between the points x [..., i, axis] and y [..., j, axis].

    Numerics: the gradient at distance 0 is 0, where Keras gives NaN.

    Raises:
        InvalidArgument: `x` and `y` are not sets of points of one space.

    Example:
        >>> cdist([[0.0, 0.0]], [[3.0, 4.0], [0.0, 0.0]]).tolist()
        [[5.0, 0.0]]
    """
    a, b = operand(x), operand(y)
    if a.ndim < 2 or b.ndim < 2 or a.shape[-1] != b.shape[-1]:
        raise _rank("cdist", "x [..., i, axis] and y [..., j, axis]", (a.shape, b.shape))
    squares = jnp.sum(jnp.square(a[..., :, None, :] - b[..., None, :, :]), axis=-1)
    apart = squares > 0
    return jnp.where(apart, jnp.sqrt(jnp.where(apart, squares, 1)), 0)


@op
def jvp(fun: Callable[..., Any], primals: Any, tangents: Any, has_aux: bool = False) -> Any:
    """Return `fun(*primals)` and its derivative in the direction of `tangents`, by forward differentiation.

    Args:
        fun: a function of arrays.
        primals: where: a tuple or list of its arguments.
        tangents: the direction: a tuple or list of the same shapes.
        has_aux: whether `fun` returns `(value, other)`; the other is passed through as a third result.

    Example:
        >>> value, slope = jvp(lambda x: x**2, (3.0,), (1.0,))
        >>> float(value), float(slope)
        (9.0, 6.0)
    """
    at, along = jax.tree_util.tree_map(operand, (primals, tangents))
    return jax.jvp(fun, at, along, has_aux=has_aux)


def _rank(place: str, expected: str, received: Any) -> InvalidArgument:
    return InvalidArgument(
        f"{place} takes arrays of other shapes.", code="linalg-shape", place=place, expected=expected, received=received
    )
