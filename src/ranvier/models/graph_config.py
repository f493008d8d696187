"""A functional graph as plain data and back, in the form of Keras 3's files."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import jax
import numpy as np

from ranvier import activations, ops
from ranvier._errors import InvalidArgument, WrongType
from ranvier._lookup import plain
from ranvier.layers.base import Layer
from ranvier.models.graph import Graph, Step
from ranvier.saving.blueprint import value_form, value_of
from ranvier.saving.config_audit import VALUES
from ranvier.state.symbolic import Function, KerasTensor, symbols

__all__ = ["read_graph", "write_graph"]

# In Keras an op keeps these arguments in the node; all others belong to the op's configuration.
_TENSOR_ARGUMENTS = frozenset(
    {
        *("a", "b", "condition", "data", "elements", "indices", "inputs", "key", "operands", "predictions"),
        *("segment_ids", "targets", "updates", "values", "variable", "x", "x1", "x2", "xs", "y"),
    }
)
_MATH = frozenset(
    {
        *("erf", "erfc", "erfinv", "in_top_k", "logsumexp", "rsqrt", "top_k"),
        *("segment_max", "segment_min", "segment_prod", "segment_sum"),
    }
)
_SPECIAL_CLASSES = {
    "batch_normalization": "BatchNorm",
    "isin": "IsIn",
    "layer_normalization": "LayerNorm",
    "rms_normalization": "RMSNorm",
    "searchsorted": "SearchSorted",
    "svd": "SVD",
}
_MODULES = {"nn": ops.nn, "linalg": ops.linalg, "core": ops.core, "numpy": ops.numpy}


def _class_name(function: str) -> str:
    """Return Keras's class for a function: `GetItem` for `get_item`."""
    return _SPECIAL_CLASSES.get(function, "".join(part[:1].upper() + part[1:] for part in function.split("_")))


def _module(function: str) -> str | None:
    """Return the module in which Keras keeps the class of a function; None for a function that is not of `ops`."""
    if function in _MATH:
        return "math"
    return next((name for name, package in _MODULES.items() if function in package.__all__), None)


def _functions_by_class() -> dict[str, Callable[..., Any]]:
    found = {_class_name(name): getattr(ops, name) for name in ops.__all__ if _module(name)}
    return {**found, "ReLU": activations.relu}


# --- writing ---------------------------------------------------------------------------------------------------------


def write_graph(graph: Graph, write_layer: Callable[[Layer], dict[str, Any]]) -> dict[str, Any]:
    """Return `layers`, `input_layers` and `output_layers` of a functional model's configuration.

    Args:
        graph: the graph.
        write_layer: gives a layer's serialized form.
    """
    names = graph.names()
    places: dict[int, list[Any]] = {}
    for tensor, entry in zip(graph.inputs, graph.entries, strict=True):
        places[id(tensor)] = [entry.name, 0, 0]
    steps: dict[int, list[Step]] = {}
    for step in graph.steps:
        calls = steps.setdefault(id(step.operation), [])
        for number, tensor in enumerate(symbols(step.node.outputs)):
            places[id(tensor)] = [names[id(step.operation)], len(calls), number]
        calls.append(step)
    layers = []
    for operation in graph.operations:
        calls = steps.get(id(operation), [])
        described = write_layer(operation) if isinstance(operation, Layer) else _write_function(operation, calls)
        described["name"] = names[id(operation)]
        if not isinstance(operation, Layer):
            described["config"]["name"] = names[id(operation)]
        described["inbound_nodes"] = [_write_call(step, places) for step in calls]
        layers.append(described)

    def place(tensor: KerasTensor) -> list[Any]:
        return places[id(tensor)]

    return {
        "layers": layers,
        "input_layers": jax.tree_util.tree_map(place, graph.input_struct),
        "output_layers": jax.tree_util.tree_map(place, graph.output_struct),
    }


def _split(step: Step) -> tuple[tuple[Any, ...], dict[str, Any], dict[str, Any]]:
    """Return the positional tensors, the other tensors, and the static arguments of a function's call."""
    function = step.operation.function  # type: ignore[attr-defined]
    bound = inspect.signature(function).bind(*step.node.args, **step.node.kwargs)
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    static: dict[str, Any] = {}
    for name, value in bound.arguments.items():
        kind = inspect.signature(function).parameters[name].kind
        if name in _TENSOR_ARGUMENTS or symbols(value):
            if kind is inspect.Parameter.VAR_POSITIONAL:
                args += value
            elif kwargs or (static and not args):
                kwargs[name] = value
            else:
                args.append(value)
        else:
            static[name] = value
    return tuple(args), kwargs, static


def _write_function(operation: Any, calls: list[Step]) -> dict[str, Any]:
    name = operation.function.__name__
    module = _module(name)
    if module is None:
        raise WrongType(
            f"A configuration cannot hold the function {name!r}.",
            code="config-function",
            place=f"operation {operation.name!r}",
            expected="a function of ranvier.ops, or a layer",
            fix="put the function into a layer class of your own",
        )
    return {
        "module": f"keras.src.ops.{module}",
        "class_name": _class_name(name),
        "config": {key: plain(value) for key, value in _split(calls[0])[2].items()},
        "registered_name": _class_name(name),
    }


def _write_call(step: Step, places: dict[int, list[Any]]) -> dict[str, Any]:
    args, kwargs = step.node.args, step.node.kwargs
    if isinstance(step.operation, Function):
        args, kwargs, _ = _split(step)
    return {
        "args": [_write_value(value, places) for value in args],
        "kwargs": {name: _write_value(value, places) for name, value in kwargs.items()},
    }


