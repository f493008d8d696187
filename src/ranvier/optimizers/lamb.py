"""Lamb: Adam's step, scaled for each array to the length of the array itself.

Source: You et al., "Large batch optimization for deep learning: training BERT in 76 minutes", 2020.
"""

from __future__ import annotations

from typing import Any, Unpack, final

import jax.numpy as jnp

from ranvier._typing import Array
from ranvier.optimizers.base import Common, LearningRate, Numbers, Optimizer, Slots

__all__ = ["Lamb"]


@final
class Lamb(Optimizer):
    """Lamb.

        momentum = momentum + (g - momentum) * (1 - beta_1)
        velocity = velocity + (g ** 2 - velocity) * (1 - beta_2)
        update = momentum / (1 - beta_1 ** t) / (sqrt(velocity / (1 - beta_2 ** t)) + epsilon)
        ratio = |w| / |update|, 1 where one of them is 0
        w = w - ratio * learning_rate * update

    Args:
        learning_rate: step size, as a part of the array's length: a number, a schedule, or a callable.
        beta_1: decay of the mean gradient.
        beta_2: decay of the mean square.
        epsilon: added to the root.
        common: the arguments of `Optimizer`, in its order.
        named: the same by name.

    Numerics: the factors that depend on `t` alone are computed in 32 bits, whatever the parameter's dtype.

    Example:
        >>> optimizer = Lamb(learning_rate=0.1)
        >>> params = {"w": jnp.array(10.0)}
        >>> params, state = optimizer.update({"w": jnp.array(4.0)}, params, optimizer.init(params))
        >>> round(float(params["w"]), 4)  # the first step is a tenth of |w|
        9.0

    Source: You et al., 2020, algorithm 2.
    """

    slot_groups = (("momentum", "velocity"),)

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
        return {**super().numbers(), **own, "one_minus_beta_1": 1 - self.beta_1, "one_minus_beta_2": 1 - self.beta_2}

    def slots_for(self, param: Any) -> Slots:
        return {"momentum": jnp.zeros_like(param), "velocity": jnp.zeros_like(param)}

    def prepare(self, hyper: Numbers, t: Array) -> dict[str, Array]:
        return {
            "momentum_part": 1 - jnp.power(hyper["beta_1"], t),
            "velocity_part": 1 - jnp.power(hyper["beta_2"], t),
        }

    def rule(self, grad: Array, param: Array, slots: Slots, hyper: Numbers, t: Array) -> tuple[Array, Slots]:
        momentum, velocity = slots["momentum"], slots["velocity"]
        momentum = momentum + (grad - momentum) * hyper["one_minus_beta_1"]
        velocity = velocity + (jnp.square(grad) - velocity) * hyper["one_minus_beta_2"]
        root = jnp.sqrt(velocity / hyper["velocity_part"]) + hyper["epsilon"]
        update = momentum / hyper["momentum_part"] / root
        length, wanted = _norm(update), _norm(param)
        usable = (length > 0) & (wanted > 0)
        ratio = jnp.where(usable, wanted / jnp.where(usable, length, 1), 1)
        return param - ratio * hyper["learning_rate"] * update, {"momentum": momentum, "velocity": velocity}


def _norm(x: Array) -> Array:
    """Return the Euclidean norm over all elements."""
    return jnp.sqrt(jnp.sum(jnp.square(x)))
