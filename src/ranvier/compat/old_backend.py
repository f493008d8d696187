"""Functions of `keras.backend` whose arguments or meaning `ops` does not have: K.function, K.switch, K.repeat, ..."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from ranvier import _config, ops, random
from ranvier._typing import Array
from ranvier.compat.notes import note
from ranvier.models import Model
from ranvier.state import scope
from ranvier.state.symbolic import KerasTensor
from ranvier.state.variable import Variable, dtype_name

__all__ = [
    "batch_dot",
    "batch_flatten",
    "batch_get_value",
    "batch_set_value",
    "cast_to_floatx",
    "concatenate",
    "count_params",
    "dtype",
    "expand_dims",
    "function",
    "gather",
    "in_test_phase",
    "in_train_phase",
    "learning_phase",
    "random_bernoulli",
    "repeat",
    "repeat_elements",
    "sqrt",
    "squeeze",
    "switch",
    "truncated_normal",
    "update",
    "update_add",
    "update_sub",
]


def sqrt(x: Any) -> Any:
    """Return the square root, of negative numbers 0."""
    return ops.sqrt(ops.maximum(x, 0))


def cast_to_floatx(x: Any) -> np.ndarray:
    """Return an array of the default float type."""
    return np.asarray(x, dtype=_config.floatx())


def dtype(x: Any) -> str:
    """Return the type of an array's numbers by name."""
    return dtype_name(x.dtype)


def count_params(x: Any) -> int:
    """Return how many numbers an array of known shape holds."""
    return math.prod(ops.shape(x))


# --- shapes -----------------------------------------------------------------------------------------------------------


def expand_dims(x: Any, axis: int = -1) -> Any:
    """Return `x` with an axis of size 1 more, at the end by default."""
    return ops.expand_dims(x, axis)


def squeeze(x: Any, axis: int) -> Any:
    """Return `x` without an axis of size 1."""
    return ops.squeeze(x, axis)


def concatenate(tensors: Sequence[Any], axis: int = -1) -> Any:
    """Return arrays one after the other, along the last axis by default."""
    return ops.concatenate(list(tensors), axis=axis)


def batch_flatten(x: Any) -> Any:
    """Return `[batch, ...]` as `[batch, numbers]`."""
    return ops.reshape(x, (-1, math.prod(ops.shape(x)[1:])))


def repeat(x: Any, n: int) -> Any:
    """Return `[batch, features]` as `[batch, n, features]`."""
    return ops.tile(ops.expand_dims(x, 1), (1, n, 1))


def repeat_elements(x: Any, rep: int, axis: int) -> Any:
    """Return `x` with each element `rep` times along an axis."""
    return ops.repeat(x, rep, axis=axis)


def gather(reference: Any, indices: Any) -> Any:
    """Return the rows of `reference` at `indices`."""
    return ops.take(reference, indices, axis=0)


def batch_dot(x: Any, y: Any, axes: int | Sequence[int] | None = None) -> Any:
    """Return the products of each row of `x` with the same row of `y`, summed over one axis of each.

    Args:
        x: `[batch, ...]`.
        y: `[batch, ...]`.
        axes: the axis of `x` and of `y`; the last of `x` and the last but one of `y` when None.

    Example:
        >>> batch_dot(np.ones((2, 3)), np.ones((2, 3)), axes=1).tolist()
        [[3.0], [3.0]]
    """
    x, y = ops.convert_to_tensor(x), ops.convert_to_tensor(y)
    if axes is None:
        axes = (x.ndim - 1, y.ndim - 1 if y.ndim == 2 else y.ndim - 2)
    first, second = (axes, axes) if isinstance(axes, int) else axes
    letters = "abcdefghijklm"
    left = [0, *range(1, x.ndim)]
    right = [0, *range(x.ndim, x.ndim + y.ndim - 1)]
    right[second] = left[first]
    kept = [0, *(i for i in left[1:] if i != left[first]), *(i for i in right[1:] if i != left[first])]
    spelled = ["".join(letters[i] for i in axes_of) for axes_of in (left, right, kept)]
    result = ops.einsum(f"{spelled[0]},{spelled[1]}->{spelled[2]}", x, y)
    return ops.expand_dims(result, 1) if result.ndim == 1 else result


