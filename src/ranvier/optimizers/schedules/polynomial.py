"""PolynomialDecay: from one learning rate to another along a power of the remaining time."""

from __future__ import annotations

from typing import Any, final

import jax.numpy as jnp

from ranvier._typing import Array
from ranvier.optimizers.schedules.base import LearningRateSchedule, check_steps, number, whole

__all__ = ["PolynomialDecay"]


@final
class PolynomialDecay(LearningRateSchedule):
    """Polynomial decay.

        p = min(step, decay_steps) / decay_steps
        learning_rate = (initial_learning_rate - end_learning_rate) * (1 - p) ** power + end_learning_rate

    With `cycle`, `decay_steps` grows to its next multiple that is not below `step`.

    Args:
        initial_learning_rate: the value at step 0.
        decay_steps: steps [updates] until the end value.
        end_learning_rate: the end value.
        power: 1 is linear.
        cycle: rise again after each `decay_steps`.
        name: display name.

    Raises:
        InvalidArgument: `decay_steps` is not positive.

    Example:
        >>> float(PolynomialDecay(1.0, decay_steps=10, end_learning_rate=0.0)(5))
        0.5
    """

    keras_module = "keras.optimizers.schedules"

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str = "PolynomialDecay",
    ) -> None:
        check_steps("decay_steps", decay_steps, "PolynomialDecay")
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.end_learning_rate = end_learning_rate
        self.power = power
        self.cycle = cycle
        self.name = name

    def __call__(self, step: Any) -> Array:
        now, decay_steps = number(step), number(self.decay_steps)
        if self.cycle:
            decay_steps = decay_steps * jnp.maximum(-whole(-now, decay_steps), 1.0)
        else:
            now = jnp.minimum(now, decay_steps)
        p = now / decay_steps
        # A compiled division may round p to beyond 1, and a root of a negative number is NaN.
        remaining = jnp.maximum(1 - p, 0.0)
        span = number(self.initial_learning_rate) - number(self.end_learning_rate)
        return span * jnp.power(remaining, number(self.power)) + self.end_learning_rate
