"""`tf.math`: functions of each element, of two tensors, and along axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ranvier import ops
from ranvier.compat.tensorflow.dtypes import on_device
from ranvier.compat.tensorflow.named import all_named
from ranvier.compat.tensorflow.values import convert_to_tensor

_SAME = (
    *("abs", "add", "ceil", "cos", "cosh", "erf", "erfc", "exp", "expm1", "floor", "imag", "log", "log1p", "multiply"),
    *("negative", "real", "reciprocal", "round", "rsqrt", "sign", "sin", "sinh", "softplus", "sqrt", "square"),
    *("sigmoid", "softsign", "subtract", "tan", "tanh", "divide", "equal", "not_equal", "greater", "greater_equal"),
    *("less", "less_equal", "logical_and", "logical_or", "logical_xor", "logical_not", "maximum", "minimum", "mod"),
    *("bincount", "log_sigmoid", "segment_sum", "segment_max"),
)
_RENAMED = {
    "acos": ops.arccos,
    "acosh": ops.arccosh,
    "asin": ops.arcsin,
    "asinh": ops.arcsinh,
    "atan": ops.arctan,
    "atan2": ops.arctan2,
    "atanh": ops.arctanh,
    "divide_no_nan": ops.divide_no_nan,
    "erfinv": ops.erfinv,
    "floordiv": ops.floor_divide,
    "floormod": ops.mod,
    "is_finite": ops.isfinite,
    "is_inf": ops.isinf,
    "is_nan": ops.isnan,
    "pow": ops.power,
    "truediv": ops.true_divide,
}
globals().update(all_named({name: getattr(ops, name) for name in _SAME} | _RENAMED))


def _reduction(function: Callable[..., Any]) -> Callable[..., Any]:
    def reduce(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
        return function(input_tensor, axis=axis, keepdims=keepdims)

    reduce.__name__, reduce.__doc__ = f"reduce_{function.__name__}", function.__doc__
    return reduce


def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the mean along axes, of whole numbers without its fraction."""
    x = convert_to_tensor(x)
    return ops.cast(ops.mean(x, axis=axis, keepdims=keepdims), x.dtype)


_REDUCTIONS = {
    "reduce_all": ops.all,
    "reduce_any": ops.any,
    "reduce_logsumexp": ops.logsumexp,
    "reduce_max": ops.max,
    "reduce_mean": mean,
    "reduce_min": ops.min,
    "reduce_prod": ops.prod,
    "reduce_std": ops.std,
    "reduce_sum": ops.sum,
    "reduce_variance": ops.var,
}
globals().update({name: _reduction(function) for name, function in _REDUCTIONS.items()})

__all__ = [
    "accumulate_n",
    "add_n",
    "argmax",
    "argmin",
    "clip_by_value",
    "confusion_matrix",
    "count_nonzero",
    "cumprod",
    "cumsum",
    "in_top_k",
    "l2_normalize",
    "multiply_no_nan",
    "reduce_euclidean_norm",
    "squared_difference",
    "top_k",
]
__all__ += [*_SAME, *_RENAMED, *_REDUCTIONS]


def argmax(input: Any, axis: int | None = None, output_type: Any = "int32", name: str | None = None) -> Any:
    """Return the first position of the largest number along an axis, the first axis when None."""
    return ops.cast(ops.argmax(input, axis or 0), on_device(output_type))


def argmin(input: Any, axis: int | None = None, output_type: Any = "int32", name: str | None = None) -> Any:
    """Return the first position of the smallest number along an axis, the first axis when None."""
    return ops.cast(ops.argmin(input, axis or 0), on_device(output_type))


def add_n(inputs: Any, name: str | None = None) -> Any:
    """Return the sum of tensors of one shape."""
    return ops.sum(ops.stack(list(inputs)), axis=0)


accumulate_n = add_n


def clip_by_value(t: Any, clip_value_min: Any, clip_value_max: Any, name: str | None = None) -> Any:
    """Return the tensor with every number brought between two bounds."""
    return ops.clip(t, clip_value_min, clip_value_max)


def squared_difference(x: Any, y: Any, name: str | None = None) -> Any:
    """Return `(x - y)²`."""
    return ops.square(ops.subtract(x, y))


def multiply_no_nan(x: Any, y: Any, name: str | None = None) -> Any:
    """Return `x · y`, and 0 where `y` is 0."""
    return ops.where(ops.equal(y, 0), 0.0, ops.multiply(x, y))


def count_nonzero(
    input: Any, axis: Any = None, keepdims: bool | None = None, dtype: Any = "int32", name: str | None = None
) -> Any:
    """Return how many numbers along an axis are not 0."""
    hits = ops.cast(ops.not_equal(input, 0), on_device(dtype))
    return ops.sum(hits, axis=axis, keepdims=bool(keepdims))


def reduce_euclidean_norm(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """Return the root of the sum of squares along an axis."""
    return ops.sqrt(ops.sum(ops.square(input_tensor), axis=axis, keepdims=keepdims))


def cumsum(x: Any, axis: int = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None) -> Any:
    """Return running sums along an axis; without the number itself when exclusive, from the end when reversed."""
    along = ops.flip(x, axis) if reverse else x
    sums = ops.cumsum(along, axis)
    sums = ops.subtract(sums, along) if exclusive else sums
    return ops.flip(sums, axis) if reverse else sums


def cumprod(x: Any, axis: int = 0, name: str | None = None) -> Any:
    """Return running products along an axis."""
    return ops.cumprod(x, axis)


def l2_normalize(x: Any, axis: Any = None, epsilon: float = 1e-12, name: str | None = None) -> Any:
    """Return `x / sqrt(max(sum(x²), epsilon))` along an axis; over all of them when None."""
    squares = ops.sum(ops.square(x), axis=axis, keepdims=True)
    return ops.multiply(x, ops.rsqrt(ops.maximum(squares, epsilon)))


class TopK(NamedTuple):
    """The largest numbers and where they stand."""

    values: Any
    indices: Any


def top_k(input: Any, k: int = 1, sorted: bool = True, index_type: Any = None, name: str | None = None) -> TopK:
    """Return the `k` largest numbers along the last axis."""
    return TopK(*ops.top_k(input, int(k), sorted))


def in_top_k(targets: Any, predictions: Any, k: int, name: str | None = None) -> Any:
    """Whether each row's class is among the `k` largest of its predictions."""
    return ops.in_top_k(targets, predictions, k)


def confusion_matrix(
    labels: Any,
    predictions: Any,
    num_classes: int | None = None,
    weights: Any = None,
    dtype: Any = "int32",
    name: str | None = None,
) -> Any:
    """Return how many rows of each class (row) were given each class (column)."""
    rows, columns = ops.cast(labels, "int32"), ops.cast(predictions, "int32")
    count = int(num_classes or max(int(ops.max(rows)), int(ops.max(columns))) + 1)
    ones = ops.ones_like(rows, "float32") if weights is None else ops.cast(weights, "float32")
    hits = ops.multiply(ops.one_hot(rows, count), ops.expand_dims(ones, -1))
    return ops.cast(ops.matmul(ops.transpose(hits), ops.one_hot(columns, count)), on_device(dtype))
