"""Optimizers as Keras 1 and 2 took them: `lr`, `decay`, `epsilon=None`, and `optimizer.lr`."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from ranvier import _config
from ranvier.compat.notes import note
from ranvier.compat.renames import Spelling, modern
from ranvier.optimizers import Optimizer
from ranvier.optimizers.schedules import InverseTimeDecay
from ranvier.optimizers.stages import RATE

__all__ = ["LR", "initialized"]

_SPELLING = Spelling({"lr": "learning_rate"}, gone=frozenset({"schedule_decay"}))


def initialized(initialize: Callable[..., None]) -> Callable[..., None]:
    """Return a constructor that also takes `lr=`, `decay=` and `epsilon=None`.

        decay:  learning_rate = lr / (1 + decay * iterations)

    Source: the update that Keras 1 and 2 made before each step of their optimizers.
    """

    @functools.wraps(initialize)
    def wrapper(self: Optimizer, *args: Any, **kwargs: Any) -> None:
        kwargs = modern(type(self).__name__, _SPELLING, kwargs)
        if "epsilon" in kwargs and kwargs["epsilon"] is None:
            kwargs["epsilon"] = _config.epsilon()
        decay = kwargs.pop("decay", None)
        initialize(self, *args, **kwargs)
        if decay:
            note(
                "decay=", "is a schedule today: learning_rate=schedules.InverseTimeDecay(learning_rate, 1, decay_rate)"
            )
            if type(self).update_step is Optimizer.update_step:
                kind: Any = getattr(type(self), "constant", type(self))
                self.__class__ = _decaying(kind, float(decay))
            else:
                self.learning_rate = InverseTimeDecay(float(self.learning_rate), 1, decay)

    return wrapper


@functools.cache
def _decaying(kind: type[Optimizer], rate: float) -> type[Optimizer]:
    """Return a class of optimizers whose rule sees the decayed learning rate; `learning_rate` stays what was set."""

    def prepare(self: Optimizer, hyper: Mapping[str, Any], t: Any) -> dict[str, Any]:
        now = hyper[RATE] / (1 + rate * (t - 1))
        return {RATE: now, **kind.prepare(self, {**hyper, RATE: now}, t)}

    def get_config(self: Optimizer) -> dict[str, Any]:
        return {**kind.get_config(self), "decay": rate}

    def reduce(self: Optimizer, protocol: Any) -> tuple[Any, ...]:
        made: tuple[Any, ...] = kind.__reduce_ex__(self, protocol)  # type: ignore[assignment]
        return (_blank, (kind, rate), *made[2:])

    body = {"__doc__": kind.__doc__, "__module__": kind.__module__, "__qualname__": kind.__qualname__}
    own = {"constant": kind, "decay": rate, "prepare": prepare, "get_config": get_config, "__reduce_ex__": reduce}
    return type(kind.__name__, (kind,), {**body, **own})


def _blank(kind: Any, rate: float) -> Optimizer:
    """Return an optimizer that unpickling fills."""
    decaying = _decaying(kind, rate)
    return decaying.__new__(decaying)


def _rate(optimizer: Optimizer) -> Any:
    note("optimizer.lr", "is called optimizer.learning_rate today")
    return optimizer.learning_rate


def _set_rate(optimizer: Optimizer, value: Any) -> None:
    note("optimizer.lr", "is called optimizer.learning_rate today")
    optimizer.learning_rate = value


LR = property(_rate, _set_rate, doc="The learning rate, by its old name.")
