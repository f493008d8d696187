"""What people pass as x, y and sample_weight, turned into nests of arrays with equal numbers of rows.

NumPy and JAX arrays, lists, pandas and polars frames, torch tensors; nests of them as lists, tuples and dicts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np

from ranvier import _config
from ranvier._errors import DataError, InvalidArgument, WrongType
from ranvier.layers.preprocessing.host import Prepared

__all__ = [
    "as_host_array",
    "class_weights",
    "host_tree",
    "is_array",
    "is_array_tree",
    "is_listed",
    "row_count",
    "split_tail",
]

_INT32 = np.iinfo(np.int32)


def is_array(value: Any) -> bool:
    """Whether a value is one array-like: it has a shape, or is a frame or column of a table."""
    return (hasattr(value, "shape") and hasattr(value, "dtype")) or _is_frame(value) or _is_column(value)


def _is_frame(value: Any) -> bool:
    return hasattr(value, "columns") and hasattr(value, "to_numpy")


def _is_column(value: Any) -> bool:
    return hasattr(value, "to_numpy") and hasattr(value, "name") and not _is_frame(value)


def is_array_tree(value: Any) -> bool:
    """Whether a value is an array-like, a list of numbers, or a nest of such."""
    if value is None or isinstance(value, Prepared) or is_array(value) or is_listed(value):
        return True
    if isinstance(value, Mapping):
        return bool(value) and all(is_array_tree(item) for item in value.values())
    if isinstance(value, (list, tuple)) and not hasattr(value, "__next__"):
        return bool(value) and all(is_array_tree(item) for item in value)
    return False


def is_listed(value: Any) -> bool:
    """Whether a list is data itself: numbers, strings, or lists of them, all the way down."""
    if not isinstance(value, (list, tuple)) or not value:
        return False
    first = value[0]
    return isinstance(first, (bool, int, float, complex, str, np.number, np.bool_)) or is_listed(first)


def host_tree(value: Any, place: str) -> Any:
    """Return a nest of array-likes as the same nest of NumPy (or device) arrays of the types that training uses."""
    if value is None or isinstance(value, Prepared):
        return value
    if is_array(value) or is_listed(value):
        return as_host_array(value, place)
    if isinstance(value, Mapping):
        return {key: host_tree(item, f"{place}[{key!r}]") for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        items = [host_tree(item, f"{place}[{number}]") for number, item in enumerate(value)]
        return tuple(items) if isinstance(value, tuple) else items
    raise WrongType(
        f"{place} is not data that a network can take.",
        code="data-kind",
        place=place,
        expected="a NumPy or JAX array, a list of numbers, a pandas or polars frame, a torch tensor, or a nest of them",
        received=f"{type(value).__name__}: {value!r}"[:200],
        fix="convert it with numpy.asarray first",
    )


def as_host_array(value: Any, place: str = "the data") -> Any:
    """Return one array-like as an array: floats as floatx, integers as 32 bits at most, device arrays as they are.

    Raises:
        DataError: strings or objects among numbers, or integers that do not fit in 32 bits.
    """
    if isinstance(value, (jax.Array, np.memmap)):
        return value  # rows on disk are converted batch by batch
    if _is_frame(value):
        value = _frame_values(value, place)
    elif hasattr(value, "detach") and hasattr(value, "cpu"):
        tensor = value.detach().cpu()
        value = (tensor.float() if str(tensor.dtype) == "torch.bfloat16" else tensor).numpy()
    elif hasattr(value, "to_numpy"):
        value = value.to_numpy()
    try:
        array = value if isinstance(value, np.ndarray) else np.asarray(value)
    except ValueError as error:
        raise DataError(
            f"{place} is a list whose rows differ in length, so it is no array.",
            code="ragged-data",
            place=place,
            expected="rows of equal length",
            received=str(error),
            fix="pad the rows to one length, or pass one array per input",
        ) from error
    return _standard_type(array, place)


def _standard_type(array: np.ndarray, place: str) -> np.ndarray:
    if isinstance(array, np.ma.MaskedArray):
        array = _unmasked(array, place)
    if array.dtype.kind == "O":
        array = _object_values(array, place)
    _require_numbers(array, place)
    if array.dtype.kind == "f" and array.dtype.itemsize >= 8 and _config.floatx() != "float64":
        return array.astype(_config.floatx())
    if array.dtype in (np.int64, np.uint64, np.uint32):
        if array.size and (int(array.max()) > _INT32.max or int(array.min()) < _INT32.min):
            position = np.argwhere((array > _INT32.max) | (array < _INT32.min))[0]
            raise DataError(
                f"{place} holds an integer that does not fit in 32 bits.",
                code="integer-range",
                place=f"{place}, at index {tuple(int(i) for i in position)}",
                expected=f"integers from {_INT32.min} to {_INT32.max}",
                received=int(array[tuple(position)]),
                fix="number the values from 0 (an id), or convert the column to float (a quantity)",
            )
        return array.astype(np.int32)
    return array


def _unmasked(array: np.ma.MaskedArray[Any, Any], place: str) -> np.ndarray:
    if np.ma.is_masked(array):
        raise DataError(
            f"{place} holds masked values.",
            code="masked-data",
            place=place,
            expected="a number in every place",
            received=f"{np.count_nonzero(np.ma.getmaskarray(array))} masked values",
            fix="fill them first with .filled(value)",
        )
    return np.asarray(array.data)


def _require_numbers(array: np.ndarray, place: str) -> None:
    """Raise for text, dates, complex numbers and records."""
    first = repr(array.reshape(-1)[0]) if array.size else "nothing"
    if array.dtype.kind in "SU":
        raise DataError(
            f"{place} holds text, which a network cannot compute with.",
            code="text-data",
            place=place,
            expected="numbers",
            received=f"{array.dtype}, first value {first}",
            fix="encode it first, or begin the model with Input(dtype='string') and TextVectorization or StringLookup",
        )
    if array.dtype.kind not in "biuf" and not jax.numpy.issubdtype(array.dtype, np.floating):
        raise DataError(
            f"{place} holds values that are not real numbers.",
            code="data-dtype",
            place=place,
            expected="floats, integers or booleans",
            received=f"{array.dtype}, first value {first}",
            fix="convert it first: dates to numbers of days, complex numbers to two real columns",
        )


def _object_values(array: np.ndarray, place: str) -> np.ndarray:
    """Turn an object array of numbers into a float array; anything else is named and refused."""
    try:
        return array.astype(np.float64)
    except (TypeError, ValueError) as error:
        flat = array.reshape(-1)
        number = next((i for i, item in enumerate(flat) if not isinstance(item, (int, float, np.number))), 0)
        raise DataError(
            f"{place} holds Python objects, not numbers.",
            code="object-data",
            place=f"{place}, element {number}",
            expected="numbers",
            received=f"{type(flat[number]).__name__}: {flat[number]!r}"[:120],
            fix="convert or encode that column first",
        ) from error


def _frame_values(frame: Any, place: str) -> np.ndarray:
    """Return a table's columns as one matrix; a column that is not numeric is named."""
    columns = []
    for name in frame.columns:
        column = np.asarray(frame[name].to_numpy())
        if column.dtype.kind not in "biuf":
            try:
                column = column.astype(np.float64)
            except (TypeError, ValueError) as error:
                raise DataError(
                    f"Column {name!r} of {place} does not hold numbers.",
                    code="column-not-numeric",
                    place=f"{place}, column {name!r}",
                    expected="numbers",
                    received=f"{column.dtype}, first value {column[0]!r}" if len(column) else str(column.dtype),
                    fix="encode or drop that column first",
                ) from error
        columns.append(column)
    if not columns:
        raise DataError(f"{place} is a table without columns.", code="no-columns", place=place)
    return np.stack(columns, axis=1)


