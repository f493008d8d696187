"""RMSprop: the gradient over the root of its mean square.

Source: Tieleman and Hinton, "Lecture 6.5, rmsprop", 2012; centered: Graves, "Generating sequences with recurrent
neural networks", 2013, equations 38 to 45.
"""

from __future__ import annotations

from typing import Any, Unpack, final

import jax.numpy as jnp

from ranvier._typing import Array
from ranvier.optimizers.base import Common, LearningRate, Numbers, Optimizer, Slots

__all__ = ["RMSprop"]


@final
class RMSprop(Optimizer):
    """RMSprop, plain or centered, with or without momentum.

        velocity = rho * velocity + (1 - rho) * g ** 2
        average_gradient = rho * average_gradient + (1 - rho) * g                  only if centered
        increment = learning_rate * g / sqrt(velocity [- average_gradient ** 2] + epsilon)
        momentum = momentum_factor * momentum + increment                          only with momentum
        w = w - increment, or w - momentum

    Args:
        learning_rate: step size: a number, a schedule, or a callable without arguments.
        rho: decay of the averages.
        momentum: how much of the last step is kept.
        epsilon: added under the root.
        centered: divide by the estimated standard deviation instead of the root mean square.
        common: the arguments of `Optimizer`, in its order.
        named: the same by name.

    Example:
        >>> optimizer = RMSprop(learning_rate=0.1, rho=0.75, epsilon=0.0)
        >>> params = {"w": jnp.array(10.0)}
        >>> params, state = optimizer.update({"w": jnp.array(4.0)}, params, optimizer.init(params))
        >>> round(float(params["w"]), 4)  # 10 - 0.1 * 4 / sqrt(0.25 * 16)
        9.8

    Source: Tieleman and Hinton, 2012; Graves, 2013.
    """

    slot_groups = (("velocity",), ("momentum",), ("average_gradient",))

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        *common: Any,
        **named: Unpack[Common],
    ) -> None:
        super().__init__(learning_rate, *common, **named)
        self.rho = rho
        self.momentum = momentum
        self.epsilon = epsilon
        self.centered = centered

    def numbers(self) -> dict[str, float]:
        own = {"rho": self.rho, "one_minus_rho": 1 - self.rho, "epsilon": self.epsilon}
        return {**super().numbers(), **own, **({"momentum": self.momentum} if self.momentum > 0 else {})}

    def slots_for(self, param: Any) -> Slots:
        wanted = {"velocity": True, "momentum": self.momentum > 0, "average_gradient": self.centered}
        return {slot: jnp.zeros_like(param) for slot, used in wanted.items() if used}

    def rule(self, grad: Array, param: Array, slots: Slots, hyper: Numbers, t: Array) -> tuple[Array, Slots]:
        rho, one_minus_rho = hyper["rho"], hyper["one_minus_rho"]
        velocity = rho * slots["velocity"] + one_minus_rho * jnp.square(grad)
        new = {"velocity": velocity}
        if self.centered:
            average = rho * slots["average_gradient"] + one_minus_rho * grad
            velocity = velocity - jnp.square(average)
            new["average_gradient"] = average
        increment = hyper["learning_rate"] * grad / jnp.sqrt(velocity + hyper["epsilon"])
        if "momentum" in slots:
            increment = hyper["momentum"] * slots["momentum"] + increment
            new["momentum"] = increment
        return param - increment, new
