"""Optimizers: how gradients change parameters. Their names, arguments, defaults and numbers are Keras 3's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ranvier import _lookup
from ranvier._config import custom_object_scope
from ranvier.optimizers import legacy, lookup, schedules
from ranvier.optimizers.adadelta import Adadelta
from ranvier.optimizers.adafactor import Adafactor
from ranvier.optimizers.adagrad import Adagrad
from ranvier.optimizers.adam import Adam, AdamW
from ranvier.optimizers.adamax import Adamax
from ranvier.optimizers.base import Optimizer
from ranvier.optimizers.ftrl import Ftrl
from ranvier.optimizers.lamb import Lamb
from ranvier.optimizers.lion import Lion
from ranvier.optimizers.loss_scale_optimizer import LossScaleOptimizer
from ranvier.optimizers.multi_optimizer import MultiOptimizer, OptimizerMap
from ranvier.optimizers.muon import Muon
from ranvier.optimizers.nadam import Nadam
from ranvier.optimizers.optax_adapter import OptaxOptimizer, is_optax
from ranvier.optimizers.rmsprop import RMSprop
from ranvier.optimizers.schedule_free_adamw import ScheduleFreeAdamW
from ranvier.optimizers.sgd import SGD

__all__ = [
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Ftrl",
    "Lamb",
    "Lion",
    "LossScaleOptimizer",
    "MultiOptimizer",
    "Muon",
    "Nadam",
    "OptaxOptimizer",
    "Optimizer",
    "OptimizerMap",
    "RMSprop",
    "ScheduleFreeAdamW",
    "deserialize",
    "get",
    "legacy",
    "schedules",
    "serialize",
]

_TABLE: dict[str, type[Any]] = {
    **lookup.RULES,
    "LossScaleOptimizer": LossScaleOptimizer,
    "MultiOptimizer": MultiOptimizer,
}


def get(identifier: Any) -> Any:
    """Return an optimizer for a name in any case, a configuration, an Optax transformation, or the object itself.

    Raises:
        InvalidArgument: there is no optimizer of that name.
        WrongType: it is nothing of these.

    Example:
        >>> get("adam").beta_1
        0.9
    """
    return OptaxOptimizer(identifier) if is_optax(identifier) else lookup.found(identifier, _TABLE)


def serialize(optimizer: Optimizer) -> dict[str, Any]:
    """Return the optimizer as plain data: module, class_name, config, registered_name."""
    return _lookup.identify(optimizer)


def deserialize(config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Rebuild an optimizer, without its state, from `serialize`'s result."""
    with custom_object_scope(custom_objects):
        return get({**config, "class_name": str(config["class_name"])})
