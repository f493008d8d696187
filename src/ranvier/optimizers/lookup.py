"""Which optimizer a name, a configuration or an object means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ranvier import _lookup
from ranvier._errors import WrongType
from ranvier.optimizers.adadelta import Adadelta
from ranvier.optimizers.adafactor import Adafactor
from ranvier.optimizers.adagrad import Adagrad
from ranvier.optimizers.adam import Adam, AdamW
from ranvier.optimizers.adamax import Adamax
from ranvier.optimizers.base import Optimizer
from ranvier.optimizers.ftrl import Ftrl
from ranvier.optimizers.lamb import Lamb
from ranvier.optimizers.lion import Lion
from ranvier.optimizers.muon import Muon
from ranvier.optimizers.nadam import Nadam
from ranvier.optimizers.rmsprop import RMSprop
from ranvier.optimizers.schedule_free_adamw import ScheduleFreeAdamW
from ranvier.optimizers.sgd import SGD

__all__ = ["RULES", "found", "require_optimizer"]

_CLASSES = (
    *(SGD, Adadelta, Adafactor, Adagrad, Adam, AdamW, Adamax, Ftrl, Lamb, Lion, Muon, Nadam, RMSprop),
    ScheduleFreeAdamW,
)
RULES: dict[str, type[Optimizer]] = {cls.__name__: cls for cls in _CLASSES}
"""The optimizers that are a rule, and wrap no other one."""


def found(identifier: Any, table: Mapping[str, type[Any]]) -> Any:
    """Return what an identifier means among the classes of `table` and the custom objects; None stays None.

    Raises:
        InvalidArgument: there is no optimizer of that name.
        WrongType: it is no name, configuration or optimizer.
    """
    if isinstance(identifier, str) and identifier.lower() in map(str.lower, table):
        identifier = identifier.lower()
    optimizer = _lookup.get(identifier, "optimizer", table)
    return None if optimizer is None else require_optimizer(optimizer)


def require_optimizer(value: Any, place: str = "") -> Any:
    """Return `value`, which is an optimizer.

    Raises:
        WrongType: it is something else.
    """
    if isinstance(value, Optimizer):
        return value
    raise WrongType(
        "This is not an optimizer.",
        code="not-an-optimizer",
        place=place,
        expected="a name, an object of ranvier.optimizers, or an Optax transformation",
        received=f"{type(value).__name__}: {value!r}"[:200],
        fix=f"pass one of {', '.join(RULES)}",
    )
