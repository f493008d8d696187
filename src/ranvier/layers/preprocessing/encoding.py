"""Classes of rows as vectors: one-hot, which occur, how often. For all layers that number categories."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from ranvier._errors import InvalidArgument, Unsupported
from ranvier._typing import Array, Shape
from ranvier.layers.base import Layer

__all__ = ["check_mode", "dense_only", "encoded", "encoded_shape"]

_OLD_MODES = {"binary": "multi_hot", "tf-idf": "tf_idf"}


def check_mode(layer: Layer, mode: Any, allowed: tuple[str, ...]) -> str:
    """Return an output mode under today's name.

    Raises:
        InvalidArgument: there is no such mode.
    """
    mode = _OLD_MODES.get(mode, mode)
    if mode not in allowed:
        raise InvalidArgument(
            f"{type(layer).__name__} has no such output_mode.",
            code="output-mode",
            place=f"layer {layer.name!r}",
            expected=", ".join(map(repr, allowed)),
            received=repr(mode),
        )
    return str(mode)


def dense_only(layer: Layer, **options: bool) -> None:
    """Raise for sparse or ragged outputs, which Keras has on TensorFlow only."""
    for name, value in options.items():
        if value:
            raise Unsupported(
                f"{type(layer).__name__} gives dense arrays only.",
                code="sparse-output",
                place=f"layer {layer.name!r}",
                received=f"{name}=True",
                fix=f"leave {name} out",
            )


def encoded_shape(shape: Shape, mode: str, depth: int | None) -> Shape:
    """Return the shape that `encoded` gives for class numbers of this shape."""
    if mode == "int":
        return tuple(shape)
    if mode == "one_hot":
        kept = shape[:-1] if len(shape) > 1 and shape[-1] == 1 else shape or (1,)
        return (*kept, depth)
    return (*shape[:1], *shape[2:], depth) if len(shape) > 1 else (depth,)


def encoded(numbers: Array, mode: str, depth: int, dtype: str, weights: Any = None) -> Array:
    """Return class numbers in an output mode; a number below 0 or from `depth` on counts as no class.

    Args:
        numbers: whole numbers [row, member, ...].
        mode: `"int"`, `"one_hot"`, `"multi_hot"` or `"count"`.
        depth: number of classes.
        dtype: of the result.
        weights: for `"count"`: what each member counts, in the shape of `numbers`.
    """
    if mode == "int":
        return numbers.astype(dtype)
    if numbers.ndim == 0:
        numbers = numbers[None]
    if mode == "one_hot":
        squeezed = numbers[..., 0] if numbers.ndim > 1 and numbers.shape[-1] == 1 else numbers
        return jax.nn.one_hot(squeezed, depth, dtype=dtype)
    axis = 1 if numbers.ndim > 1 else 0
    members = jnp.moveaxis(numbers, axis, -1)
    rows = members.reshape(-1, members.shape[-1])
    # Outside of the range is dropped; below 0 would count from the end.
    places = jnp.where(rows < 0, depth, rows)
    if weights is None:
        values: Any = jnp.ones(rows.shape, dtype)
    else:
        values = jnp.moveaxis(jnp.asarray(weights, dtype), axis, -1).reshape(rows.shape)
    table = jnp.zeros((rows.shape[0], depth), dtype).at[jnp.arange(rows.shape[0])[:, None], places]
    result = table.max(values, mode="drop") if mode == "multi_hot" else table.add(values, mode="drop")
    return result.reshape(*members.shape[:-1], depth)
