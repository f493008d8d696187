"""CosineDecay (with warm-up) and CosineDecayRestarts: half a cosine wave down, once or again and again.

Source: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017, equation 5;
warm-up: Goyal et al., "Accurate, large minibatch SGD", 2017.
"""

from __future__ import annotations

import math
from typing import Any, final

import jax.numpy as jnp

from ranvier._typing import Array
from ranvier.optimizers.schedules.base import LearningRateSchedule, check_steps, number, whole

__all__ = ["CosineDecay", "CosineDecayRestarts"]


@final
class CosineDecay(LearningRateSchedule):
    """Cosine decay, after a linear warm-up where `warmup_target` is given.

        warm-up, step < warmup_steps:
            learning_rate = initial_learning_rate + (warmup_target - initial_learning_rate) * step / warmup_steps
        then, with p = min(step - warmup_steps, decay_steps) / decay_steps and top = warmup_target:
            learning_rate = top * ((1 - alpha) * (1 + cos(pi * p)) / 2 + alpha)

    Without a warm-up `top` is `initial_learning_rate` and decay starts at step 0.

    Args:
        initial_learning_rate: the value at step 0.
        decay_steps: steps [updates] from top to end.
        alpha: the end value as a fraction of the top.
        name: display name.
        warmup_target: the top that the warm-up reaches; None for no warm-up.
        warmup_steps: steps [updates] of the warm-up.

    Raises:
        InvalidArgument: `decay_steps` is not positive.

    Numerics: integer arguments are taken as floats; Keras computes in integers then (`CosineDecay(0, ...)`).

    Example:
        >>> float(CosineDecay(1.0, decay_steps=10)(10))
        0.0
        >>> float(CosineDecay(0.0, decay_steps=10, warmup_target=1.0, warmup_steps=4)(1))
        0.25

    Source: Loshchilov and Hutter, 2017; Goyal et al., 2017.
    """

    keras_module = "keras.optimizers.schedules"

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        alpha: float = 0.0,
        name: str = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: float = 0,
    ) -> None:
        check_steps("decay_steps", decay_steps, "CosineDecay")
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.alpha = alpha
        self.name = name
        self.warmup_target = warmup_target
        self.warmup_steps = warmup_steps

    def __call__(self, step: Any) -> Array:
        now = number(step)
        if self.warmup_target is None:
            return self._decay(now, self.initial_learning_rate)
        decaying = self._decay(now - self.warmup_steps, self.warmup_target)
        if self.warmup_steps == 0:
            return decaying
        rise = number(self.warmup_target) - number(self.initial_learning_rate)
        warming = rise * (now / self.warmup_steps) + self.initial_learning_rate
        return jnp.where(now < self.warmup_steps, warming, decaying)

    def _decay(self, step: Array, top: float) -> Array:
        p = jnp.minimum(step, self.decay_steps) / self.decay_steps
        return top * ((1 - self.alpha) * (0.5 * (1.0 + jnp.cos(math.pi * p))) + self.alpha)


@final
class CosineDecayRestarts(LearningRateSchedule):
    """Cosine decay that starts again, each period `t_mul` times as long and `m_mul` times as high.

        i: the period that step is in, p in [0, 1): how far
        learning_rate = initial_learning_rate * ((1 - alpha) * m_mul ** i * (1 + cos(pi * p)) / 2 + alpha)

    Args:
        initial_learning_rate: the value at step 0.
        first_decay_steps: steps [updates] of the first period.
        t_mul: growth of the periods.
        m_mul: growth of their tops.
        alpha: the end value as a fraction of `initial_learning_rate`.
        name: display name.

    Raises:
        InvalidArgument: `first_decay_steps` is not positive.

    Example:
        >>> schedule = CosineDecayRestarts(1.0, first_decay_steps=10, t_mul=1.0, m_mul=0.5)
        >>> [float(schedule(step)) for step in (0, 10, 20)]
        [1.0, 0.5, 0.25]

    Source: Loshchilov and Hutter, 2017, equation 5.
    """

    keras_module = "keras.optimizers.schedules"

    def __init__(
        self,
        initial_learning_rate: float,
        first_decay_steps: float,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str = "SGDRDecay",
    ) -> None:
        check_steps("first_decay_steps", first_decay_steps, "CosineDecayRestarts")
        self.initial_learning_rate = initial_learning_rate
        self.first_decay_steps = first_decay_steps
        self.t_mul = t_mul
        self.m_mul = m_mul
        self.alpha = alpha
        self.name = name

    def __call__(self, step: Any) -> Array:
        i, p = self._period(number(step))
        wave = 0.5 * jnp.power(number(self.m_mul), i) * (1.0 + jnp.cos(math.pi * p))
        return self.initial_learning_rate * ((1 - self.alpha) * wave + self.alpha)

    def _period(self, step: Array) -> tuple[Array, Array]:
        """Return the period that a step is in and the fraction of it that has passed."""
        if self.t_mul == 1.0:
            i = whole(step, self.first_decay_steps)
            return i, (step - i * self.first_decay_steps) / self.first_decay_steps
        t_mul, lengths = number(self.t_mul), step / self.first_decay_steps
        # The periods before the i-th take 1 + t_mul + ... + t_mul ** (i - 1) units; the margin is for rounding.
        i = jnp.floor(jnp.log(1.0 - lengths * (1.0 - t_mul)) / jnp.log(t_mul) + 1e-5)
        before = (1.0 - jnp.power(t_mul, i)) / (1.0 - t_mul)
        return i, jnp.clip((lengths - before) / jnp.power(t_mul, i), 0.0, 1.0)
