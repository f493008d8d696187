"""What is passed to a model, brought into the order, rank and dtype of its inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
from jax import tree_util

from ranvier._errors import InvalidArgument
from ranvier._typing import Shape
from ranvier.layers import InputLayer
from ranvier.state import decoding, masking
from ranvier.state.symbolic import KerasTensor

__all__ = ["arranged", "fitted"]


def arranged(given: Any, struct: Any, entries: list[InputLayer], model: str) -> list[Any]:
    """Return the given arrays in the order of the inputs.

    Args:
        given: an array, a list in the order of the inputs, a dict by input name, or a nest like `struct`.
        struct: the nest of symbolic tensors that the model was made with.
        entries: the input layers, in order.
        model: the model's name, for errors.

    Raises:
        InvalidArgument: an input is missing, or the number of arrays differs.
    """
    if isinstance(given, Mapping):
        return _by_key(given, struct, entries, model)
    given_form: Any = tree_util.tree_structure(given)
    if given_form == tree_util.tree_structure(struct):
        return tree_util.tree_leaves(given)
    leaves = list(given) if isinstance(given, (list, tuple)) else [given]
    if len(leaves) == 1 and isinstance(leaves[0], Mapping):
        return _by_key(leaves[0], struct, entries, model)
    flat = leaves if len(leaves) == len(entries) else tree_util.tree_leaves(given)
    if len(flat) != len(entries):
        raise InvalidArgument(
            f"Model {model!r} got another number of inputs than it takes.",
            code="model-input-count",
            place=f"model {model!r}",
            expected=f"{len(entries)}: " + ", ".join(f"{e.name} {e.batch_shape}" for e in entries),
            received=f"{len(flat)}: " + ", ".join(str(tuple(getattr(x, "shape", ()))) for x in flat),
            fix=(
                "a list is one array per input; make one array of rows with numpy.stack(x), of batches with concatenate"
                if len(entries) == 1
                else "pass a list in this order, or a dict by these names"
            ),
        )
    return flat


def _by_key(given: Mapping[str, Any], struct: Any, entries: list[InputLayer], model: str) -> list[Any]:
    """Return a dict's arrays in the order of the inputs; its keys are the struct's keys, or the inputs' names."""
    keyed = isinstance(struct, Mapping) and all(isinstance(t, KerasTensor) for t in struct.values())
    if isinstance(struct, Mapping) and not keyed:
        return tree_util.tree_leaves({key: given[key] for key in struct})
    names = sorted(struct) if keyed else [entry.name for entry in entries]
    other = [entry.name for entry in entries]
    if keyed and not all(name in given for name in names) and all(name in given for name in other):
        names = other
    for name, entry in zip(names, entries, strict=True):
        if name not in given and not entry.optional:
            raise InvalidArgument(
                f"Model {model!r} got no data for its input {name!r}.",
                code="model-input-missing",
                place=f"input {name!r} of model {model!r}",
                expected="the keys " + ", ".join(map(repr, names)),
                received="the keys " + ", ".join(map(repr, given)),
                fix="rename the dict's keys, or the inputs: Input(..., name=...)",
            )
    return [given.get(name) for name in names]


def fitted(value: Any, entry: InputLayer, model: str, keep_integers: bool, check_sizes: bool = True) -> Any:
    """Return one input in the rank and dtype of its Input: `(n,)` becomes `(n, 1)`, a last axis of 1 may go.

    Args:
        value: array or symbolic tensor.
        entry: the input layer.
        model: the model's name, for errors.
        keep_integers: leave whole numbers as they are, because who takes them wants them exact.
        check_sizes: whether sizes must match, not only the rank.

    Raises:
        InvalidArgument: the shape does not fit.
    """
    if value is None or isinstance(value, KerasTensor) or not hasattr(value, "astype"):
        return value
    shape, wanted = tuple(value.shape), entry.batch_shape
    result = value
    if len(shape) == len(wanted) - 1 and wanted[-1] == 1:
        result = value[..., None]
    elif len(shape) == len(wanted) + 1 and shape[-1] == 1:
        result = jnp.reshape(value, shape[:-1])
    if not _fits(tuple(result.shape), wanted, check_sizes and not decoding.is_step()):
        raise InvalidArgument(
            f"The data for input {entry.name!r} has another shape than the model was made for.",
            code="model-input-shape",
            place=f"input {entry.name!r} of model {model!r}",
            expected=wanted,
            received=shape,
            fix=_advice(shape, wanted),
        )
    whole = jnp.issubdtype(result.dtype, jnp.integer) and jnp.issubdtype(jnp.dtype(entry.dtype), jnp.floating)
    if result.dtype != entry.dtype and not (keep_integers and whole):
        result = result.astype(entry.dtype)
    if result is not value:
        masking.attach(result, masking.of(value))
    return result


def _fits(shape: tuple[int, ...], wanted: Shape, check_sizes: bool) -> bool:
    if len(shape) != len(wanted):
        return False
    return not check_sizes or all(w is None or w == s for s, w in zip(shape[1:], wanted[1:], strict=True))


def _advice(shape: tuple[int, ...], wanted: Shape) -> str:
    if shape == tuple(wanted[1:]):
        return "this is one row without a batch axis: pass x[None]"
    return "reshape the data, or change the Input's shape"
