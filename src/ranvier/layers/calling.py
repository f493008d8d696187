"""How a call's arguments are read: converted to arrays, matched with the signature of `call`, measured for `build`."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import tree_util

from ranvier._errors import InvalidArgument
from ranvier._typing import Shape
from ranvier.ops.core import to_device
from ranvier.state import masking
from ranvier.state.symbolic import KerasTensor
from ranvier.state.variable import Variable

if TYPE_CHECKING:
    from ranvier.layers.base import Layer

__all__ = [
    "CallFacts",
    "argument_shapes",
    "call_facts",
    "converted",
    "given_shapes",
    "remembering_shapes",
    "tupled",
]


def converted(
    args: tuple[Any, ...], kwargs: dict[str, Any], cast: str | None
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Turn array-likes into arrays and cast floats to `cast`."""

    def convert(leaf: Any) -> Any:
        if isinstance(leaf, (KerasTensor, bool, str, type(None))) or callable(leaf):
            return leaf
        if not isinstance(leaf, (jax.Array, Variable)) and not hasattr(leaf, "__array__"):
            return leaf
        array = to_device(leaf)
        if not isinstance(array, jax.Array):
            return array  # text, which only lookup layers take
        if cast and jnp.issubdtype(array.dtype, jnp.floating) and array.dtype != cast:
            converted = array.astype(cast)
            masking.attach(converted, masking.of(leaf))
            return converted
        return array

    def converted_input(value: Any) -> Any:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return convert(to_device(value))
        if isinstance(value, list) and value and all(isinstance(v, (int, float, list)) for v in value):
            return convert(to_device(value))
        return tree_util.tree_map(convert, value)

    if args:
        args = (converted_input(args[0]), *(tree_util.tree_map(convert, a) for a in args[1:]))
    return args, {name: tree_util.tree_map(convert, value) for name, value in kwargs.items()}


def remembering_shapes(build: Callable[..., None]) -> Callable[..., None]:
    """Let a class's `build` note its shapes and that it ran, also when a person calls it."""

    @functools.wraps(build)
    def noted(self: Layer, *args: Any, **kwargs: Any) -> None:
        if self._build_shapes is None:
            bound = dict(inspect.signature(build).bind(self, *args, **kwargs).arguments)
            bound.pop("self", None)
            self._build_shapes = bound
        build(self, *args, **kwargs)
        self.built = True

    return noted


def given_shapes(kwargs: dict[str, Any]) -> tuple[int | None, Shape | None]:
    """Take `batch_input_shape=`, `input_shape=` or `input_dim=` out of the arguments: batch size, row's shape."""
    shape = kwargs.pop("input_shape", None)
    dim = kwargs.pop("input_dim", None)
    batch = list(kwargs.pop("batch_input_shape", None) or [])
    if shape is None and dim is not None:
        shape = (dim,)
    rows = batch[0] if batch else None
    if shape is None and batch:
        shape = batch[1:]
    if shape is None:
        return rows, None
    row = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    if not all(size is None or isinstance(size, (int, np.integer)) for size in row):
        raise InvalidArgument(
            "The shape of a row is made of whole numbers.",
            code="input-shape",
            place="input_shape=, input_dim= or batch_input_shape=",
            expected="a tuple such as (4,); input_dim takes one number",
            received=repr(dim if dim is not None else shape),
        )
    return rows, row


def tupled(shape: Any) -> Any:
    """Return JSON's lists as tuples."""
    if isinstance(shape, dict):
        return {key: tupled(value) for key, value in shape.items()}
    if isinstance(shape, (list, tuple)):
        inner = [tupled(value) for value in shape]
        return tuple(inner) if all(v is None or isinstance(v, int) for v in inner) else inner
    return shape


class CallFacts:
    """What the signature of a class's `call` says."""

    def __init__(self, cls: type) -> None:
        parameters = list(inspect.signature(cls.call).parameters.values())[1:]  # type: ignore[attr-defined]
        names = [p.name for p in parameters]
        positional = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
        self.names = names
        self.any_keyword = any(p.kind is p.VAR_KEYWORD for p in parameters)
        self.training_index = positional.index("training") if "training" in positional else None
        self.training_keyword = "training" in names and self.training_index is None
        self.training_default = any(p.name == "training" and p.default is True for p in parameters)
        self.mask_keyword = "mask" in names


@functools.cache
def call_facts(cls: type) -> CallFacts:
    """Return what the signature of a class's `call` says, read once per class."""
    return CallFacts(cls)


def argument_shapes(cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return the shape of each tensor argument under `{argument}_shape`, as `build` names them."""
    names = call_facts(cls).names
    named = dict(zip(names, args, strict=False)) | kwargs
    if len(args) > len(names):
        named |= {f"argument_{i}": a for i, a in enumerate(args[len(names) :])}
    shapes: dict[str, Any] = {}
    for name, value in named.items():
        leaves = tree_util.tree_leaves(value)
        if leaves and all(hasattr(leaf, "shape") for leaf in leaves):
            shapes[f"{name}_shape"] = tree_util.tree_map(lambda leaf: tuple(leaf.shape), value)
    return shapes
