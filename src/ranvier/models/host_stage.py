"""The part of a model that runs before its compiled program: what takes text.

The graph is cut at the layers that take text. Their `prepare` runs here, on NumPy arrays; the program gets the whole
numbers that they make, and their `call` finishes in it. A model without text inputs is not touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from jax import tree_util

from ranvier._errors import InvalidArgument, Unsupported
from ranvier.engine import inputs
from ranvier.engine.streams import is_sequence, parts_of
from ranvier.engine.train_state import Batch
from ranvier.layers import InputLayer
from ranvier.layers.preprocessing.host import HostLayer, Prepared, is_text, plain_texts
from ranvier.models import inputs as model_inputs
from ranvier.models.graph import Graph, Slot, Step

__all__ = ["prepared", "prepared_batch"]


def prepared(model: Any, x: Any) -> Any:
    """Return inputs as the compiled program takes them: the same, unless the model has text inputs.

    Args:
        model: the model.
        x: arrays, or a source of batches.
    """
    if not _takes_text(model) or x is None or isinstance(x, Prepared):
        return x
    if isinstance(x, Batch):
        return prepared_batch(model, x)
    if not inputs.is_array_tree(x):
        return _source(model, x)
    arrays = _arrays(x)
    if model.layer_graph is None:
        if not is_text(arrays) or not hasattr(arrays, "shape"):
            return x
        model.build_for_text(arrays.shape[1:])
    return _cut(model.name, model.layer_graph, arrays)


def prepared_batch(model: Any, data: Any) -> Any:
    """Return `x`, `(x, y)` or `(x, y, sample_weight)` with `x` as the compiled program takes it; None stays None."""
    if data is None or not _takes_text(model):
        return data
    listed = isinstance(data, (list, tuple)) and 1 <= len(data) <= 3 and not isinstance(data[0], (str, bytes))
    x, y, weight = [*(data if listed else (data,)), None, None][:3]
    return Batch(prepared(model, x), y, weight)


def _takes_text(model: Any) -> bool:
    graph: Graph | None = getattr(model, "layer_graph", None)
    return bool(graph.text_steps) if graph is not None else getattr(model, "may_take_text", False)


def _arrays(value: Any) -> Any:
    """Return a nest of data with lists of texts or numbers as NumPy arrays."""
    if isinstance(value, Mapping):
        return {key: _arrays(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        if is_text(value) and inputs.is_listed(value):
            return np.asarray(value, object)
        if inputs.is_listed(value):
            return inputs.as_host_array(value)
        items = [_arrays(item) for item in value]
        return tuple(items) if isinstance(value, tuple) else items
    return value.to_numpy() if hasattr(value, "to_numpy") and not hasattr(value, "columns") else value


def _cut(name: str, graph: Graph, arrays: Any) -> Prepared:
    """Return the arrays that enter the program: the numeric inputs, and what the host makes of the text."""
    given = model_inputs.arranged(arrays, graph.input_struct, graph.entries, name)
    known = [_fitted(value, entry, name) for value, entry in zip(given, graph.entries, strict=True)]

    def fill(leaf: Any) -> Any:
        return known[leaf.number] if isinstance(leaf, Slot) else leaf

    ready = []
    for number in graph.text_steps:
        step = graph.steps[number]
        _require_first(step, len(known))
        ready.append(step.operation.prepare(tree_util.tree_map(fill, step.args)[0]))  # type: ignore[attr-defined]
    numbers = [None if e.dtype == "string" else value for value, e in zip(known, graph.entries, strict=True)]
    return Prepared(numbers, ready)


def _fitted(value: Any, entry: InputLayer, model: str) -> Any:
    """Return the data for one input as an array in the rank of its Input."""
    if entry.dtype == "string":
        return _text(value, entry, model)
    return model_inputs.fitted(inputs.host_tree(value, f"input {entry.name!r}"), entry, model, keep_integers=True)


def _text(value: Any, entry: InputLayer, model: str) -> np.ndarray:
    """Return a text input in the rank of its Input."""
    texts, wanted = plain_texts(value, entry), entry.batch_shape
    if texts.ndim == len(wanted) - 1 and wanted[-1] == 1:
        texts = texts[..., None]
    elif texts.ndim == len(wanted) + 1 and texts.shape[-1] == 1:
        texts = texts[..., 0]
    sizes = zip(texts.shape[1:], wanted[1:], strict=False)
    if texts.ndim != len(wanted) or any(size not in (there, None) for there, size in sizes):
        raise InvalidArgument(
            f"The text for input {entry.name!r} has another shape than the model was made for.",
            code="model-input-shape",
            place=f"input {entry.name!r} of model {model!r}",
            expected=wanted,
            received=np.shape(value),
            fix="pass an array of texts with a row per example",
        )
    return texts


def _require_first(step: Step, entries: int) -> None:
    slots = [leaf.number for leaf in tree_util.tree_leaves(step.args) if isinstance(leaf, Slot)]
    if not isinstance(step.operation, HostLayer) or any(number >= entries for number in slots):
        raise Unsupported(
            "Text in a model goes from an Input straight to a layer for text.",
            code="text-reader",
            place=f"layer {step.operation.name!r}",
            expected="TextVectorization, StringLookup, Hashing or HashedCrossing on Inputs",
            received=type(step.operation).__name__,
            fix="put that layer directly behind the Input, or apply it to the data before fit or predict",
        )


def _source(model: Any, data: Any) -> Any:
    """Return a source of the same batches with prepared inputs."""

    def change(item: Any) -> Batch:
        batch: Batch = prepared_batch(model, parts_of(item))
        return batch

    return _Numbered(data, change) if is_sequence(data) else _Batches(data, change)


class _Batches:
    """The batches of an iterable, changed one by one; all else is the iterable's own."""

    def __init__(self, data: Any, change: Callable[[Any], Batch]) -> None:
        self.data, self.change = data, change

    def __iter__(self) -> Iterator[Batch]:
        source = iter(self.data)
        return self if source is self.data else map(self.change, source)

    def __next__(self) -> Any:
        return self.change(next(self.data))

    def __len__(self) -> int:
        return len(self.data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.data, name)


class _Numbered(_Batches):
    """The batches of a sequence, changed when they are asked for."""

    def __getitem__(self, index: int) -> Any:
        return self.change(self.data[index])
