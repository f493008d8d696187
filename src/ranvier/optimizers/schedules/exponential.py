"""ExponentialDecay: the learning rate shrinks by one factor per `decay_steps`."""

from __future__ import annotations

from typing import Any, final

import jax.numpy as jnp

from ranvier._typing import Array
from ranvier.optimizers.schedules.base import LearningRateSchedule, check_steps, number, whole

__all__ = ["ExponentialDecay"]


@final
class ExponentialDecay(LearningRateSchedule):
    """Exponential decay.

        p = step / decay_steps, rounded down if staircase
        learning_rate = initial_learning_rate * decay_rate ** p

    Args:
        initial_learning_rate: the value at step 0.
        decay_steps: steps [updates] per factor.
        decay_rate: the factor.
        staircase: decay at whole multiples of `decay_steps` only.
        name: display name.

    Raises:
        InvalidArgument: `decay_steps` is not positive.

    Example:
        >>> float(ExponentialDecay(1.0, decay_steps=10, decay_rate=0.5)(20))
        0.25
    """

    keras_module = "keras.optimizers.schedules"

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str = "ExponentialDecay",
    ) -> None:
        check_steps("decay_steps", decay_steps, "ExponentialDecay")
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.decay_rate = decay_rate
        self.staircase = staircase
        self.name = name

    def __call__(self, step: Any) -> Array:
        p = whole(number(step), self.decay_steps) if self.staircase else number(step) / self.decay_steps
        return self.initial_learning_rate * jnp.power(number(self.decay_rate), p)
