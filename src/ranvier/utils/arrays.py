"""Small helpers on labels, rows and sequences, which stay NumPy when they were."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ranvier import ops
from ranvier._errors import InvalidArgument
from ranvier._typing import ArrayLike

__all__ = ["normalize", "pad_sequences", "to_categorical"]


def to_categorical(x: ArrayLike, num_classes: int | None = None) -> Any:
    """Return class numbers as vectors of 0 and one 1; a last axis of size 1 is dropped.

    Args:
        x: whole numbers from 0, any shape.
        num_classes: the length of the vectors; the largest number plus one when None.

    Returns:
        An array of shape (*x.shape, num_classes): NumPy float64 as in Keras, or an array of the backend for one.

    Raises:
        InvalidArgument: a number is negative or not below `num_classes`.

    Example:
        >>> to_categorical([0, 2]).tolist()
        [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    if ops.is_tensor(x):
        number = int(ops.max(x)) + 1 if num_classes is None else num_classes
        shape = tuple(x.shape)
        return ops.one_hot(ops.reshape(x, shape[:-1]) if len(shape) > 1 and shape[-1] == 1 else x, number)
    classes = np.asarray(x).astype("int64")
    if classes.ndim > 1 and classes.shape[-1] == 1:
        classes = classes[..., 0]
    number = num_classes or (int(classes.max()) + 1 if classes.size else 0)
    if classes.size and (classes.min() < 0 or classes.max() >= number):
        raise InvalidArgument(
            "A class number has no place in the vector.",
            code="class-out-of-range",
            place="to_categorical",
            expected=f"numbers from 0 to {number - 1}",
            received=f"numbers from {classes.min()} to {classes.max()}",
            fix="number the classes from 0, or pass a larger num_classes",
        )
    return np.eye(number)[classes]


def normalize(x: ArrayLike, axis: int = -1, order: int = 2) -> Any:
    """Return `x / norm(x)` along `axis`; rows of zeros stay zeros.

    Example:
        >>> normalize(np.array([[3.0, 4.0]])).tolist()
        [[0.6, 0.8]]
    """
    if ops.is_tensor(x):
        return ops.normalize(x, axis=axis, order=order)
    values = np.asarray(x)
    norm = np.linalg.norm(values, order, axis, keepdims=True)
    return values / np.where(norm == 0, 1, norm)


def pad_sequences(
    sequences: Sequence[Sequence[Any]],
    maxlen: int | None = None,
    dtype: Any = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: Any = 0.0,
) -> np.ndarray:
    """Return lists of different lengths as one array [row, step].

    Args:
        sequences: lists of numbers (or of equally shaped arrays).
        maxlen: steps of the result; the longest list's when None.
        dtype: NumPy type of the result; `object` for text.
        padding: where `value` fills up, `"pre"` or `"post"`.
        truncating: where too long lists are cut, `"pre"` or `"post"`.
        value: what fills up.

    Raises:
        InvalidArgument: lists without lengths, or another word than pre and post.

    Example:
        >>> pad_sequences([[1], [2, 3, 4]], maxlen=2).tolist()
        [[0, 1], [3, 4]]
    """
    for name, word in (("padding", padding), ("truncating", truncating)):
        if word not in ("pre", "post"):
            raise InvalidArgument(
                f"{name} cannot be {word!r}.", code="pad-side", place=f"{name}=", expected="pre, post", received=word
            )
    if not hasattr(sequences, "__len__") or not all(hasattr(row, "__len__") for row in sequences):
        raise InvalidArgument(
            "Padding needs sequences.",
            code="pad-not-sequences",
            place="sequences=",
            expected="a list of lists",
            received=repr(sequences)[:100],
        )
    length = max((len(row) for row in sequences), default=0) if maxlen is None else maxlen
    step = next((np.shape(row)[1:] for row in sequences if len(row)), ())
    result = np.full((len(sequences), length, *step), value, dtype=dtype)
    for target, row in zip(result, sequences, strict=True):
        kept = row[max(len(row) - length, 0) :] if truncating == "pre" else row[:length]
        if len(kept):
            place = slice(None, len(kept)) if padding == "post" else slice(-len(kept), None)
            target[place] = np.asarray(kept, dtype=dtype)
    return result
