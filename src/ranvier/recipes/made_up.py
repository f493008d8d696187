"""Rows for a model, made up from the shapes of its inputs and outputs: for measuring, not for learning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from jax import tree_util

from ranvier import losses
from ranvier._errors import NotReady
from ranvier.layers import Embedding, tracking
from ranvier.models import compiling, native_layers

__all__ = ["inputs", "targets"]


def inputs(model: Any, rows: int, seed: int = 0) -> Any:
    """Return inputs nested as the model takes them: numbers in [0, 1), whole numbers where words are looked up.

    Raises:
        NotReady: the model does not tell the shapes of its inputs.
    """
    shapes = native_layers.abstract_inputs(model, rows)
    leaves = tree_util.tree_leaves(shapes, is_leaf=lambda node: node is None)
    if not leaves or None in leaves:
        raise NotReady(
            "Rows cannot be made up for this model.",
            code="made-up-rows",
            place=f"model {model.name!r}",
            expected="a model that knows the shapes of its inputs, which are numbers",
            fix="call the model once before it is saved, or bring rows of your own",
        )
    draw = np.random.default_rng(seed)
    found = [layer for layer in tracking.layers_by_path(model).values() if isinstance(layer, Embedding)]
    words = min((layer.input_dim for layer in found), default=2)
    graph = model.layer_graph
    looked_up = [bool(found) and graph is not None and _all_embeddings(graph, place) for place in range(len(leaves))]
    made = [
        draw.integers(0, words, leaf.shape).astype(leaf.dtype)
        if known or not np.issubdtype(np.dtype(leaf.dtype), np.floating)
        else draw.random(leaf.shape, np.float32).astype(leaf.dtype)
        for leaf, known in zip(leaves, looked_up, strict=True)
    ]
    return tree_util.tree_unflatten(tree_util.tree_structure(shapes), made)


def _all_embeddings(graph: Any, place: int) -> bool:
    readers = graph.readers(place)
    return bool(readers) and all(isinstance(reader, Embedding) for reader in readers)


def targets(model: Any, x: Any, seed: int = 1) -> Any:
    """Return targets for the outputs of a compiled model: class numbers, one-hot rows or numbers, as the loss wants."""
    rows = tree_util.tree_leaves(x)[0].shape[0]
    outputs = compiling.symbolic_outputs(model, x, batch=rows)
    leaves, structure = tree_util.tree_flatten(outputs)
    wanted = _losses(model.compile_arguments["loss"], outputs, len(leaves))
    draw = np.random.default_rng(seed)
    return tree_util.tree_unflatten(
        structure, [_target(draw, leaf.shape, one) for leaf, one in zip(leaves, wanted, strict=True)]
    )


def _losses(given: Any, outputs: Any, count: int) -> list[str]:
    """Return the name of each output's loss, in the order of the flattened outputs."""
    if isinstance(given, Mapping) and isinstance(outputs, Mapping):
        return [_name(given.get(key)) for key in sorted(outputs)]
    listed = list(given.values()) if isinstance(given, Mapping) else given
    return [_name(one) for one in listed] if isinstance(listed, (list, tuple)) else [_name(listed)] * count


def _name(loss: Any) -> str:
    found = losses.get(loss) if loss is not None else None
    return str(getattr(found, "name", None) or getattr(found, "__name__", ""))


def _target(draw: np.random.Generator, shape: tuple[int, ...], loss: str) -> np.ndarray:
    if "categorical" in loss:
        classes = draw.integers(0, shape[-1], shape[:-1])
        return classes.astype(np.int32) if "sparse" in loss else np.eye(shape[-1], dtype=np.float32)[classes]
    return draw.random(shape, np.float32)
