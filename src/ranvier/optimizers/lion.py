"""Lion: the sign of a momentum, so that every element moves by the learning rate.

Source: Chen et al., "Symbolic discovery of optimization algorithms", 2023.
"""

from __future__ import annotations

from typing import Any, Unpack, final

import jax.numpy as jnp

from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.optimizers.base import Common, LearningRate, Numbers, Optimizer, Slots

__all__ = ["Lion"]


@final
class Lion(Optimizer):
    """Lion.

        w = w - learning_rate * sign(beta_1 * momentum + (1 - beta_1) * g)
        momentum = beta_2 * momentum + (1 - beta_2) * g

    Args:
        learning_rate: step size: a number, a schedule, or a callable without arguments; a tenth of Adam's is usual.
        beta_1: how much of the momentum decides the direction.
        beta_2: decay of the momentum.
        common: the arguments of `Optimizer`, in its order.
        named: the same by name.

    Raises:
        InvalidArgument: beta_1 is not above 0 and at most 1.

    Example:
        >>> optimizer = Lion(learning_rate=0.1)
        >>> params = {"w": jnp.array([10.0, 10.0])}
        >>> params, state = optimizer.update({"w": jnp.array([4.0, -0.5])}, params, optimizer.init(params))
        >>> params["w"].tolist()
        [9.899999618530273, 10.100000381469727]

    Source: Chen et al., 2023, program 1.
    """

    slot_groups = (("momentum",),)

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.99,
        *common: Any,
        **named: Unpack[Common],
    ) -> None:
        super().__init__(learning_rate, *common, **named)
        if not 0 < beta_1 <= 1:
            raise InvalidArgument(
                f"Lion: beta_1 cannot be {beta_1!r}.",
                code="optimizer-argument",
                place="Lion(beta_1)",
                expected="above 0, at most 1",
                received=repr(beta_1),
                fix="leave it at 0.9; at 0 nothing of the momentum would be used",
            )
        self.beta_1 = beta_1
        self.beta_2 = beta_2

    def numbers(self) -> dict[str, float]:
        return {**super().numbers(), "beta_1": self.beta_1, "beta_2": self.beta_2}

    def slots_for(self, param: Any) -> Slots:
        return {"momentum": jnp.zeros_like(param)}

    def prepare(self, hyper: Numbers, t: Array) -> dict[str, Array]:
        return {"one_minus_beta_1": 1 - hyper["beta_1"], "one_minus_beta_2": 1 - hyper["beta_2"]}

    def rule(self, grad: Array, param: Array, slots: Slots, hyper: Numbers, t: Array) -> tuple[Array, Slots]:
        momentum = slots["momentum"]
        direction = jnp.sign(momentum * hyper["beta_1"] + grad * hyper["one_minus_beta_1"])
        kept = momentum * hyper["beta_2"] + grad * hyper["one_minus_beta_2"]
        return param - hyper["learning_rate"] * direction, {"momentum": kept}
