"""InverseTimeDecay: the learning rate falls like one over the step."""

from __future__ import annotations

from typing import Any, final

from ranvier._typing import Array
from ranvier.optimizers.schedules.base import LearningRateSchedule, check_steps, number, whole

__all__ = ["InverseTimeDecay"]


@final
class InverseTimeDecay(LearningRateSchedule):
    """Inverse time decay.

        p = step / decay_steps, rounded down if staircase
        learning_rate = initial_learning_rate / (1 + decay_rate * p)

    Args:
        initial_learning_rate: the value at step 0.
        decay_steps: steps [updates] per unit of `p`.
        decay_rate: how fast it falls.
        staircase: decay at whole multiples of `decay_steps` only.
        name: display name.

    Raises:
        InvalidArgument: `decay_steps` is not positive.

    Example:
        >>> float(InverseTimeDecay(1.0, decay_steps=10, decay_rate=0.5)(20))
        0.5
    """

    keras_module = "keras.optimizers.schedules"

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str = "InverseTimeDecay",
    ) -> None:
        check_steps("decay_steps", decay_steps, "InverseTimeDecay")
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.decay_rate = decay_rate
        self.staircase = staircase
        self.name = name

    def __call__(self, step: Any) -> Array:
        p = whole(number(step), self.decay_steps) if self.staircase else number(step) / self.decay_steps
        return self.initial_learning_rate / (1 + self.decay_rate * p)
