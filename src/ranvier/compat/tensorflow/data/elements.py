"""Elements of a data set: nests (tuples, dicts) of NumPy arrays, on the way out of tensors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import tree_util

from ranvier._errors import DataError
from ranvier.compat.tensorflow.dtypes import as_dtype
from ranvier.compat.tensorflow.values import TensorSpec
from ranvier.ops.core import to_device
from ranvier.state.variable import Variable

__all__ = ["cast_to", "hosted", "nest_of_arrays", "rows", "spec_of", "stacked", "tensors", "unstacked"]


def nest_of_arrays(value: Any) -> Any:
    """Return what a script passes as a nest of arrays: tuples and dicts nest, lists and frames are data."""
    if isinstance(value, tuple):
        parts = [nest_of_arrays(item) for item in value]
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    if isinstance(value, Mapping):
        return {key: nest_of_arrays(item) for key, item in value.items()}
    if hasattr(value, "to_numpy"):
        return np.asarray(value.to_numpy())
    return value if hasattr(value, "as_numpy_iterator") else np.asarray(value)


def hosted(value: Any) -> Any:
    """Return what a function of an element returned, as a nest of NumPy arrays."""
    return nest_of_arrays(value.value if isinstance(value, Variable) else value)


def tensors(element: Any) -> Any:
    """Return an element with tensors in the place of NumPy arrays; texts and data sets stay as they are."""
    return tree_util.tree_map(lambda leaf: leaf if hasattr(leaf, "element_spec") else to_device(leaf), element)


def rows(data: Any) -> int:
    """Return the number of rows of a nest of arrays.

    Raises:
        DataError: a single number, or arrays of different lengths.
    """
    sizes = {leaf.shape[0] if leaf.ndim else None for leaf in tree_util.tree_leaves(data)}
    if len(sizes) != 1 or None in sizes:
        raise DataError(
            "The arrays cannot be cut into rows together.",
            code="slices-length",
            place="tf.data.Dataset.from_tensor_slices",
            expected="arrays with one number of rows",
            received=", ".join(str(leaf.shape) for leaf in tree_util.tree_leaves(data)),
            fix="give every array one row per example",
        )
    return int(sizes.pop() or 0)


def stacked(elements: list[Any]) -> Any:
    """Return elements of one shape as one batch.

    Raises:
        DataError: their shapes differ.
    """
    try:
        return tree_util.tree_map(lambda *leaves: np.stack(leaves), *elements)
    except ValueError as error:
        shapes = {str(tree_util.tree_map(np.shape, element)) for element in elements}
        raise DataError(
            "Elements of different shapes make no batch.",
            code="batch-shapes",
            place="tf.data.Dataset.batch",
            expected="elements of one shape",
            received=", ".join(sorted(shapes)[:4]),
            fix="use padded_batch, or bring them to one shape with map",
        ) from error


def unstacked(batch: Any) -> Iterator[Any]:
    """Yield the rows of a batch."""
    for row in range(rows(batch)):
        yield tree_util.tree_map(lambda leaf, row=row: leaf[row], batch)


def spec_of(element: Any) -> Any:
    """Return an element's shapes and types."""
    return tree_util.tree_map(lambda leaf: TensorSpec(np.shape(leaf), _type(np.asarray(leaf))), element)


def _type(array: np.ndarray) -> str:
    return "string" if array.dtype.kind in "OSU" else array.dtype.name


def cast_to(element: Any, signature: Any) -> Any:
    """Return an element in the types of a signature, a nest of TensorSpecs or of types."""
    if signature is None:
        return nest_of_arrays(element)
    if isinstance(signature, tuple):
        return tuple(cast_to(part, spec) for part, spec in zip(element, signature, strict=True))
    if isinstance(signature, Mapping):
        return {key: cast_to(element[key], spec) for key, spec in signature.items()}
    name = as_dtype(getattr(signature, "dtype", signature)).name
    return np.asarray(element) if name == "string" else np.asarray(element, jnp.dtype(name))
