"""Activations by Keras's names: functions, found by name, configuration or the callable itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ranvier import _lookup
from ranvier.activations.functions import (
    celu,
    elu,
    exponential,
    gelu,
    glu,
    hard_shrink,
    hard_sigmoid,
    hard_silu,
    hard_tanh,
    leaky_relu,
    linear,
    log_sigmoid,
    log_softmax,
    mish,
    relu,
    relu6,
    selu,
    sigmoid,
    silu,
    soft_shrink,
    softmax,
    softplus,
    softsign,
    sparse_plus,
    sparse_sigmoid,
    sparsemax,
    squareplus,
    tanh,
    tanh_shrink,
    threshold,
)

hard_swish, swish = hard_silu, silu

__all__ = [
    "celu",
    "deserialize",
    "elu",
    "exponential",
    "gelu",
    "get",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "relu",
    "relu6",
    "selu",
    "serialize",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "swish",
    "tanh",
    "tanh_shrink",
    "threshold",
]

_TABLE = {name: globals()[name] for name in __all__ if name in globals()}


def get(identifier: Any) -> Callable[..., Any]:
    """Return an activation for a name, a configuration, or the callable itself; None means `linear`."""
    if identifier is None:
        return linear
    found: Callable[..., Any] = _lookup.get(identifier, "activation", _TABLE)
    return found


def serialize(activation: Any) -> Any:
    """Return the name of one of our activations, Keras's configuration of anything else."""
    name = getattr(activation, "__name__", "")
    if _TABLE.get(name) is activation:
        return name
    return _lookup.identify(activation)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Callable[..., Any]:
    """Return an activation for a configuration or a name."""
    found: Callable[..., Any] = _lookup.get(config, "activation", _TABLE, None, custom_objects)
    return found
