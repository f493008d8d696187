"""Optimizers: how gradients change parameters. Their names, arguments, defaults and numbers are Keras 3's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ranvier import _lookup
from ranvier._config import custom_object_scope
from ranvier._errors import WrongType
from ranvier.optimizers import schedules
from ranvier.optimizers.adagrad import Adagrad
from ranvier.optimizers.adam import Adam, AdamW
from ranvier.optimizers.base import Optimizer
from ranvier.optimizers.nadam import Nadam
from ranvier.optimizers.optax_adapter import OptaxOptimizer, is_optax
from ranvier.optimizers.rmsprop import RMSprop
from ranvier.optimizers.sgd import SGD

__all__ = [
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "Nadam",
    "OptaxOptimizer",
    "Optimizer",
    "RMSprop",
    "deserialize",
    "get",
    "schedules",
    "serialize",
]

_TABLE = {cls.__name__: cls for cls in (SGD, Adagrad, Adam, AdamW, Nadam, RMSprop)}


def get(identifier: Any) -> Any:
    """Return an optimizer for a name in any case, a configuration, an Optax transformation, or the object itself.

    Raises:
        InvalidArgument: there is no optimizer of that name.
        WrongType: it is nothing of these.

    Example:
        >>> get("adam").beta_1
        0.9
    """
    if is_optax(identifier):
        return OptaxOptimizer(identifier)
    if isinstance(identifier, str) and identifier.lower() in map(str.lower, _TABLE):
        identifier = identifier.lower()
    found = _lookup.get(identifier, "optimizer", _TABLE)
    if found is None or isinstance(found, Optimizer):
        return found
    raise WrongType(
        "This is not an optimizer.",
        code="not-an-optimizer",
        expected="a name, an object of ranvier.optimizers, or an Optax transformation",
        received=f"{type(found).__name__}: {found!r}"[:200],
        fix=f"pass one of {', '.join(_TABLE)}",
    )


def serialize(optimizer: Optimizer) -> dict[str, Any]:
    """Return the optimizer as plain data: module, class_name, config, registered_name."""
    return _lookup.identify(optimizer)


def deserialize(config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Rebuild an optimizer, without its state, from `serialize`'s result."""
    with custom_object_scope(custom_objects):
        return get({**config, "class_name": str(config["class_name"])})