def _write_value(value: Any, places: dict[int, list[Any]]) -> Any:
    if isinstance(value, KerasTensor):
        config = {"shape": list(value.shape), "dtype": value.dtype, "keras_history": places[id(value)]}
        return {"class_name": "__keras_tensor__", "config": config}
    form = value_form(np.asarray(value) if isinstance(value, jax.Array) else value)
    if form is not None:
        return form
    if isinstance(value, (list, tuple)):
        return [_write_value(item, places) for item in value]
    if isinstance(value, Mapping):
        return {key: _write_value(item, places) for key, item in value.items()}
    return plain(value)


# --- reading ---------------------------------------------------------------------------------------------------------


class _Waiting(Exception):
    """A call needs a tensor that is not made yet."""


def read_graph(config: Mapping[str, Any], read_layer: Callable[[Mapping[str, Any]], Any]) -> tuple[Any, Any]:
    """Return a functional model's inputs and outputs, made from its configuration.

    Args:
        config: with `layers`, `input_layers`, `output_layers`.
        read_layer: makes a layer of its serialized form.

    Raises:
        InvalidArgument: a call refers to a tensor that no call makes.
    """
    operations: dict[str, Any] = {}
    made: dict[tuple[str, int], Any] = {}
    waiting: list[tuple[str, list[Any]]] = []
    for described in config["layers"]:
        name = described.get("name") or described["config"]["name"]
        operations[name] = _read_function(described) or read_layer(described)
        calls = list(described.get("inbound_nodes") or [])
        if calls:
            waiting.append((name, calls))
        else:
            made[name, 0] = operations[name].output
    while waiting:
        before = sum(len(calls) for _, calls in waiting)
        for name, calls in waiting:
            _make_ready(name, operations[name], calls, made)
        waiting = [(name, calls) for name, calls in waiting if calls]
        if waiting and sum(len(calls) for _, calls in waiting) == before:
            raise InvalidArgument(
                "The configuration's calls need tensors that no call makes.",
                code="config-graph",
                place=", ".join(f"layer {name!r}" for name, _ in waiting[:5]),
                fix="the file is damaged, or was edited by hand",
            )
    return _ends(config["input_layers"], made), _ends(config["output_layers"], made)


def _make_ready(name: str, operation: Any, calls: list[Any], made: dict[tuple[str, int], Any]) -> None:
    """Make the calls of one operation, in order, as long as what they need is there."""
    number = sum(1 for made_name, _ in made if made_name == name)
    while calls:
        try:
            args, kwargs = _read_call(calls[0], made)
        except _Waiting:
            return
        made[name, number] = operation(*args, **kwargs)
        number += 1
        calls.pop(0)


def _read_function(described: Mapping[str, Any]) -> Callable[..., Any] | None:
    """Return the function of `ops` that a serialized op means, with its static arguments; None for a layer."""
    if not str(described.get("module")).startswith(("keras.src.ops.", "keras.src.activations.")):
        return None
    function: Any = _functions_by_class().get(described["class_name"])
    if function is None:
        raise InvalidArgument(
            f"There is no function for Keras's op {described['class_name']!r}.",
            code="unknown-op",
            place=f"operation {described.get('name')!r}",
            expected="an op of keras.ops",
            fix="replace the op by a layer before saving",
        )
    static = {key: value for key, value in described["config"].items() if key != "name"}
    operation = Function(function.__wrapped__, name=described.get("name")) if hasattr(function, "is_op") else function

    def call(*args: Any, **kwargs: Any) -> Any:
        if described["class_name"] == "GetItem":
            args = (args[0], *(tuple(key) if isinstance(key, list) else key for key in args[1:]))
        return operation(*args, **{**static, **kwargs})

    return call


def _read_call(call: Any, made: dict[tuple[str, int], Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    if isinstance(call, Mapping):
        args = tuple(_read_value(value, made) for value in call["args"])
        return args, {name: _read_value(value, made) for name, value in call["kwargs"].items() if value is not None}
    # Keras 2: a list of [layer, node, tensor, keyword arguments].
    tensors = [_tensor(made, entry[0], entry[1], entry[2]) for entry in call]
    kwargs = dict(call[0][3]) if len(call[0]) > 3 else {}
    return (tensors[0] if len(tensors) == 1 else tensors,), kwargs


def _read_value(value: Any, made: dict[tuple[str, int], Any]) -> Any:
    if isinstance(value, list):
        return [_read_value(item, made) for item in value]
    if not isinstance(value, Mapping):
        return value
    kind, config = value.get("class_name"), value.get("config")
    if kind == "__keras_tensor__":
        return _tensor(made, *value["config"]["keras_history"])
    if kind in VALUES:
        return value_of(kind, config)
    if kind == "__tuple__":
        return tuple(_read_value(item, made) for item in value.get("items") or config or ())
    return {key: _read_value(item, made) for key, item in value.items()}


def _tensor(made: dict[tuple[str, int], Any], name: str, call: int, number: int) -> KerasTensor:
    if (name, call) not in made:
        raise _Waiting
    return symbols(made[name, call])[number]


def _ends(places: Any, made: dict[tuple[str, int], Any]) -> Any:
    """Return the tensors for `[name, call, number]`, nested as the configuration nests them."""
    if isinstance(places, Mapping):
        return {key: _ends(place, made) for key, place in places.items()}
    if len(places) == 3 and isinstance(places[0], str) and isinstance(places[1], int):
        return _tensor(made, *places)
    return [_ends(place, made) for place in places]
