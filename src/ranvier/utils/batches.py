"""Batches as tuples of inputs, targets and weights, and data divided in two."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ranvier import ops
from ranvier._errors import DataError, InvalidArgument, WrongType

__all__ = ["pack_x_y_sample_weight", "split_dataset", "unpack_x_y_sample_weight"]


def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """Return `x, y, sample_weight` of what a training step is given, None for what is not there.

    Raises:
        InvalidArgument: a tuple of more than three.

    Example:
        >>> unpack_x_y_sample_weight(([1.0], [0.0]))
        ([1.0], [0.0], None)
    """
    if not isinstance(data, (tuple, list)):
        return data, None, None
    if not 1 <= len(data) <= 3:
        raise InvalidArgument(
            f"A batch has {len(data)} parts.",
            code="batch-parts",
            place="unpack_x_y_sample_weight",
            expected="x, (x,), (x, y) or (x, y, sample_weight)",
            received=f"a {type(data).__name__} of {len(data)}",
        )
    x, y, weight = [*data, None, None][:3]
    return x, y, weight


def pack_x_y_sample_weight(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """Return a batch as `fit` takes it: the shortest of `x`, `(x,)`, `(x, y)` and `(x, y, sample_weight)`.

    Inputs alone stay as they are unless they are a list or tuple, which could be mistaken for a batch.

    Example:
        >>> pack_x_y_sample_weight(1.0), pack_x_y_sample_weight(1.0, 0.0), pack_x_y_sample_weight([1.0, 2.0])
        (1.0, (1.0, 0.0), ([1.0, 2.0],))
    """
    if y is None:
        return (x,) if isinstance(x, (tuple, list)) else x
    return (x, y) if sample_weight is None else (x, y, sample_weight)


class _Rows(Sequence[Any]):
    """Some rows of an indexable data set, in a given order."""

    def __init__(self, data: Any, numbers: Sequence[int]) -> None:
        self.data, self.numbers = data, numbers

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return _Rows(self.data, self.numbers[index])
        return self.data[self.numbers[index]]


def split_dataset(
    dataset: Any,
    left_size: float | None = None,
    right_size: float | None = None,
    shuffle: bool = False,
    seed: int | None = None,
    preferred_backend: str | None = None,
) -> tuple[Any, Any]:
    """Return two parts of a data set: its first rows and its last ones.

    Keras gives `tf.data` or PyTorch data sets; here both parts are nested as the data is, arrays as arrays, and
    something that is indexed row by row gives two that are.

    Args:
        dataset: an array, a list, tuple or dict of arrays with equal numbers of rows, or a data set with `len()` and
            `[i]`.
        left_size: share (a float) or number (an int) of rows on the left; what the right one leaves when None.
        right_size: the same for the right.
        shuffle: whether the rows are put into a random order first, the one that Keras has for the same seed.
        seed: decides that order.
        preferred_backend: accepted; there is one.

    Raises:
        InvalidArgument: no size, or sizes that do not fit.
        WrongType: something else than data, or a size that is no number.

    Example:
        >>> left, right = split_dataset(np.arange(5), left_size=0.6)
        >>> left.tolist(), right.tolist()
        ([0, 1, 2], [3, 4])
    """
    total = _row_count(dataset)
    left, right = _sizes(left_size, right_size, total)
    order = list(range(total))
    if shuffle:
        random.Random(random.randint(0, 10**6) if seed is None else seed).shuffle(order)
    return _taken(dataset, order[:left]), _taken(dataset, order[total - right :])


def _is_array(node: Any) -> bool:
    return isinstance(node, np.ndarray) or ops.is_tensor(node)


def _arrays(dataset: Any) -> list[Any] | None:
    """Return the arrays of a nest; None where it is none."""
    if _is_array(dataset):
        return [dataset]
    children = dataset.values() if isinstance(dataset, Mapping) else dataset
    if not isinstance(dataset, (list, tuple, Mapping)) or not children:
        return None
    found = [_arrays(child) for child in children]
    return None if None in found else [array for arrays in found for array in arrays or []]


def _row_count(dataset: Any) -> int:
    arrays = _arrays(dataset)
    if arrays is None and hasattr(dataset, "__len__") and hasattr(dataset, "__getitem__") and not _is_nest(dataset):
        return len(dataset)
    if not arrays:
        raise WrongType(
            "This data cannot be split.",
            code="split-kind",
            place="split_dataset",
            expected="an array, arrays in a list, tuple or dict, or a data set with len() and [i]",
            received=type(dataset).__name__,
        )
    counts = {len(array) for array in arrays}
    if len(counts) > 1:
        raise DataError(
            "The arrays have different numbers of rows.",
            code="rows-differ",
            place="split_dataset",
            expected="one number of rows",
            received=", ".join(str(array.shape) for array in arrays),
        )
    return int(counts.pop())


def _is_nest(dataset: Any) -> bool:
    return isinstance(dataset, (list, tuple, Mapping, str, bytes))


def _taken(dataset: Any, numbers: list[int]) -> Any:
    """Return rows of a data set, nested as it is."""
    if _is_array(dataset):
        return dataset[np.asarray(numbers, dtype=np.int64)]
    if isinstance(dataset, Mapping):
        return {name: _taken(child, numbers) for name, child in dataset.items()}
    if isinstance(dataset, (list, tuple)):
        return type(dataset)([_taken(child, numbers) for child in dataset])
    return _Rows(dataset, numbers)


def _sizes(left: Any, right: Any, total: int) -> tuple[int, int]:
    """Return the numbers of rows of both parts."""
    counts = [_size("left_size", left, total), _size("right_size", right, total)]
    known = [count for count in counts if count is not None]
    if not known or sum(known) > total:
        raise InvalidArgument(
            "The sizes of the two parts do not fit the data.",
            code="split-size",
            place="split_dataset",
            expected=f"left_size or right_size or both, together at most {total} rows",
            received=f"left_size={left!r}, right_size={right!r}",
        )
    left_count, right_count = (total - known[0] if count is None else count for count in counts)
    return left_count, right_count


def _size(name: str, value: Any, total: int) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise WrongType(
            f"{name} is no size.",
            code="split-size-kind",
            place=f"split_dataset({name}=...)",
            expected="a share (float), a number of rows (int), or None",
            received=repr(value),
        )
    if not 0 < value < (1 if isinstance(value, float) else total):
        raise InvalidArgument(
            f"{name} leaves one part without rows.",
            code="split-size",
            place=f"split_dataset({name}=...)",
            expected=f"a share between 0 and 1, or from 1 to {total - 1} rows",
            received=repr(value),
        )
    return round(value * total) if isinstance(value, float) else value
