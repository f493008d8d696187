"""The same structure with new weights: clone_model, and a model from its JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from jax import tree_util

from ranvier._errors import InvalidArgument
from ranvier._lookup import constructor_signature
from ranvier.layers import InputLayer
from ranvier.layers.base import Layer
from ranvier.layers.configured import Configured
from ranvier.models.graph import Graph
from ranvier.models.model import Model, deserialize
from ranvier.models.sequential import Sequential
from ranvier.state.symbolic import Function, KerasTensor, Operation

__all__ = ["clone_layer", "clone_model", "model_from_json"]

CloneFunction = Callable[[Layer], Layer]


def clone_layer(layer: Layer) -> Any:
    """Return a layer of the same configuration with weights of its own; functions are taken as they are."""
    if isinstance(layer, Model) and layer.layer_graph is not None:
        return clone_model(layer)
    cls = type(layer)
    writer = next(base for base in cls.__mro__ if "get_config" in vars(base))
    if writer is not Configured:
        return cls.from_config(layer.get_config())
    arguments = {name: _cloned(value) for name, value in layer.constructor_arguments().items()}
    own = {"name": layer.name, "trainable": layer._trainable, "dtype": layer.dtype_policy}
    taken = constructor_signature(cls).parameters
    anything = any(p.kind is p.VAR_KEYWORD for p in taken.values())
    return cls(**{**arguments, **{name: value for name, value in own.items() if anything or name in taken}})


def _cloned(value: Any) -> Any:
    """Return a constructor argument for the clone: layers inside it are cloned too."""
    return tree_util.tree_map(lambda leaf: clone_layer(leaf) if isinstance(leaf, Layer) else leaf, value)


def clone_model(
    model: Model,
    input_tensors: Any = None,
    clone_function: CloneFunction | None = None,
    call_function: Callable[..., Any] | None = None,
    recursive: bool = False,
) -> Any:
    """Return a model of the same structure with new weights, not compiled.

    Args:
        model: a Sequential, a functional model, or a subclassed model that can be rebuilt from its configuration.
        input_tensors: symbolic tensors to begin with, instead of new Inputs.
        clone_function: makes the new layer for each layer; equal configuration when None.
        call_function: `(layer, *args, **kwargs)`, called for each call of the graph instead of the layer.
        recursive: whether `clone_function` also sees the layers of nested models.

    Raises:
        InvalidArgument: a subclassed model together with `input_tensors`, `clone_function` or `call_function`.

    Example:
        >>> from ranvier import layers, models
        >>> model = models.Sequential([layers.Dense(2, input_shape=(3,))])
        >>> clone_model(model).count_params()
        8
    """

    def made(layer: Layer) -> Any:
        if recursive and isinstance(layer, Model) and (layer.layer_graph is not None or isinstance(layer, Sequential)):
            return clone_model(layer, None, clone_function, call_function, recursive)
        return clone_function(layer) if clone_function and not isinstance(layer, InputLayer) else clone_layer(layer)

    if isinstance(model, Sequential):
        return _clone_chain(model, input_tensors, made)
    if model.layer_graph is not None:
        return _clone_graph(model, model.layer_graph, input_tensors, made, call_function)
    if input_tensors is not None or clone_function is not None or call_function is not None:
        raise InvalidArgument(
            "A subclassed model has no graph whose layers could be exchanged.",
            code="clone-subclassed",
            place=f"model {model.name!r}",
            expected="a Sequential or Model(inputs, outputs)",
            received=type(model).__name__,
            fix="call clone_model(model) alone, or build the model from its class",
        )
    return clone_layer(model)


def _clone_chain(model: Sequential, input_tensors: Any, made: CloneFunction) -> Any:
    entry = [] if model.entry is None else [clone_layer(model.entry)]
    if input_tensors is not None:
        entry = tree_util.tree_leaves(input_tensors)
    clone = type(model)([*entry, *map(made, model.layers)], name=model.name)
    clone._trainable = model._trainable
    return clone


def _clone_graph(
    model: Model, graph: Graph, input_tensors: Any, made: CloneFunction, call_function: Callable[..., Any] | None
) -> Any:
    if input_tensors is None:
        tensors = [clone_layer(entry).output for entry in graph.entries]
    else:
        tensors = tree_util.tree_leaves(input_tensors)
    clones: dict[int, Any] = {}

    def replace(operation: Operation) -> Any:
        if id(operation) not in clones:
            if isinstance(operation, Function):
                clones[id(operation)] = Function(operation.function)
            else:
                assert isinstance(operation, Layer)
                clones[id(operation)] = made(operation)
        clone = clones[id(operation)]
        if call_function is None or isinstance(operation, Function):
            return clone
        return lambda *args, **kwargs: call_function(clone, *args, **kwargs)

    outputs = graph.run(list(tensors), replace)
    positions = {id(tensor): number for number, tensor in enumerate(graph.inputs)}
    inputs = tree_util.tree_map(lambda tensor: tensors[positions[id(tensor)]], graph.input_struct, is_leaf=_is_symbol)
    return type(model)(inputs, outputs, name=model.name, trainable=model._trainable)


def _is_symbol(node: Any) -> bool:
    return isinstance(node, KerasTensor)


def model_from_json(json_string: str, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return a model, with new weights, from what `to_json` returned.

    Args:
        json_string: the text.
        custom_objects: classes and functions of one's own, by name.
    """
    return deserialize(json.loads(json_string), custom_objects)
