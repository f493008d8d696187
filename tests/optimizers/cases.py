"""One row per optimizer and option that changes its program; a new optimizer is one more row."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import optax

from ranvier.optimizers import (
    SGD,
    Adadelta,
    Adafactor,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    Ftrl,
    Lamb,
    Lion,
    LossScaleOptimizer,
    MultiOptimizer,
    Muon,
    Nadam,
    OptaxOptimizer,
    Optimizer,
    OptimizerMap,
    RMSprop,
    ScheduleFreeAdamW,
)
from ranvier.optimizers.schedules import CosineDecay


class UsersMomentum(Optimizer):
    """Momentum in Keras's style, as a user writes it."""

    def __init__(self, learning_rate: Any = 0.01, momentum: float = 0.9, **kwargs: Any) -> None:
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.momentum = momentum

    def build(self, variables: Any) -> None:
        if self.built:
            return
        super().build(variables)
        self.momentums = [self.add_variable_from_reference(v, name="momentum") for v in variables]

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        m = self.momentums[self._get_variable_index(variable)]
        rate = learning_rate.astype(variable.dtype)
        self.assign(m, m * self.momentum - gradient.astype(variable.dtype) * rate)
        self.assign_add(variable, m)


@dataclass(frozen=True)
class Case:
    """An optimizer, and the learning rate with which it reaches the valley of Rosenbrock's function."""

    name: str
    make: Callable[..., Any]
    rate: float
    users: bool = False
    rated: bool = True
    """Whether the learning rate is a number in the state."""
    parabola: float = 0.01
    """The learning rate for the parabola, where it is larger."""
    left: float = 0.01
    """What may be left of Rosenbrock's function: relative steps are never small beside the valley's width."""
    relative: bool = False
    """Whether steps are parts of the parameter, which then keeps its sign when it is a single number."""


def _wrapped(rate: float = 0.01) -> Any:
    return OptaxOptimizer(optax.chain(optax.clip_by_global_norm(10.0), optax.adam(rate)))


def _several(rate: float = 0.01) -> Any:
    return MultiOptimizer(OptimizerMap(Adam(rate), {".*kernel": SGD(rate)}))


CASES = [
    Case("SGD", SGD, 1e-3),
    Case("SGD momentum", lambda rate=0.01: SGD(rate, momentum=0.9), 2e-4),
    Case("SGD nesterov", lambda rate=0.01: SGD(rate, momentum=0.9, nesterov=True), 2e-4),
    Case("RMSprop", RMSprop, 1e-3),
    Case("RMSprop centered", lambda rate=0.01: RMSprop(rate, momentum=0.5, centered=True), 1e-4),
    Case("Adagrad", Adagrad, 0.5),
    Case("Adam", Adam, 0.01),
    Case("Adam amsgrad", lambda rate=0.01: Adam(rate, amsgrad=True), 0.02),
    Case("AdamW", lambda rate=0.01: AdamW(rate, weight_decay=1e-4), 0.01),
    Case("Nadam", Nadam, 0.01),
    Case("Adadelta", Adadelta, 0.1, parabola=10.0),
    Case("Adafactor", Adafactor, 0.1, relative=True, left=0.02),
    Case("Adamax", Adamax, 0.01),
    Case("Ftrl", Ftrl, 0.5),
    Case("Lamb", Lamb, 0.001, relative=True),
    Case("Lion", Lion, 1e-3),
    Case("Muon", Muon, 0.01),
    Case("ScheduleFreeAdamW", ScheduleFreeAdamW, 0.05),
    Case("LossScaleOptimizer", lambda rate=0.01: LossScaleOptimizer(Adam(rate), 1.0, 10**6), 0.01),
    Case("MultiOptimizer", _several, 0.01, rated=False),
    Case("decay", lambda rate=0.01: Adam(rate, weight_decay=1e-5), 0.01),
    Case("clipnorm", lambda rate=0.01: SGD(rate, clipnorm=5.0), 2e-3),
    Case("clipvalue", lambda rate=0.01: SGD(rate, clipvalue=5.0), 2e-3),
    Case("global_clipnorm", lambda rate=0.01: SGD(rate, global_clipnorm=5.0), 2e-3),
    Case("ema", lambda rate=0.01: Adam(rate, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=10), 0.03),
    Case("accumulation", lambda rate=0.01: Adam(rate, gradient_accumulation_steps=2), 0.02),
    Case("schedule", lambda rate=0.01: Adam(CosineDecay(rate, 4000, alpha=0.1)), 0.02, rated=False),
    Case("Optax", _wrapped, 0.01, rated=False),
    Case("user's", UsersMomentum, 2e-4, users=True),
    Case(
        "user's with options",
        lambda rate=0.01: UsersMomentum(
            rate, use_ema=True, gradient_accumulation_steps=2, weight_decay=1e-5, clipnorm=100.0
        ),
        4e-4,
        users=True,
    ),
]
