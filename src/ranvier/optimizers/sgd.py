"""SGD: gradient descent, with momentum and Nesterov's look ahead.

Source: Sutskever, Martens, Dahl and Hinton, "On the importance of initialization and momentum in deep learning", 2013.
"""

from __future__ import annotations

from typing import Any, Unpack, final

import jax.numpy as jnp

from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.optimizers.base import Common, LearningRate, Numbers, Optimizer, Slots

__all__ = ["SGD"]


@final
class SGD(Optimizer):
    """Gradient descent.

        without momentum:  w = w - learning_rate * g
        with momentum:     velocity = momentum * velocity - learning_rate * g
                           w = w + velocity
        with nesterov:     w = w + momentum * velocity - learning_rate * g

    Args:
        learning_rate: step size: a number, a schedule, or a callable without arguments.
        momentum: how much of the last step is kept, 0 to 1.
        nesterov: take the gradient's step from where the momentum leads.
        common: the arguments of `Optimizer`, in its order.
        named: the same by name.

    Raises:
        InvalidArgument: momentum is not in 0 to 1.

    Example:
        >>> optimizer = SGD(learning_rate=0.5)
        >>> params = {"w": jnp.array(10.0)}
        >>> params, state = optimizer.update({"w": jnp.array(2.0)}, params, optimizer.init(params))
        >>> float(params["w"])
        9.0

    Source: Sutskever et al., 2013, equations 1 to 4.
    """

    slot_groups = (("momentum",),)

    def __init__(
        self,
        learning_rate: LearningRate = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        *common: Any,
        **named: Unpack[Common],
    ) -> None:
        super().__init__(learning_rate, *common, **named)
        if not 0 <= momentum <= 1:
            raise InvalidArgument(
                f"SGD: momentum cannot be {momentum!r}.",
                code="optimizer-argument",
                place="SGD(momentum)",
                expected="0 to 1",
                received=repr(momentum),
            )
        self.momentum = momentum
        self.nesterov = nesterov

    def numbers(self) -> dict[str, float]:
        return {**super().numbers(), **({"momentum": self.momentum} if self.momentum else {})}

    def slots_for(self, param: Any) -> Slots:
        return {"momentum": jnp.zeros_like(param)} if self.momentum else {}

    def rule(self, grad: Array, param: Array, slots: Slots, hyper: Numbers, t: Array) -> tuple[Array, Slots]:
        learning_rate = hyper["learning_rate"]
        if "momentum" not in slots:
            return param - learning_rate * grad, {}
        momentum = hyper["momentum"]
        velocity = momentum * slots["momentum"] - learning_rate * grad
        if self.nesterov:
            return param + (momentum * velocity - learning_rate * grad), {"momentum": velocity}
        return param + velocity, {"momentum": velocity}
