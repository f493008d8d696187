"""What the exam looks at: the model's outputs with their losses and targets, and the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from ranvier._typing import Shape
from ranvier.doctor.pairing import Family, family
from ranvier.engine.train_state import Batch
from ranvier.layers import tracking
from ranvier.layers.base import Layer
from ranvier.state.symbolic import KerasTensor

__all__ = ["Output", "Subject", "look"]

_SHAPELESS = frozenset(
    {
        "ActivityRegularization",
        "AlphaDropout",
        "Dropout",
        "Flatten",
        "GaussianDropout",
        "GaussianNoise",
        "Identity",
        "Permute",
        "RepeatVector",
        "Reshape",
    }
)
"""Layers that keep what the activation before them made."""


@dataclass(frozen=True)
class Output:
    """One output of the model.

    Attributes:
        name: the output's name.
        place: where its targets came from, `y` or `y['name']`.
        family: kind of targets that its loss expects.
        loss: the Loss.
        shape: the outputs' shape, None where unknown (the rows).
        layer: path of the layer that makes it; empty when unknown.
        activation: name of that layer's activation; empty when unknown.
        before: name of the activation below one that stands alone; empty where there is none.
        metrics: the Metrics that look at this output.
        y: the targets; None when it has none.
        weight: sample weights; None for none.
        whole: whether `y` is all there is; else it is one batch.
        alone: whether the model has no other output and no frozen layer.
    """

    name: str
    place: str
    family: Family
    loss: Any
    shape: Shape
    layer: str
    activation: str
    before: str
    metrics: tuple[Any, ...]
    y: np.ndarray | None
    weight: np.ndarray | None
    whole: bool
    alone: bool


@dataclass(frozen=True)
class Subject:
    """Model and data before the first step.

    Attributes:
        outputs: what the losses look at; empty for a model with a training step of its own.
        arrays: place to array of x and y.
        whole: whether the arrays are all there is; else they are one batch.
        shuffle: whether rows come in a new order every epoch.
        batch: rows of a batch.
        layers: the model's layers by path.
    """

    outputs: tuple[Output, ...]
    arrays: dict[str, Any]
    whole: bool
    shuffle: bool
    batch: int
    layers: dict[str, Layer]

    def has_layer(self, *names: str) -> bool:
        """Return whether the model has a layer of one of these classes."""
        return any(type(layer).__name__ in names for layer in self.layers.values())


def look(model: Any, program: Any, feed: Any) -> Subject:
    """Return what there is to look at, without computing anything."""
    data = getattr(feed, "data", None)
    whole = isinstance(data, Batch)
    example = feed.example()
    batch: Any = data if whole else example
    arrays = {
        name + jax.tree_util.keystr(path): leaf
        for name, tree in (("x", batch.x), ("y", batch.y))
        for path, leaf in jax.tree_util.tree_leaves_with_path(tree)
    }
    size = int(jax.tree_util.tree_leaves(example.x)[0].shape[0])
    layers = tracking.layers_by_path(model)
    objective = getattr(program, "objective", None)
    outputs = _outputs(model, program, objective, batch, example.x, whole) if objective is not None else ()
    return Subject(outputs, arrays, whole, bool(getattr(feed, "shuffle", True)), size, layers)


def _outputs(model: Any, program: Any, objective: Any, batch: Any, x: Any, whole: bool) -> tuple[Output, ...]:
    tensors = objective.flat_outputs(_symbolic_outputs(model, x))
    targets, weights = objective.flat_targets(batch.y), objective.spread_weights(batch.weight)
    frozen = any(trainable is False for trainable in program.layer_trainable.values())
    alone = len(objective.outputs) == 1 and not frozen
    found = []
    rows = zip(objective.outputs, tensors, targets, weights, strict=True)
    for number, (one, tensor, y, weight) in enumerate(rows):
        certain = _last_layer(tensor)
        layer = certain or _likely_last(model, tensor.shape)
        activation = _activation(layer)
        found.append(
            Output(
                name=one.name,
                place="y" if len(objective.outputs) == 1 else f"y[{one.name!r}]",
                family=family(one.loss),
                loss=one.loss,
                shape=tuple(tensor.shape),
                layer=program.binding.layer_paths.get(id(layer), getattr(layer, "name", "")),
                # A call of the user's own may well go on after its last layer.
                activation="" if certain is None and activation == "linear" else activation,
                before=_activation(_layer_before(tensor)),
                metrics=tuple(m.metric for m in objective.metrics if m.output == number),
                y=_host(y),
                weight=_host(weight),
                whole=whole,
                alone=alone,
            )
        )
    return tuple(found)


def _host(array: Any) -> np.ndarray | None:
    """Return an array on the host, a memory map as it is; None for what is no array."""
    if isinstance(array, np.ndarray):
        return array
    return np.asarray(array) if hasattr(array, "shape") else None


def _symbolic_outputs(model: Any, x: Any) -> Any:
    """Return the model's symbolic outputs: those of its graph, or of an abstract call of a subclassed model."""
    if getattr(model, "outputs", None):
        return model.output

    def tensor(leaf: Any) -> KerasTensor:
        return KerasTensor((None, *leaf.shape[1:]), str(leaf.dtype))

    return model.compute_output_spec(jax.tree_util.tree_map(tensor, x))


def _source(tensor: KerasTensor) -> KerasTensor:
    """Return the tensor that an output's values come from, inside nested models and before what gives only a form."""
    while tensor.history is not None:
        operation, node = tensor.history.operation, tensor.history.node
        inner = getattr(operation, "outputs", None)
        if inner and len(inner) == 1:
            tensor = inner[0]
        elif type(operation).__name__ in _SHAPELESS and node.inputs:
            tensor = node.inputs[0]
        else:
            break
    return tensor


def _last_layer(tensor: KerasTensor) -> Any:
    """Return the layer or function that gave an output its values, inside nested models too."""
    history = _source(tensor).history
    return None if history is None else history.operation


def _layer_before(tensor: KerasTensor) -> Any:
    """Return what stands below an output's activation when that is a layer or function of its own."""
    history = _source(tensor).history
    if history is None:
        return None
    alone = not getattr(history.operation, "weights", None) and len(history.node.inputs) == 1
    return _last_layer(history.node.inputs[0]) if alone else None


def _likely_last(model: Any, shape: Shape) -> Any:
    """Return the layer that a subclassed model set last, when it has as many units as the outputs."""
    with_units = [layer for layer in tracking.layers_by_path(model).values() if hasattr(layer, "units")]
    return with_units[-1] if with_units and shape and with_units[-1].units == shape[-1] else None


def _activation(layer: Any) -> str:
    """Return the name of a layer's activation; a function or layer of the graph may be one itself."""
    if layer is None:
        return ""
    if getattr(layer, "negative_slope", 0) or getattr(layer, "max_value", None) is not None:
        return ""  # a ReLU with other values than relu's
    if hasattr(layer, "activation"):
        return getattr(layer.activation, "__name__", "") if layer.activation is not None else "linear"
    function = getattr(layer, "function", None)
    return str(getattr(function, "__name__", type(layer).__name__)).lower()
