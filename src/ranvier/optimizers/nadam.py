"""Nadam: Adam with Nesterov's look ahead, and a momentum that warms up.

Source: Dozat, "Incorporating Nesterov momentum into Adam", 2016, algorithm 2.
"""

from __future__ import annotations

from typing import Any, Unpack, final

import jax.numpy as jnp

from ranvier._typing import Array
from ranvier.optimizers.base import Common, LearningRate, Numbers, Optimizer, Slots

__all__ = ["Nadam"]


@final
class Nadam(Optimizer):
    """Nadam.

        u(t) = beta_1 * (1 - 0.5 * 0.96 ** t),    u_product = u(1) * u(2) * ... * u(t)
        momentum = momentum + (g - momentum) * (1 - beta_1)
        velocity = velocity + (g ** 2 - velocity) * (1 - beta_2)
        m_hat = u(t + 1) * momentum / (1 - u_product * u(t + 1)) + (1 - u(t)) * g / (1 - u_product)
        v_hat = velocity / (1 - beta_2 ** t)
        w = w - m_hat * learning_rate / (sqrt(v_hat) + epsilon)

    Args:
        learning_rate: step size: a number, a schedule, or a callable without arguments.
        beta_1: decay of the mean gradient.
        beta_2: decay of the mean square.
        epsilon: added to the root.
        common: the arguments of `Optimizer`, in its order.
        named: the same by name.

    Numerics: the factors that depend on `t` alone are computed in 32 bits, whatever the parameter's dtype.

    Example:
        >>> optimizer = Nadam(learning_rate=0.1, beta_1=0.0)
        >>> params = {"w": jnp.array(10.0)}
        >>> params, state = optimizer.update({"w": jnp.array(4.0)}, params, optimizer.init(params))
        >>> round(float(params["w"]), 4)  # without momentum the first step is learning_rate * sign(g)
        9.9

    Source: Dozat, 2016, algorithm 2.
    """

    slot_groups = (("momentum", "velocity"),)
    stateful_numbers = ("u_product",)

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        *common: Any,
        **named: Unpack[Common],
    ) -> None:
        super().__init__(learning_rate, *common, **named)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon

    def numbers(self) -> dict[str, float]:
        own = {"beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon, "u_product": 1.0}
        return {**super().numbers(), **own}

    def slots_for(self, param: Any) -> Slots:
        return {"momentum": jnp.zeros_like(param), "velocity": jnp.zeros_like(param)}

    def advance(self, hyper: Numbers, t: Array) -> dict[str, Array]:
        return {"u_product": hyper["u_product"] * _warming(hyper["beta_1"], t)}

    def prepare(self, hyper: Numbers, t: Array) -> dict[str, Array]:
        u, u_next, u_product = _warming(hyper["beta_1"], t), _warming(hyper["beta_1"], t + 1), hyper["u_product"]
        return {
            "momentum_part": u_next / (1 - u_product * u_next),
            "gradient_part": (1 - u) / (1 - u_product),
            "one_minus_beta_1": 1 - hyper["beta_1"],
            "one_minus_beta_2": 1 - hyper["beta_2"],
            "velocity_part": 1 - jnp.power(hyper["beta_2"], t),
        }

    def rule(self, grad: Array, param: Array, slots: Slots, hyper: Numbers, t: Array) -> tuple[Array, Slots]:
        momentum, velocity = slots["momentum"], slots["velocity"]
        momentum = momentum + (grad - momentum) * hyper["one_minus_beta_1"]
        velocity = velocity + (jnp.square(grad) - velocity) * hyper["one_minus_beta_2"]
        m_hat = hyper["momentum_part"] * momentum + hyper["gradient_part"] * grad
        v_hat = velocity / hyper["velocity_part"]
        step = m_hat * hyper["learning_rate"] / (jnp.sqrt(v_hat) + hyper["epsilon"])
        return param - step, {"momentum": momentum, "velocity": velocity}


def _warming(beta_1: Array, t: Array) -> Array:
    """Return `u(t)`, the momentum of step `t`."""
    return beta_1 * (1 - 0.5 * jnp.power(0.96, t))
