"""PiecewiseConstantDecay: one learning rate per interval of steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, final

import jax.numpy as jnp

from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.optimizers.schedules.base import LearningRateSchedule, number
from ranvier.state.variable import as_array

__all__ = ["PiecewiseConstantDecay"]


@final
class PiecewiseConstantDecay(LearningRateSchedule):
    """Constant between boundaries.

        learning_rate = values[number of boundaries that step is beyond]

    A step equal to a boundary still belongs to the interval before it.

    Args:
        boundaries: increasing steps [updates].
        values: learning rates, one more than `boundaries`.
        name: display name.

    Raises:
        InvalidArgument: the lengths do not fit.

    Example:
        >>> schedule = PiecewiseConstantDecay([10, 20], [1.0, 0.5, 0.25])
        >>> [float(schedule(step)) for step in (10, 11, 21)]
        [1.0, 0.5, 0.25]
    """

    keras_module = "keras.optimizers.schedules"

    def __init__(self, boundaries: Sequence[float], values: Sequence[float], name: str = "PiecewiseConstant") -> None:
        if len(boundaries) != len(values) - 1:
            raise InvalidArgument(
                "PiecewiseConstantDecay needs one more value than boundaries.",
                code="schedule-boundaries",
                expected=f"{len(boundaries) + 1} values",
                received=f"{len(values)} values for boundaries={list(boundaries)}",
                fix="give one learning rate for each interval, the last one included",
            )
        self.boundaries = boundaries
        self.values = values
        self.name = name

    def __call__(self, step: Any) -> Array:
        now = as_array(step)
        # As in Keras, boundaries take the type of the step: 2.5 is 2 beside whole steps.
        boundaries = jnp.asarray(self.boundaries).astype(now.dtype)
        return number(self.values)[jnp.sum(now > boundaries)]
