"""Optimizers as Keras 1 and 2 took them: `lr`, `decay`, `epsilon=None`, and `optimizer.lr`."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from ranvier import _config
from ranvier.compat.notes import note
from ranvier.compat.renames import Spelling, modern
from ranvier.optimizers import Optimizer
from ranvier.optimizers.schedules import InverseTimeDecay

__all__ = ["RATE", "initialized"]

_SPELLING = Spelling({"lr": "learning_rate"}, gone=frozenset({"schedule_decay"}))


def initialized(initialize: Callable[..., None]) -> Callable[..., None]:
    """Return a constructor that also takes `lr=`, `decay=` and `epsilon=None`.

        decay:  learning_rate = lr / (1 + decay * iterations)

    Source: the update that Keras 1 and 2 made before each step of their optimizers.
    """
    parameters = list(inspect.signature(initialize).parameters.values())
    default = next((p.default for p in parameters if p.name == "learning_rate"), inspect.Parameter.empty)

    @functools.wraps(initialize)
    def wrapper(self: Optimizer, *args: Any, **kwargs: Any) -> None:
        kwargs = modern(type(self).__name__, _SPELLING, kwargs)
        if "epsilon" in kwargs and kwargs["epsilon"] is None:
            kwargs["epsilon"] = _config.epsilon()
        decay = kwargs.pop("decay", None)
        if decay:
            note(
                "decay=", "is a schedule today: learning_rate=schedules.InverseTimeDecay(learning_rate, 1, decay_rate)"
            )
            rate = args[0] if args else kwargs.pop("learning_rate", default)
            args = (InverseTimeDecay(rate, 1, decay), *args[1:])
        initialize(self, *args, **kwargs)

    return wrapper


def _rate(optimizer: Optimizer) -> Any:
    note("optimizer.lr", "is called optimizer.learning_rate today")
    return optimizer.learning_rate


def _set_rate(optimizer: Optimizer, value: Any) -> None:
    note("optimizer.lr", "is called optimizer.learning_rate today")
    optimizer.learning_rate = value


RATE = property(_rate, _set_rate, doc="The learning rate, by its old name.")