# --- values -----------------------------------------------------------------------------------------------------------


def update(x: Variable, new_x: Any) -> Any:
    """Assign a Variable; return its new value."""
    return x.assign(new_x)


def update_add(x: Variable, increment: Any) -> Any:
    """Add to a Variable; return its new value."""
    return x.assign_add(increment)


def update_sub(x: Variable, decrement: Any) -> Any:
    """Subtract from a Variable; return its new value."""
    return x.assign_sub(decrement)


def batch_get_value(tensors: Iterable[Any]) -> list[np.ndarray]:
    """Return the values of arrays or Variables for NumPy."""
    return [np.asarray(x) for x in tensors]


def batch_set_value(tuples: Iterable[tuple[Variable, Any]]) -> None:
    """Assign Variables from pairs `(variable, value)`."""
    for x, value in tuples:
        x.assign(value)


def truncated_normal(
    shape: Sequence[int], mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: int | None = None
) -> Array:
    """Draw from a normal distribution cut off at two standard deviations."""
    return random.truncated_normal(shape, mean, stddev, dtype, seed)


def random_bernoulli(shape: Sequence[int], p: float = 0.0, dtype: Any = None, seed: int | None = None) -> Any:
    """Draw 1 with probability `p`, else 0."""
    return ops.cast(random.uniform(shape, seed=seed) < p, dtype or _config.floatx())


# --- phases and functions ---------------------------------------------------------------------------------------------


def switch(condition: Any, then_expression: Any, else_expression: Any) -> Any:
    """Return one or the other by a condition, number by number; functions are called first."""
    then, other = _value(then_expression), _value(else_expression)
    condition = ops.convert_to_tensor(condition)
    extra = max(ops.convert_to_tensor(then).ndim - condition.ndim, 0)
    return ops.where(ops.reshape(condition, (*condition.shape, *(1,) * extra)), then, other)


def learning_phase() -> int:
    """Return 1 inside a training pass, else 0."""
    running = scope.active()
    return int(running is not None and bool(running.training))


def in_train_phase(x: Any, alt: Any, training: bool | None = None) -> Any:
    """Return `x` while training and `alt` otherwise; functions are called."""
    return _value(x if (learning_phase() if training is None else training) else alt)


def in_test_phase(x: Any, alt: Any, training: bool | None = None) -> Any:
    """Return `alt` while training and `x` otherwise; functions are called."""
    return in_train_phase(alt, x, training)


def function(inputs: Sequence[Any], outputs: Any, updates: Any = None, name: str | None = None) -> Callable[..., Any]:
    """Return a function from arrays to the values of symbolic tensors.

    Args:
        inputs: symbolic tensors; `learning_phase()` among them asks for 1 (training) or 0 in its place.
        outputs: a symbolic tensor or a list of them.
        updates, name: accepted for Keras.
    """
    note("keras.backend.function", "is keras.Model(inputs, outputs) today")
    several = isinstance(outputs, (list, tuple))
    model = Model([x for x in inputs if isinstance(x, KerasTensor)], list(outputs) if several else [outputs])

    def run(values: Any) -> Any:
        given = list(zip(inputs, values if isinstance(values, (list, tuple)) else [values], strict=True))
        arrays = [value for x, value in given if isinstance(x, KerasTensor)]
        training = any(bool(value) for x, value in given if not isinstance(x, KerasTensor))
        found = model(arrays if len(arrays) > 1 else arrays[0], training=training)
        results = [np.asarray(value) for value in (found if isinstance(found, (list, tuple)) else [found])]
        return results if several else results[0]

    return run


def _value(expression: Any) -> Any:
    return expression() if callable(expression) else expression
