"""Adadelta: steps in the parameter's own unit, from running mean squares of gradients and of past steps.

Source: Zeiler, "ADADELTA: an adaptive learning rate method", 2012.
"""

from __future__ import annotations

from typing import Any, Unpack, final

import jax.numpy as jnp

from ranvier._typing import Array
from ranvier.optimizers.base import Common, LearningRate, Numbers, Optimizer, Slots

__all__ = ["Adadelta"]


@final
class Adadelta(Optimizer):
    """Adadelta.

        accumulated_grad = rho * accumulated_grad + (1 - rho) * g ** 2
        delta = -g * sqrt(accumulated_delta_var + epsilon) / sqrt(accumulated_grad + epsilon)
        accumulated_delta_var = rho * accumulated_delta_var + (1 - rho) * delta ** 2
        w = w + learning_rate * delta

    Args:
        learning_rate: step size: a number, a schedule, or a callable without arguments; the paper's form has 1.0.
        rho: decay of both mean squares.
        epsilon: added under both roots; it also decides the size of the first steps.
        common: the arguments of `Optimizer`, in its order.
        named: the same by name.

    Example:
        >>> optimizer = Adadelta(learning_rate=1.0, rho=0.75, epsilon=5.0)
        >>> params = {"w": jnp.array(10.0)}
        >>> params, state = optimizer.update({"w": jnp.array(4.0)}, params, optimizer.init(params))
        >>> round(float(params["w"]), 4)  # 10 - 4 * sqrt(5) / sqrt(0.25 * 16 + 5)
        7.0186

    Source: Zeiler, 2012, algorithm 1.
    """

    slot_groups = (("accumulated_grad", "accumulated_delta_var"),)

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        rho: float = 0.95,
        epsilon: float = 1e-7,
        *common: Any,
        **named: Unpack[Common],
    ) -> None:
        super().__init__(learning_rate, *common, **named)
        self.rho = rho
        self.epsilon = epsilon

    def numbers(self) -> dict[str, float]:
        return {**super().numbers(), "rho": self.rho, "one_minus_rho": 1 - self.rho, "epsilon": self.epsilon}

    def slots_for(self, param: Any) -> Slots:
        return {"accumulated_grad": jnp.zeros_like(param), "accumulated_delta_var": jnp.zeros_like(param)}

    def rule(self, grad: Array, param: Array, slots: Slots, hyper: Numbers, t: Array) -> tuple[Array, Slots]:
        rho, one_minus_rho, epsilon = hyper["rho"], hyper["one_minus_rho"], hyper["epsilon"]
        accumulated_grad = rho * slots["accumulated_grad"] + one_minus_rho * jnp.square(grad)
        steps = slots["accumulated_delta_var"]
        delta = -(jnp.sqrt(steps + epsilon) * grad / jnp.sqrt(accumulated_grad + epsilon))
        steps = rho * steps + one_minus_rho * jnp.square(delta)
        moved = param + hyper["learning_rate"] * delta
        return moved, {"accumulated_grad": accumulated_grad, "accumulated_delta_var": steps}
