"""Configurations that other versions of Keras wrote, in the form that our classes take.

Arguments that a class of ours does not have are left out when they are off. From Keras 2 to 3 changed:
`batch_input_shape` of inputs, the axis of BatchNormalization as a list, and calls in a functional model, which were
`[layer, call, output, arguments]` and are now arguments that hold symbolic tensors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["modernized"]

_OFF: Mapping[str, Mapping[str, Any]] = {"LayerNormalization": {"rms_scaling": False}}
"""By class, arguments of Keras's that mean nothing with this value."""


def modernized(config: Any) -> Any:
    """Return a configuration in which everything that another Keras wrote differently is in our form."""
    if isinstance(config, list):
        return [modernized(item) for item in config]
    if not isinstance(config, Mapping):
        return config
    node = {key: modernized(value) for key, value in config.items()}
    if isinstance(node.get("inbound_nodes"), list):
        node["inbound_nodes"] = [_call(call) if isinstance(call, list) else call for call in node["inbound_nodes"]]
    inner = node.get("config")
    if isinstance(inner, dict):
        if node.get("class_name") == "InputLayer" and "batch_input_shape" in inner:
            inner["batch_shape"] = inner.pop("batch_input_shape")
        for name, off in _OFF.get(str(node.get("class_name")), {}).items():
            if name in inner and inner[name] == off:
                del inner[name]
        axis = inner.get("axis")
        if node.get("class_name") == "BatchNormalization" and isinstance(axis, list) and len(axis) == 1:
            inner["axis"] = axis[0]
    return node


def _call(inputs: list[Any]) -> dict[str, Any]:
    """Return one call: its symbolic inputs as the first argument, its other arguments by name."""
    tensors = [_tensor(reference) for reference in inputs]
    named = inputs[0][3] if inputs and len(inputs[0]) > 3 else {}
    return {"args": [tensors[0] if len(tensors) == 1 else tensors], "kwargs": dict(named)}


def _tensor(reference: list[Any]) -> dict[str, Any]:
    history = list(reference[:3])
    return {"class_name": "__keras_tensor__", "config": {"shape": None, "dtype": "float32", "keras_history": history}}
