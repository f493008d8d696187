"""Muon: the momentum of a matrix, made nearly orthogonal; AdamW for everything that is no matrix.

Source: Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024; scaling: Liu et al., "Muon is
scalable for LLM training", 2025.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, final

import jax.numpy as jnp

from ranvier._typing import Array
from ranvier.optimizers.base import LearningRate, Numbers, Optimizer, Slots

__all__ = ["Muon"]


@final
class Muon(Optimizer):
    """Muon for matrices, AdamW for other shapes, for embeddings, and for what `exclude_layers` names.

        momentum_now = momentum * momentum_before + g
        u = g + momentum * momentum_now with nesterov, else momentum_now
        x = u / |u|, wide; ns_steps times: a = x @ x.T,    x = muon_a * x + (muon_b * a + muon_c * a @ a) @ x
        w = w - learning_rate * x * sqrt(max(rows, columns)) * rms_rate

    Args:
        learning_rate: step size: a number, a schedule, or a callable without arguments.
        adam_beta_1: AdamW's decay of the mean gradient.
        adam_beta_2: AdamW's decay of the mean square.
        adam_weight_decay: weight decay of what AdamW updates; None for none.
        epsilon: added to AdamW's root.
        weight_decay: weight decay of the matrices; None for none.
        clipnorm: see `Optimizer`, as all others up to `name`.
        exclude_layers: patterns, searched for in a variable's path, for AdamW.
        exclude_embeddings: AdamW for variables with "embedding" in their path.
        muon_a: first coefficient of the iteration.
        muon_b: second coefficient.
        muon_c: third coefficient.
        adam_lr_ratio: AdamW's learning rate as a part of `learning_rate`.
        momentum: decay of the momentum.
        ns_steps: iterations that make the update orthogonal.
        nesterov: look ahead.
        rms_rate: root mean square of the elements of a step per unit of learning rate; None leaves `x` as it is.

    Example:
        >>> optimizer = Muon(learning_rate=0.1, weight_decay=None, ns_steps=0, rms_rate=None, nesterov=False)
        >>> params = {"w": jnp.array([[1.0, 1.0]])}
        >>> params, state = optimizer.update({"w": jnp.array([[3.0, 4.0]])}, params, optimizer.init(params))
        >>> [round(float(w), 4) for w in params["w"][0]]  # 1 - 0.1 * 3 / 5 and 1 - 0.1 * 4 / 5
        [0.94, 0.92]

    Source: Jordan et al., 2024; Liu et al., 2025, equation 4.
    """

    slot_groups = (("momentum", "velocity"),)
    decay_numbers = ("weight_decay", "adam_weight_decay")

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        adam_beta_1: float = 0.9,
        adam_beta_2: float = 0.999,
        adam_weight_decay: float | None = 0.004,
        epsilon: float = 1e-7,
        weight_decay: float | None = 0.004,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        exclude_layers: Sequence[str] | None = None,
        exclude_embeddings: bool = True,
        muon_a: float = 3.4445,
        muon_b: float = -4.7750,
        muon_c: float = 2.0315,
        adam_lr_ratio: float = 1,
        momentum: float = 0.95,
        ns_steps: int = 5,
        nesterov: bool = True,
        rms_rate: float | None = 0.2,
        **kwargs: Any,
    ) -> None:
        shared = (weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum, ema_overwrite_frequency)
        super().__init__(learning_rate, *shared, loss_scale_factor, gradient_accumulation_steps, name, **kwargs)
        self.adam_beta_1, self.adam_beta_2, self.epsilon = adam_beta_1, adam_beta_2, epsilon
        self.adam_weight_decay, self.adam_lr_ratio = adam_weight_decay, adam_lr_ratio
        self.muon_a, self.muon_b, self.muon_c, self.ns_steps = muon_a, muon_b, muon_c, ns_steps
        self.momentum, self.nesterov, self.rms_rate = momentum, nesterov, rms_rate
        self.exclude_layers, self.exclude_embeddings = list(exclude_layers or ()), exclude_embeddings

    def numbers(self) -> dict[str, float]:
        numbers = {**super().numbers(), **{name: getattr(self, name) for name in _DATA}}
        differences = {f"one_minus_{beta}": 1 - numbers[beta] for beta in ("adam_beta_1", "adam_beta_2")}
        rms = {} if self.rms_rate is None else {"rms_rate": self.rms_rate}
        return {**numbers, **differences, **rms, "momentum_minus_one": self.momentum - 1}

    def _by_adam(self, path: str, param: Any) -> bool:
        """Whether AdamW updates a parameter."""
        owner = self._model.get(path)
        place = path if owner is None else f"{path} {owner.path}"
        if len(param.shape) != 2 or (self.exclude_embeddings and "embedding" in place.lower()):
            return True
        return any(re.search(pattern, place) for pattern in self.exclude_layers)

    def _first_slots(self, params: Mapping[str, Any]) -> dict[str, Slots]:
        slots = super()._first_slots(params)
        for path, param in params.items():
            own = ("momentum", "velocity") if self._by_adam(path, param) else ("momentum",)
            slots[path] |= {slot: jnp.zeros_like(param) for slot in own}
        return slots

    def decay_number(self, slots: Mapping[str, Array]) -> str:
        return "adam_weight_decay" if "velocity" in slots else "weight_decay"

    def prepare(self, hyper: Numbers, t: Array) -> dict[str, Array]:
        beta_1_power, beta_2_power = jnp.power(hyper["adam_beta_1"], t), jnp.power(hyper["adam_beta_2"], t)
        rate = hyper["learning_rate"] * hyper["adam_lr_ratio"]
        return {"alpha": rate * jnp.sqrt(1 - beta_2_power) / (1 - beta_1_power)}

    def rule(self, grad: Array, param: Array, slots: Slots, hyper: Numbers, t: Array) -> tuple[Array, Slots]:
        momentum = slots["momentum"]
        if "velocity" in slots:
            momentum = momentum + (grad - momentum) * hyper["one_minus_adam_beta_1"]
            velocity = slots["velocity"] + (jnp.square(grad) - slots["velocity"]) * hyper["one_minus_adam_beta_2"]
            step = momentum * hyper["alpha"] / (jnp.sqrt(velocity) + hyper["epsilon"])
            return param - step, {"momentum": momentum, "velocity": velocity}
        momentum = momentum + (grad + momentum * hyper["momentum_minus_one"])
        step = hyper["learning_rate"] * self._orthogonal(
            grad + hyper["momentum"] * momentum if self.nesterov else momentum, hyper
        )
        if self.rms_rate is not None:
            step = step * math.sqrt(max(param.shape)) * hyper["rms_rate"]
        return param - step, {"momentum": momentum}

    def _orthogonal(self, u: Array, hyper: Numbers) -> Array:
        """Return a matrix with the singular vectors of `u` and singular values near 1, by Newton-Schulz iteration."""
        tall = u.shape[0] > u.shape[1]
        x = u.T if tall else u
        x = x / (jnp.sqrt(jnp.sum(jnp.square(x))) + 1e-7)
        for _ in range(self.ns_steps):
            a = x @ x.T
            x = hyper["muon_a"] * x + (hyper["muon_b"] * a + hyper["muon_c"] * a @ a) @ x
        return x.T if tall else x


_DATA = ("adam_beta_1", "adam_beta_2", "epsilon", "muon_a", "muon_b", "muon_c", "adam_lr_ratio", "momentum")
"""Arguments that are data in the state."""
