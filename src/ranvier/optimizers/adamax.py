"""Adamax: Adam with the largest gradient so far, slowly forgotten, in the place of the root mean square.

Source: Kingma and Ba, "Adam: a method for stochastic optimization", 2015, section 7.1.
"""

from __future__ import annotations

from typing import Any, Unpack, final

import jax.numpy as jnp

from ranvier._typing import Array
from ranvier.optimizers.base import Common, LearningRate, Numbers, Optimizer, Slots

__all__ = ["Adamax"]


@final
class Adamax(Optimizer):
    """Adamax.

        momentum = momentum + (g - momentum) * (1 - beta_1)
        norm = max(beta_2 * norm, |g|)
        w = w - learning_rate * momentum / ((1 - beta_1 ** t) * (norm + epsilon))

    Args:
        learning_rate: step size: a number, a schedule, or a callable without arguments.
        beta_1: decay of the mean gradient.
        beta_2: decay of the largest gradient.
        epsilon: added to the norm.
        common: the arguments of `Optimizer`, in its order.
        named: the same by name.

    Numerics: `1 - beta_1 ** t` is computed in 32 bits, whatever the parameter's dtype.

    Example:
        >>> optimizer = Adamax(learning_rate=0.1)
        >>> params = {"w": jnp.array(10.0)}
        >>> params, state = optimizer.update({"w": jnp.array(4.0)}, params, optimizer.init(params))
        >>> round(float(params["w"]), 4)  # the first step is learning_rate * sign(g)
        9.9

    Source: Kingma and Ba, 2015, algorithm 2.
    """

    slot_groups = (("momentum", "norm"),)

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
        own = {"beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}
        return {**super().numbers(), **own, "one_minus_beta_1": 1 - self.beta_1}

    def slots_for(self, param: Any) -> Slots:
        return {"momentum": jnp.zeros_like(param), "norm": jnp.zeros_like(param)}

    def prepare(self, hyper: Numbers, t: Array) -> dict[str, Array]:
        return {"momentum_part": 1 - jnp.power(hyper["beta_1"], t)}

    def rule(self, grad: Array, param: Array, slots: Slots, hyper: Numbers, t: Array) -> tuple[Array, Slots]:
        momentum = slots["momentum"] + (grad - slots["momentum"]) * hyper["one_minus_beta_1"]
        norm = jnp.maximum(hyper["beta_2"] * slots["norm"], jnp.abs(grad))
        step = hyper["learning_rate"] * momentum / (hyper["momentum_part"] * (norm + hyper["epsilon"]))
        return param - step, {"momentum": momentum, "norm": norm}
