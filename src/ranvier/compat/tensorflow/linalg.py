"""`tf.linalg`: products of matrices and what is made from them."""

from __future__ import annotations

from typing import Any

from ranvier import ops
from ranvier.compat.fitting import shapes_shown
from ranvier.compat.tensorflow.math import l2_normalize
from ranvier.compat.tensorflow.named import named
from ranvier.compat.tensorflow.values import convert_to_tensor, eye

__all__ = [
    "band_part",
    "cholesky",
    "clip_by_global_norm",
    "clip_by_norm",
    "cross",
    "det",
    "diag",
    "diag_part",
    "eigh",
    "einsum",
    "eye",
    "global_norm",
    "inv",
    "l2_normalize",
    "logdet",
    "lstsq",
    "matmul",
    "matrix_transpose",
    "matvec",
    "norm",
    "pinv",
    "qr",
    "solve",
    "svd",
    "tensordot",
    "trace",
]

det, eigh, pinv, qr = (named(function) for function in (ops.det, ops.eigh, ops.pinv, ops.qr))
cholesky, cross, inv, logdet = (named(function) for function in (ops.cholesky, ops.cross, ops.inv, ops.logdet))
solve, tensordot, einsum = (named(function) for function in (ops.solve, ops.tensordot, ops.einsum))


@shapes_shown
def matmul(
    a: Any,
    b: Any,
    transpose_a: bool = False,
    transpose_b: bool = False,
    adjoint_a: bool = False,
    adjoint_b: bool = False,
    name: str | None = None,
) -> Any:
    """Return the product of matrices, over leading axes too."""
    left = matrix_transpose(a) if transpose_a or adjoint_a else a
    right = matrix_transpose(b) if transpose_b or adjoint_b else b
    return ops.matmul(left, right)


def matvec(a: Any, b: Any, transpose_a: bool = False, name: str | None = None) -> Any:
    """Return the product of matrices and vectors."""
    return ops.squeeze(matmul(a, ops.expand_dims(b, -1), transpose_a), -1)


def matrix_transpose(a: Any, name: str = "matrix_transpose", conjugate: bool = False) -> Any:
    """Return each matrix with rows and columns exchanged."""
    return ops.swapaxes(a, -1, -2)


def norm(tensor: Any, ord: Any = "euclidean", axis: Any = None, keepdims: Any = None, name: str | None = None) -> Any:
    """Return the length of vectors or matrices; of all numbers when no axis is given."""
    if ord == "euclidean":
        return ops.sqrt(ops.sum(ops.square(tensor), axis=axis, keepdims=bool(keepdims)))
    return ops.norm(tensor, ord=ord, axis=axis, keepdims=bool(keepdims))


def global_norm(t_list: Any, name: str | None = None) -> Any:
    """Return the length of all tensors of a list together; None counts nothing."""
    return ops.sqrt(sum(ops.sum(ops.square(tensor)) for tensor in t_list if tensor is not None))


def clip_by_norm(t: Any, clip_norm: Any, axes: Any = None, name: str | None = None) -> Any:
    """Return the tensor, made shorter where it is longer than `clip_norm`."""
    length = norm(t, axis=axes, keepdims=True)
    return ops.divide(ops.multiply(t, clip_norm), ops.maximum(length, clip_norm))


def clip_by_global_norm(
    t_list: Any, clip_norm: Any, use_norm: Any = None, name: str | None = None
) -> tuple[list[Any], Any]:
    """Return tensors, made shorter by one factor where they are longer together than `clip_norm`, and their length.

        factor = clip_norm / max(length, clip_norm)

    Example:
        >>> import numpy as np
        >>> tensors, length = clip_by_global_norm([np.float32([3.0]), np.float32([4.0])], 2.5)
        >>> [float(t[0]) for t in tensors], float(length)
        ([1.5, 2.0], 5.0)
    """
    length = global_norm(t_list) if use_norm is None else use_norm
    factor = ops.divide(clip_norm, ops.maximum(length, clip_norm))
    return [None if tensor is None else ops.multiply(tensor, factor) for tensor in t_list], length


def lstsq(matrix: Any, rhs: Any, l2_regularizer: float = 0.0, fast: bool = True, name: str | None = None) -> Any:
    """Return the solution of least squares, with a penalty on its size where given."""
    if not l2_regularizer:
        return ops.lstsq(matrix, rhs)
    turned = matrix_transpose(matrix)
    square = ops.add(ops.matmul(turned, matrix), ops.multiply(l2_regularizer, eye(turned.shape[-2])))
    return ops.solve(square, ops.matmul(turned, rhs))


def svd(tensor: Any, full_matrices: bool = False, compute_uv: bool = True, name: str | None = None) -> Any:
    """Return singular values, left vectors and right vectors as columns: `tensor = u · diag(s) · vᵀ`."""
    found = ops.svd(tensor, full_matrices, compute_uv)
    return (found[1], found[0], matrix_transpose(found[2])) if compute_uv else found


def diag(diagonal: Any, name: str = "diag") -> Any:
    """Return the matrix with this diagonal and zeros elsewhere."""
    return ops.diag(diagonal)


def diag_part(input: Any, name: str = "diag_part") -> Any:
    """Return the diagonal of matrices."""
    return ops.diagonal(input, axis1=-2, axis2=-1)


def band_part(input: Any, num_lower: int, num_upper: int, name: str | None = None) -> Any:
    """Return matrices with zeros outside of so many diagonals below and above the main one; negative keeps all.

    Example:
        >>> band_part([[1, 2], [3, 4]], 0, -1).tolist()
        [[1, 2], [0, 4]]
    """
    matrix = convert_to_tensor(input)
    upper = matrix if num_lower < 0 else ops.triu(matrix, -int(num_lower))
    return upper if num_upper < 0 else ops.tril(upper, int(num_upper))


def trace(x: Any, name: str | None = None) -> Any:
    """Return the sum of the diagonal."""
    return ops.trace(x, axis1=-2, axis2=-1)
