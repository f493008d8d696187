"""Which shapes of targets and outputs belong together: equal ranks, equal sizes, no broadcast by accident."""

from __future__ import annotations

import jax.numpy as jnp

from ranvier import _config
from ranvier._errors import InvalidArgument
from ranvier._typing import Array, ArrayLike, Shape
from ranvier.state.variable import as_array

__all__ = ["align", "broadcasts", "floats", "require_equal_shapes", "same_rank"]


def _aligned_shapes(first: Shape, second: Shape, expand_rank_1: bool = True) -> tuple[Shape, Shape]:
    """Return the two shapes with Keras's squeezed or added last axis where the ranks differ by one."""
    if len(second) > len(first):
        second, first = _aligned_shapes(second, first, expand_rank_1)
        return first, second
    if len(first) == len(second) + 1 and first[-1] == 1:
        if len(second) == 1 and expand_rank_1:
            return first, (*second, 1)
        return first[:-1], second
    return first, second


def same_rank(first: Array, second: Array, expand_rank_1: bool = True) -> tuple[Array, Array]:
    """Return two arrays with equal ranks where a last axis of one element makes the difference.

    `(batch,)` beside `(batch, 1)` becomes `(batch, 1)`, so the pair never broadcasts to `(batch, batch)`.
    """
    shapes = _aligned_shapes(first.shape, second.shape, expand_rank_1)
    return tuple(  # type: ignore[return-value]
        array if array.shape == shape else array.reshape(shape)
        for array, shape in zip((first, second), shapes, strict=True)
    )


def broadcasts(y_true_shape: Shape, y_pred_shape: Shape) -> bool:
    """Whether an elementwise loss would run on these shapes by repeating one side along an axis.

    Keras runs that without a word; it is rarely what was meant. Unknown sizes (None) count as equal.

    Example:
        >>> broadcasts((8,), (8, 1)), broadcasts((8, 1), (8, 3)), broadcasts((8,), (8, 3))
        (False, True, False)
    """
    first, second = _aligned_shapes(tuple(y_true_shape), tuple(y_pred_shape))
    length = max(len(first), len(second))
    pairs = list(zip((1,) * (length - len(first)) + first, (1,) * (length - len(second)) + second, strict=True))
    fits = all(a == b or a is None or b is None or 1 in (a, b) for a, b in pairs)
    return fits and (len(first) != len(second) or any(a != b and None not in (a, b) for a, b in pairs))


def floats(values: ArrayLike) -> Array:
    """Return an array of a float type; integers and booleans become floatx."""
    array = as_array(values)
    return array if jnp.issubdtype(array.dtype, jnp.inexact) else array.astype(_config.floatx())


def align(y_true: ArrayLike, y_pred: ArrayLike) -> tuple[Array, Array]:
    """Return targets and outputs as floats of the outputs' type, with equal ranks.

    Raises:
        InvalidArgument: the shapes fit neither each other nor by broadcasting.
    """
    y_pred = floats(y_pred)
    y_true, y_pred = same_rank(as_array(y_true).astype(y_pred.dtype), y_pred)
    if y_true.shape != y_pred.shape and not broadcasts(y_true.shape, y_pred.shape):
        raise _mismatch(y_true.shape, y_pred.shape)
    return y_true, y_pred


def require_equal_shapes(y_true: Array, y_pred: Array) -> None:
    """Raise InvalidArgument unless targets and outputs have the same shape."""
    if y_true.shape != y_pred.shape:
        raise _mismatch(y_true.shape, y_pred.shape)


def _mismatch(y_true_shape: Shape, y_pred_shape: Shape) -> InvalidArgument:
    return InvalidArgument(
        "The targets do not have the shape of the model's outputs.",
        code="loss-shape",
        expected=f"y_true of shape {y_pred_shape}",
        received=f"y_true of shape {y_true_shape}, y_pred of shape {y_pred_shape}",
        fix="let the last layer have one unit per target column; for integer labels take a sparse loss",
    )
