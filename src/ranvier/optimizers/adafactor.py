"""Adafactor: mean squares kept as one row and one column per matrix, steps relative to the parameter's size.

Source: Shazeer and Stern, "Adafactor: adaptive learning rates with sublinear memory cost", 2018.
"""

from __future__ import annotations

from typing import Any, Unpack, final

import jax.numpy as jnp

from ranvier._typing import Array
from ranvier.optimizers.base import Common, LearningRate, Numbers, Optimizer, Slots

__all__ = ["Adafactor"]


@final
class Adafactor(Optimizer):
    """Adafactor without momentum.

        rho = min(learning_rate, 1 / sqrt(t)),    alpha = max(epsilon_2, rms(w)) * rho
        beta_2 = 1 - t ** beta_2_decay,    s = g ** 2 + epsilon_1
        r = beta_2 * r + (1 - beta_2) * mean(s, axis=-1),    c likewise over axis -2
        velocity = r / mean(r) * c                                         for two axes and more
        velocity = beta_2 * velocity + (1 - beta_2) * s                    for vectors and scalars
        u = g / sqrt(velocity)
        w = w - alpha * u / max(1, rms(u) / clip_threshold)

    Args:
        learning_rate: largest step, as a part of the array's size: a number, a schedule, or a callable.
        beta_2_decay: how fast the memory of the mean squares grows.
        epsilon_1: added to the squares.
        epsilon_2: smallest size of an array that counts.
        clip_threshold: largest root mean square of a step before it is scaled by `alpha`.
        relative_step: kept in the configuration; `rho` bounds the step in any case, as in Keras.
        common: the arguments of `Optimizer`, in its order.
        named: the same by name.

    Numerics: `rho` and `beta_2` are computed in 32 bits, whatever the parameter's dtype.

    Example:
        >>> optimizer = Adafactor(learning_rate=0.1)
        >>> params = {"w": jnp.array(10.0)}
        >>> params, state = optimizer.update({"w": jnp.array(4.0)}, params, optimizer.init(params))
        >>> round(float(params["w"]), 4)  # the first step is a tenth of |w|
        9.0

    Source: Shazeer and Stern, 2018, algorithms 4 and 5.
    """

    slot_groups = (("r", "c", "velocity"),)

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_2_decay: float = -0.8,
        epsilon_1: float = 1e-30,
        epsilon_2: float = 1e-3,
        clip_threshold: float = 1.0,
        relative_step: bool = True,
        *common: Any,
        **named: Unpack[Common],
    ) -> None:
        super().__init__(learning_rate, *common, **named)
        self.beta_2_decay = beta_2_decay
        self.epsilon_1 = epsilon_1
        self.epsilon_2 = epsilon_2
        self.clip_threshold = clip_threshold
        self.relative_step = relative_step

    def numbers(self) -> dict[str, float]:
        own = {name: getattr(self, name) for name in ("beta_2_decay", "epsilon_1", "epsilon_2", "clip_threshold")}
        return {**super().numbers(), **own}

    def slots_for(self, param: Any) -> Slots:
        # A vector has no factors; Keras's files hold a 0 for each of the two.
        rows, columns = (param.shape[:-1], (*param.shape[:-2], param.shape[-1])) if len(param.shape) > 1 else ((), ())
        factors = {"r": jnp.zeros(rows, param.dtype), "c": jnp.zeros(columns, param.dtype)}
        return {**factors, "velocity": jnp.zeros_like(param)}

    def _slot_name(self, path: str, slot: str) -> str:
        """Return Keras's display name: the factors bear the parameter's own."""
        return super()._slot_name(path, slot) if slot not in ("r", "c") else path.rsplit("/", 1)[-1]

    def prepare(self, hyper: Numbers, t: Array) -> dict[str, Array]:
        beta_2 = 1 - jnp.power(t, hyper["beta_2_decay"])
        rho = jnp.minimum(hyper["learning_rate"], 1 / jnp.sqrt(t))
        return {"rho": rho, "beta_2": beta_2, "one_minus_beta_2": 1 - beta_2}

    def rule(self, grad: Array, param: Array, slots: Slots, hyper: Numbers, t: Array) -> tuple[Array, Slots]:
        alpha = jnp.maximum(hyper["epsilon_2"], _rms(param)) * hyper["rho"]
        squares = jnp.square(grad) + hyper["epsilon_1"]

        def averaged(old: Array, new: Array) -> Array:
            return hyper["beta_2"] * old + hyper["one_minus_beta_2"] * new

        new: Slots = {}
        if param.ndim > 1:
            r = averaged(slots["r"], jnp.mean(squares, axis=-1))
            c = averaged(slots["c"], jnp.mean(squares, axis=-2))
            velocity = (r / jnp.mean(r, axis=-1, keepdims=True))[..., None] * c[..., None, :]
            new = {"r": r, "c": c}
        else:
            velocity = averaged(slots["velocity"], squares)
        u = grad / jnp.sqrt(velocity)
        step = alpha * (u / jnp.maximum(1, _rms(u) / hyper["clip_threshold"]))
        return param - step, {**new, "velocity": velocity}


def _rms(x: Array) -> Array:
    """Return the root mean square over all elements."""
    return jnp.sqrt(jnp.mean(jnp.square(x)))
