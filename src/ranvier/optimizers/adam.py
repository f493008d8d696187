"""Adam and AdamW: the mean gradient over the root of the mean square, both corrected for their start at zero.

Source: Kingma and Ba, "Adam: a method for stochastic optimization", 2015; AMSGrad: Reddi, Kale and Kumar, 2018;
AdamW: Loshchilov and Hutter, "Decoupled weight decay regularization", 2019.
"""

from __future__ import annotations

from typing import Any, Unpack, final

import jax.numpy as jnp

from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.optimizers.base import Common, CommonButDecay, LearningRate, Numbers, Optimizer, Slots

__all__ = ["Adam", "AdamW"]


class Adam(Optimizer):
    """Adam, in the order of the remark before section 2.1 of its paper.

        alpha = learning_rate * sqrt(1 - beta_2 ** t) / (1 - beta_1 ** t)
        momentum = momentum + (g - momentum) * (1 - beta_1)
        velocity = velocity + (g ** 2 - velocity) * (1 - beta_2)
        velocity_hat = max(velocity_hat, velocity)                          only if amsgrad, then used for velocity
        w = w - momentum * alpha / (sqrt(velocity) + epsilon)

    Args:
        learning_rate: step size: a number, a schedule, or a callable without arguments.
        beta_1: decay of the mean gradient.
        beta_2: decay of the mean square.
        epsilon: added to the root; the "epsilon hat" of the paper.
        amsgrad: never let the mean square shrink.
        common: the arguments of `Optimizer`, in its order.
        named: the same by name.

    Numerics: `alpha` is computed in 32 bits and then takes the parameter's dtype. Keras computes it in the parameter's
    dtype: for bfloat16 `1 - beta_2 ** t` is 0 there and nothing is learned.

    Example:
        >>> optimizer = Adam(learning_rate=0.1)
        >>> params = {"w": jnp.array(10.0)}
        >>> params, state = optimizer.update({"w": jnp.array(4.0)}, params, optimizer.init(params))
        >>> round(float(params["w"]), 4)  # the first step is learning_rate * sign(g)
        9.9

    Source: Kingma and Ba, 2015, algorithm 1; Reddi et al., 2018, algorithm 2.
    """

    slot_groups = (("momentum", "velocity"), ("velocity_hat",))

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        *common: Any,
        **named: Unpack[Common],
    ) -> None:
        super().__init__(learning_rate, *common, **named)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.amsgrad = amsgrad

    def numbers(self) -> dict[str, float]:
        # 1 - beta is taken in 64 bits: 1 - float32(0.999) would be off by 2e-5.
        own = {"beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}
        return {**super().numbers(), **own, "one_minus_beta_1": 1 - self.beta_1, "one_minus_beta_2": 1 - self.beta_2}

    def slots_for(self, param: Any) -> Slots:
        names = ["momentum", "velocity"] + ["velocity_hat"] * self.amsgrad
        return {name: jnp.zeros_like(param) for name in names}

    def prepare(self, hyper: Numbers, t: Array) -> dict[str, Array]:
        beta_1_power, beta_2_power = jnp.power(hyper["beta_1"], t), jnp.power(hyper["beta_2"], t)
        return {"alpha": hyper["learning_rate"] * jnp.sqrt(1 - beta_2_power) / (1 - beta_1_power)}

    def rule(self, grad: Array, param: Array, slots: Slots, hyper: Numbers, t: Array) -> tuple[Array, Slots]:
        momentum, velocity = slots["momentum"], slots["velocity"]
        momentum = momentum + (grad - momentum) * hyper["one_minus_beta_1"]
        velocity = velocity + (jnp.square(grad) - velocity) * hyper["one_minus_beta_2"]
        new = {"momentum": momentum, "velocity": velocity}
        if self.amsgrad:
            velocity = jnp.maximum(slots["velocity_hat"], velocity)
            new["velocity_hat"] = velocity
        return param - momentum * hyper["alpha"] / (jnp.sqrt(velocity) + hyper["epsilon"]), new


@final
class AdamW(Adam):
    """Adam with decoupled weight decay.

        w = w - w * weight_decay * learning_rate, then Adam's step

    Args:
        learning_rate: step size: a number, a schedule, or a callable without arguments.
        weight_decay: how much each parameter shrinks per unit of learning rate.
        beta_1: decay of the mean gradient.
        beta_2: decay of the mean square.
        epsilon: added to the root.
        amsgrad: never let the mean square shrink.
        common: the arguments of `Optimizer` after `weight_decay`, in its order.
        named: the same by name.

    Raises:
        InvalidArgument: weight_decay is None.

    Example:
        >>> optimizer = AdamW(learning_rate=0.1, weight_decay=0.5)
        >>> params = {"w": jnp.array(10.0)}
        >>> params, state = optimizer.update({"w": jnp.array(4.0)}, params, optimizer.init(params))
        >>> round(float(params["w"]), 4)  # 10 - 10 * 0.5 * 0.1 - 0.1
        9.4

    Source: Loshchilov and Hutter, 2019, algorithm 2.
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        weight_decay: float | None = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        *common: Any,
        **named: Unpack[CommonButDecay],
    ) -> None:
        if weight_decay is None:
            raise InvalidArgument(
                "AdamW: weight_decay cannot be None.",
                code="optimizer-argument",
                place="AdamW(weight_decay)",
                expected="a number",
                received="None",
                fix="use Adam for no weight decay",
            )
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay, *common, **named)
