"""LearningRateSchedule: the base of everything that gives the learning rate as a function of the step."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ranvier import _config
from ranvier._errors import InvalidArgument, Unsupported
from ranvier._lookup import Configurable
from ranvier._typing import Array
from ranvier.state.variable import as_array

__all__ = ["LearningRateSchedule", "check_steps", "number", "whole"]


class LearningRateSchedule(Configurable):
    """The base of learning-rate schedules: a callable from step to learning rate.

    A subclass stores its arguments under their names and overrides `__call__`, which runs inside the compiled
    training program: compute with `ranvier.ops`, not with Python's `math` or `if`.

    Example:
        >>> class Inverse(LearningRateSchedule):
        ...     def __init__(self, start):
        ...         self.start = start
        ...     def __call__(self, step):
        ...         return self.start / (step + 1)
        >>> float(Inverse(0.5)(1))
        0.25
    """

    def __call__(self, step: Any) -> Any:
        """Return the learning rate of `step`, the number of updates made before."""
        raise Unsupported(
            f"{type(self).__name__} has no __call__(self, step).",
            code="schedule-without-call",
            place=f"schedule {type(self).__name__}",
            fix="define __call__(self, step) in the class",
        )


def number(value: Any) -> Array:
    """Return a step or a constant as a float scalar (a schedule computes in one float type throughout)."""
    return as_array(value).astype(jnp.promote_types(_config.floatx(), jnp.float32))


def whole(step: Array, steps: Any) -> Array:
    """Return how many times `steps` fits into `step`, exactly.

    A compiler may multiply by `1 / steps` instead of dividing: `floor(41 / 41)` is 0 then.
    """
    return jnp.floor_divide(step, steps)


def check_steps(name: str, value: float, place: str) -> None:
    """Refuse a number of steps that is not positive."""
    if value <= 0:
        raise InvalidArgument(
            f"{name} must be positive.", code="schedule-steps", place=place, expected="> 0", received=f"{name}={value}"
        )
