"""Functions of `keras.backend` that old scripts call as `K.mean(...)` and that `ops` has in another form.

What is here under neither name, `keras.backend` finds in `ranvier.ops`: `K.square` is `ops.square`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ranvier import ops, random
from ranvier._typing import Array, Shape
from ranvier.state.symbolic import static_shape
from ranvier.state.variable import Variable

__all__ = [
    "all",
    "any",
    "argmax",
    "argmin",
    "binary_crossentropy",
    "categorical_crossentropy",
    "constant",
    "dot",
    "eval",
    "flatten",
    "get_value",
    "int_shape",
    "l2_normalize",
    "logsumexp",
    "max",
    "mean",
    "min",
    "ndim",
    "one_hot",
    "permute_dimensions",
    "pow",
    "prod",
    "random_normal",
    "random_uniform",
    "set_value",
    "sparse_categorical_crossentropy",
    "std",
    "sum",
    "var",
    "variable",
]

dot, permute_dimensions, pow = ops.matmul, ops.transpose, ops.power
argmax, argmin = ops.argmax, ops.argmin


def _reduction(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the reduction under `keras.backend`'s signature."""

    def reduce(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return function(x, axis=axis, keepdims=keepdims)

    reduce.__name__, reduce.__doc__ = function.__name__, function.__doc__
    return reduce


all, any, max, min = (_reduction(f) for f in (ops.all, ops.any, ops.max, ops.min))
mean, prod, std, sum = (_reduction(f) for f in (ops.mean, ops.prod, ops.std, ops.sum))
var, logsumexp = _reduction(ops.var), _reduction(ops.logsumexp)


def constant(value: Any, dtype: Any = None, shape: Sequence[int] | None = None, name: str | None = None) -> Any:
    """Return a value as an array, repeated to `shape` where given."""
    array = ops.convert_to_tensor(value, dtype or "float32")
    return array if shape is None else ops.broadcast_to(array, tuple(shape))


def variable(value: Any, dtype: Any = None, name: str | None = None, constraint: Any = None) -> Variable:
    """Return a Variable with a first value."""
    made = Variable(value, dtype=dtype or "float32", name=name)
    made.constraint = constraint
    return made


def int_shape(x: Any) -> Shape:
    """Return the shape as a tuple, None where unknown."""
    return static_shape(x)


def ndim(x: Any) -> int:
    """Return the number of axes."""
    return len(static_shape(x))


def get_value(x: Any) -> np.ndarray:
    """Return the value of an array or a Variable for NumPy."""
    return np.asarray(x)


eval = get_value


def set_value(x: Variable, value: Any) -> None:
    """Assign a Variable."""
    x.assign(value)


def flatten(x: Any) -> Any:
    """Return all numbers along one axis."""
    return ops.reshape(x, (-1,))


def l2_normalize(x: Any, axis: int = -1) -> Any:
    """Return `x` divided by its length along `axis`."""
    return ops.normalize(x, axis=axis, order=2)


def one_hot(indices: Any, num_classes: int) -> Any:
    """Return class numbers as vectors of 0 and one 1."""
    return ops.one_hot(indices, num_classes)


def random_normal(
    shape: Sequence[int], mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: int | None = None
) -> Array:
    """Draw from a normal distribution."""
    return random.normal(shape, mean, stddev, dtype, seed)


def random_uniform(
    shape: Sequence[int], minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: int | None = None
) -> Array:
    """Draw uniformly from `[minval, maxval)`."""
    return random.uniform(shape, minval, maxval, dtype, seed)


def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    """Return the cross-entropy of each number."""
    return ops.binary_crossentropy(target, output, from_logits=from_logits)


def categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
    """Return the cross-entropy of each row of probabilities."""
    return ops.categorical_crossentropy(target, output, from_logits=from_logits, axis=axis)


def sparse_categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
    """Return the cross-entropy of each row with its class number."""
    return ops.sparse_categorical_crossentropy(target, output, from_logits=from_logits, axis=axis)