def row_count(x: Any, y: Any = None, weight: Any = None) -> int:
    """Return the number of rows that all arrays share.

    Raises:
        DataError: the arrays differ, one has no axes, or there is no row at all.
    """
    counts: dict[str, int] = {}
    for name, tree in (("x", x), ("y", y), ("sample_weight", weight)):
        for path, leaf in jax.tree_util.tree_leaves_with_path(tree):
            place = name + jax.tree_util.keystr(path)
            if not leaf.shape:
                raise DataError(
                    f"{place} is a single number, so it has no rows.",
                    code="no-row-axis",
                    place=place,
                    expected="an array whose first axis counts the rows",
                    received=repr(leaf),
                )
            counts[place] = int(leaf.shape[0])
    if len(set(counts.values())) > 1:
        raise DataError(
            "The arrays have different numbers of rows.",
            code="row-count",
            place=", ".join(counts),
            expected="one number of rows for all",
            received=", ".join(f"{name}: {count}" for name, count in counts.items()),
            fix=_repair(x, counts),
        )
    if not counts or next(iter(counts.values())) == 0:
        raise DataError(
            "There is no row to work on.",
            code="no-rows",
            place=", ".join(counts) or "x",
            expected="at least one row",
            received="0 rows" if counts else "no array",
            fix="check the filter or split that made this data",
        )
    return next(iter(counts.values()))


