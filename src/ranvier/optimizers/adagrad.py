"""Adagrad: the gradient over the root of the sum of all its squares so far.

Source: Duchi, Hazan and Singer, "Adaptive subgradient methods for online learning and stochastic optimization", 2011.
"""

from __future__ import annotations

from typing import Any, Unpack, final

import jax.numpy as jnp

from ranvier._typing import Array
from ranvier.optimizers.base import Common, LearningRate, Numbers, Optimizer, Slots

__all__ = ["Adagrad"]


@final
class Adagrad(Optimizer):
    """Adagrad.

        accumulator = accumulator + g ** 2
        w = w - learning_rate * g / sqrt(accumulator + epsilon)

    Args:
        learning_rate: step size: a number, a schedule, or a callable without arguments.
        initial_accumulator_value: where the sums start.
        epsilon: added under the root.
        common: the arguments of `Optimizer`, in its order.
        named: the same by name.

    Example:
        >>> optimizer = Adagrad(learning_rate=1.0, initial_accumulator_value=9.0, epsilon=0.0)
        >>> params = {"w": jnp.array(10.0)}
        >>> params, state = optimizer.update({"w": jnp.array(4.0)}, params, optimizer.init(params))
        >>> round(float(params["w"]), 4)  # 10 - 4 / sqrt(9 + 16)
        9.2

    Source: Duchi et al., 2011, diagonal form.
    """

    slot_groups = (("accumulator",),)

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        *common: Any,
        **named: Unpack[Common],
    ) -> None:
        super().__init__(learning_rate, *common, **named)
        self.initial_accumulator_value = initial_accumulator_value
        self.epsilon = epsilon

    def numbers(self) -> dict[str, float]:
        return {**super().numbers(), "epsilon": self.epsilon}

    def slots_for(self, param: Any) -> Slots:
        return {"accumulator": jnp.full_like(param, self.initial_accumulator_value)}

    def rule(self, grad: Array, param: Array, slots: Slots, hyper: Numbers, t: Array) -> tuple[Array, Slots]:
        accumulator = slots["accumulator"] + jnp.square(grad)
        step = hyper["learning_rate"] * grad / jnp.sqrt(accumulator + hyper["epsilon"])
        return param - step, {"accumulator": accumulator}
