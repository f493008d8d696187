"""Ftrl: follow the regularized leader, for sparse linear models.

Source: McMahan et al., "Ad click prediction: a view from the trenches", 2013.
"""

from __future__ import annotations

from typing import Any, Unpack, final

import jax.numpy as jnp

from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.optimizers.base import Common, LearningRate, Numbers, Optimizer, Slots

__all__ = ["Ftrl"]

_STRENGTHS = ("l1_regularization_strength", "l2_regularization_strength", "l2_shrinkage_regularization_strength")


@final
class Ftrl(Optimizer):
    """Ftrl-proximal, with l2 shrinkage.

        p = -learning_rate_power,    l2 = l2_regularization_strength + beta / (2 * learning_rate)
        n = accumulator + g ** 2
        shrinkage = 2 * l2_shrinkage_regularization_strength * w
        linear = linear + g + shrinkage - (n ** p - accumulator ** p) / learning_rate * w
        accumulator = n
        w = (clip(linear, -l1, l1) - linear) / (n ** p / learning_rate + 2 * l2)

    Args:
        learning_rate: step size: a number, a schedule, or a callable without arguments.
        learning_rate_power: how fast the steps shrink; 0 for not at all.
        initial_accumulator_value: where the sums of squares start.
        l1_regularization_strength: `l1` above; elements whose `linear` stays below it are exactly 0.
        l2_regularization_strength: penalty on `w ** 2`.
        l2_shrinkage_regularization_strength: the same through the gradient.
        beta: see the equation.
        common: the arguments of `Optimizer`, in its order.
        named: the same by name.

    Raises:
        InvalidArgument: a strength or the initial value is negative, or the power is positive.

    Example:
        >>> optimizer = Ftrl(learning_rate=1.0, initial_accumulator_value=0.0)
        >>> params = {"w": jnp.array(0.0)}
        >>> params, state = optimizer.update({"w": jnp.array(4.0)}, params, optimizer.init(params))
        >>> float(params["w"])  # -4 / sqrt(16)
        -1.0

    Source: McMahan et al., 2013, algorithm 1.
    """

    slot_groups = (("accumulator", "linear"),)

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0,
        beta: float = 0.0,
        *common: Any,
        **named: Unpack[Common],
    ) -> None:
        super().__init__(learning_rate, *common, **named)
        self.learning_rate_power = learning_rate_power
        self.initial_accumulator_value = initial_accumulator_value
        self.l1_regularization_strength = l1_regularization_strength
        self.l2_regularization_strength = l2_regularization_strength
        self.l2_shrinkage_regularization_strength = l2_shrinkage_regularization_strength
        self.beta = beta
        for name in ("initial_accumulator_value", *_STRENGTHS):
            _refuse(name, getattr(self, name), getattr(self, name) < 0, "zero or more")
        _refuse("learning_rate_power", learning_rate_power, learning_rate_power > 0, "zero or less")

    def numbers(self) -> dict[str, float]:
        own = {name: getattr(self, name) for name in ("learning_rate_power", *_STRENGTHS, "beta")}
        return {**super().numbers(), **own}

    def slots_for(self, param: Any) -> Slots:
        return {
            "accumulator": jnp.full_like(param, self.initial_accumulator_value),
            "linear": jnp.zeros_like(param),
        }

    def rule(self, grad: Array, param: Array, slots: Slots, hyper: Numbers, t: Array) -> tuple[Array, Slots]:
        rate, power = hyper["learning_rate"], -hyper["learning_rate_power"]
        l1, l2, shrinkage = (hyper[name] for name in _STRENGTHS)
        before, after = slots["accumulator"], slots["accumulator"] + jnp.square(grad)
        change = (jnp.power(after, power) - jnp.power(before, power)) / rate
        linear = slots["linear"] + (grad + 2 * shrinkage * param - change * param)
        quadratic = jnp.power(after, power) / rate + 2 * (l2 + hyper["beta"] / (2 * rate))
        moved = (jnp.clip(linear, -l1, l1) - linear) / quadratic
        return moved, {"accumulator": after, "linear": linear}


def _refuse(name: str, value: float, wrong: bool, expected: str) -> None:
    if wrong:
        raise InvalidArgument(
            f"Ftrl: {name} cannot be {value!r}.",
            code="optimizer-argument",
            place=f"Ftrl({name})",
            expected=expected,
            received=repr(value),
        )