def _repair(x: Any, counts: Mapping[str, int]) -> str:
    if isinstance(x, (list, tuple)) and len(x) > 1:
        shapes = {tuple(leaf.shape) for leaf in jax.tree_util.tree_leaves(x)}
        single = all(len(shape) > 1 and shape[0] == 1 for shape in shapes)
        if single or all(len(shape) == 1 for shape in shapes) or (len(shapes) == 1 and len(x) in counts.values()):
            join = "concatenate" if single else "stack"
            return f"a list is one array per input; make one array of its rows with numpy.{join}(x)"
    return "cut or complete the shorter ones; check how they were split"


def split_tail(tree: Any, rows: int, share: float) -> tuple[Any, Any]:
    """Return head and tail of every array; the tail holds the last `share` of the rows, as Keras splits."""
    boundary = int(rows * (1.0 - share))
    if boundary == 0 or boundary == rows:
        raise DataError(
            f"validation_split={share} leaves no row for {'training' if boundary == 0 else 'validation'}.",
            code="empty-split",
            place="validation_split",
            expected=f"a share of {rows} rows that leaves at least one row on both sides",
            received=share,
        )
    head = jax.tree_util.tree_map(lambda a: a[:boundary], tree)
    tail = jax.tree_util.tree_map(lambda a: a[boundary:], tree)
    return head, tail


def class_weights(y: Any, weights: Mapping[int, float]) -> np.ndarray:
    """Return one weight per row from class weights; y holds class numbers or one-hot rows."""
    if not isinstance(weights, Mapping) or not all(_is_class(key) for key in weights):
        raise InvalidArgument(
            "class_weight is not a dict from class numbers to weights.",
            code="class-weight",
            place="fit(class_weight=...)",
            expected="a dict with whole numbers as keys, such as {0: 1.0, 1: 5.0}",
            received=f"{type(weights).__name__}: {weights!r}"[:200],
            fix="for balanced classes: {c: rows / (classes * rows of c)}",
        )
    labels = np.asarray(y)
    if labels.ndim > 1:
        labels = labels.argmax(-1) if labels.shape[-1] != 1 else labels[..., 0]
    labels = np.rint(labels).astype(np.int64)
    classes, inverse = np.unique(labels, return_inverse=True)
    table = np.array([weights.get(int(c), 1.0) for c in classes], np.float32)
    return table[inverse].reshape(labels.shape)


def _is_class(key: Any) -> bool:
    return isinstance(key, (int, float, np.integer, np.floating)) and int(key) == key
