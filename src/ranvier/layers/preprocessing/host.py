"""Layers that take text. A compiled program knows numbers only, so their work is cut in two.

`prepare` runs on the host, before the program: text in, a NumPy array of whole numbers out. `call` runs in the program
and finishes: from those numbers to counts or one-hot vectors. A model cuts its graph there; see `models/host_stage.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np
from jax import tree_util

from ranvier._errors import NotReady, WrongType
from ranvier.layers.base import Layer
from ranvier.state.symbolic import is_symbolic

__all__ = ["HostLayer", "Prepared", "Ready", "is_text", "not_in_program", "plain_texts"]


@tree_util.register_pytree_node_class
class Ready:
    """What `prepare` has made; a layer that gets it only finishes."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def tree_flatten(self) -> tuple[tuple[Any], None]:
        """Return the array as the only child."""
        return (self.value,), None

    @classmethod
    def tree_unflatten(cls, _: None, children: tuple[Any]) -> Ready:
        """Make it of its child again."""
        return cls(*children)


@tree_util.register_pytree_node_class
class Prepared:
    """What a model's program gets of data with text.

    Attributes:
        entries: the arrays of the model's inputs in order, None for text.
        ready: what `prepare` has made, for each call of the graph that takes text, in order.
    """

    def __init__(self, entries: Sequence[Any], ready: Sequence[Any]) -> None:
        self.entries, self.ready = tuple(entries), tuple(ready)

    def tree_flatten(self) -> tuple[tuple[Any, Any], None]:
        """Return both parts as children."""
        return (self.entries, self.ready), None

    @classmethod
    def tree_unflatten(cls, _: None, children: tuple[Any, Any]) -> Prepared:
        """Make it of its children again."""
        return cls(*children)


class HostLayer(Layer):
    """The base of layers whose inputs are, or may be, text."""

    def prepare(self, inputs: Any) -> np.ndarray:
        """Return whole numbers for text; overridden by every such layer."""
        raise NotImplementedError

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        ready = isinstance(inputs, Ready) or is_symbolic((inputs,), {}) or _is_traced(inputs)
        return super().__call__(inputs if ready else Ready(self.prepare(inputs)), *args, **kwargs)


def _is_traced(inputs: Any) -> bool:
    return any(isinstance(leaf, jax.core.Tracer) for leaf in tree_util.tree_leaves(inputs))


def is_text(value: Any) -> bool:
    """Whether something is text: a text, an array of texts, or a nested list of them."""
    while isinstance(value, (list, tuple)) and value:
        value = value[0]
    if hasattr(value, "to_numpy") and not hasattr(value, "columns"):
        value = value.to_numpy()
    return isinstance(value, (str, bytes)) or getattr(getattr(value, "dtype", None), "kind", "") in tuple("OSUT")


def plain_texts(value: Any, layer: Layer, encoding: str = "utf-8") -> np.ndarray:
    """Return text as an object array of Python's `str`.

    Args:
        value: a text, an array of texts or bytes, a column of a table, or a list of such.
        layer: who asks, for errors.
        encoding: how bytes are read.

    Raises:
        WrongType: something that is no text.
    """
    if hasattr(value, "to_numpy"):
        value = value.to_numpy()
    elif hasattr(value, "numpy") and not isinstance(value, np.ndarray):
        value = value.numpy()
    try:
        array = np.asarray(value)
    except ValueError:
        array = np.empty(0)
    if array.dtype.kind == "U" or array.dtype.kind == "T":
        return array.astype(object)
    flat = [_decoded(item, encoding) for item in array.reshape(-1)] if array.dtype.kind in "OS" else [None]
    if any(item is None for item in flat):
        wrong = next((item for item in array.reshape(-1) if not isinstance(item, (str, bytes))), value)
        raise WrongType(
            f"{type(layer).__name__} takes text.",
            code="not-text",
            place=f"layer {layer.name!r}",
            expected="texts: a list of them, or a NumPy array",
            received=f"{type(wrong).__name__}: {wrong!r}"[:120],
            fix="convert the values with str(...); for whole numbers there is IntegerLookup",
        )
    result = np.empty(len(flat), object)
    result[:] = flat
    return result.reshape(array.shape)


def _decoded(item: Any, encoding: str) -> str | None:
    if isinstance(item, bytes):
        return item.decode(encoding, "surrogateescape")
    return str(item) if isinstance(item, str) else None


def not_in_program(layer: Layer, what: str) -> NotReady:
    """Return the error for text where only a compiled program is."""
    return NotReady(
        f"{what} inside a compiled program, which knows numbers only.",
        code="text-in-program",
        place=f"layer {layer.name!r}",
        expected="text that comes straight from an Input of dtype='string', or a layer that is called by itself",
        fix="put the layer directly behind the model's Input, or apply it to the data before fit or predict",
    )
