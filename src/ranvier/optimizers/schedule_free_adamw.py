"""ScheduleFreeAdamW: averaging of the weights in the place of a learning-rate schedule.

Source: Defazio et al., "The road less scheduled", 2024.
"""

from __future__ import annotations

from typing import Any, Unpack, final

import jax
import jax.numpy as jnp

from ranvier._typing import Array
from ranvier.optimizers.base import Common, LearningRate, Numbers, Optimizer, Slots
from ranvier.state.variable import Variable

__all__ = ["ScheduleFreeAdamW"]


@final
class ScheduleFreeAdamW(Optimizer):
    """Schedule-free Adam; the parameters are the point `y` between the iterate `momentum` and its average `x`.

        rate = learning_rate * min(t / warmup_steps, 1),    rate = learning_rate without warm-up
        velocity = velocity + (g ** 2 - velocity) * (1 - beta_2)
        x = (w - (1 - beta_1) * momentum) / beta_1
        momentum = momentum - rate * g / (sqrt(velocity / (1 - beta_2 ** t)) + epsilon)
        x = (1 - 1 / t) * x + 1 / t * momentum
        w = (1 - beta_1) * momentum + beta_1 * x

    Args:
        learning_rate: step size: a number, a schedule, or a callable without arguments.
        beta_1: how near to the average the gradients are taken.
        beta_2: decay of the mean square.
        epsilon: added to the root.
        warmup_steps: updates over which the learning rate rises from 0.
        common: the arguments of `Optimizer`, in its order.
        named: the same by name.

    Numerics: the factors that depend on `t` alone are computed in 32 bits, whatever the parameter's dtype.

    Example:
        >>> optimizer = ScheduleFreeAdamW(learning_rate=0.1)
        >>> params = {"w": jnp.array(10.0)}
        >>> params, state = optimizer.update({"w": jnp.array(4.0)}, params, optimizer.init(params))
        >>> round(float(params["w"]), 4)  # the average of one point: learning_rate * sign(g)
        9.9

    Source: Defazio et al., 2024, algorithm 1.
    """

    slot_groups = (("momentum", "velocity"),)

    def __init__(
        self,
        learning_rate: LearningRate = 0.0025,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        warmup_steps: int = 0,
        *common: Any,
        **named: Unpack[Common],
    ) -> None:
        super().__init__(learning_rate, *common, **named)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.warmup_steps = warmup_steps

    def numbers(self) -> dict[str, float]:
        return {**super().numbers(), "beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}

    def slots_for(self, param: Any) -> Slots:
        known = not isinstance(param, jax.ShapeDtypeStruct)
        return {"momentum": jnp.array(param) if known else jnp.zeros_like(param), "velocity": jnp.zeros_like(param)}

    def _slot(self, path: str, slot: str, value: Array) -> Variable:
        """Let the iterate start where the parameter starts, without drawing the parameter's first value now."""
        owner = self._model[path]
        if slot != "momentum":
            return super()._slot(path, slot, value)
        start = lambda shape, dtype: jnp.array(owner.stored)  # noqa: E731
        made = Variable(start, value.shape, value.dtype, False, False, name=self._slot_name(path, slot))
        made.owner_path = self.name
        return made

    def prepare(self, hyper: Numbers, t: Array) -> dict[str, Array]:
        rate = hyper["learning_rate"]
        return {
            "rate": rate * jnp.minimum(t / self.warmup_steps, 1.0) if self.warmup_steps > 0 else rate,
            "one_minus_beta_1": 1 - hyper["beta_1"],
            "one_minus_beta_2": 1 - hyper["beta_2"],
            "velocity_part": 1 - jnp.power(hyper["beta_2"], t),
            "newest": 1 / t,
            "older": 1 - 1 / t,
        }

    def rule(self, grad: Array, param: Array, slots: Slots, hyper: Numbers, t: Array) -> tuple[Array, Slots]:
        old, beta_1, one_minus_beta_1 = slots["momentum"], hyper["beta_1"], hyper["one_minus_beta_1"]
        velocity = slots["velocity"] + (jnp.square(grad) - slots["velocity"]) * hyper["one_minus_beta_2"]
        root = jnp.sqrt(velocity / hyper["velocity_part"]) + hyper["epsilon"]
        momentum = old - hyper["rate"] * grad / root
        x = (param - one_minus_beta_1 * old) / beta_1
        x = hyper["older"] * x + hyper["newest"] * momentum
        return one_minus_beta_1 * momentum + beta_1 * x, {"momentum": momentum, "velocity": velocity}
