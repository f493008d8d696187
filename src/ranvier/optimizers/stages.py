"""What an optimizer does around its rule, as small pure functions that wrap one step.

A step takes gradients, parameters and the optimizer's state, all keyed by path, and returns new parameters and a new
state. Each function here takes a step and returns a step; a feature that is off is simply not wrapped around.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp

from ranvier._typing import Array

__all__ = [
    "ACCUMULATOR",
    "AVERAGE",
    "RATE",
    "OptimizerState",
    "Step",
    "Tree",
    "accumulated",
    "averaged",
    "constrained",
    "counted",
    "decayed",
    "scheduled",
    "unscaled",
    "with_gradients",
]

Tree: TypeAlias = dict[str, Array]
OptimizerState: TypeAlias = dict[str, Any]
"""`{"iterations": int scalar, "hyper": {name: float scalar}, "slots": {path: {slot: array}}}`."""
Step: TypeAlias = Callable[[Tree, Tree, OptimizerState], tuple[Tree, OptimizerState]]

RATE, AVERAGE, ACCUMULATOR = "learning_rate", "average", "gradient_accumulator"


def _with_slot(state: OptimizerState, slot: str, values: Tree) -> OptimizerState:
    """Return `state` with one slot of the given paths replaced."""
    slots = state["slots"]
    return {**state, "slots": {**slots, **{path: {**slots[path], slot: value} for path, value in values.items()}}}


def with_gradients(step: Step, change: Callable[[Tree, Tree], Tree]) -> Step:
    """Change the gradients first: `change(gradients, hyper) -> gradients`."""

    def run(grads: Tree, params: Tree, state: OptimizerState) -> tuple[Tree, OptimizerState]:
        return step(change(grads, state["hyper"]), params, state)

    return run


def unscaled(step: Step, factor: float) -> Step:
    """Divide the gradients by the factor by which the loss was multiplied: `g / factor`."""
    return with_gradients(step, lambda grads, _: {path: g / factor for path, g in grads.items()})


def decayed(step: Step, decays: Callable[[str], bool], number: Callable[[Mapping[str, Array]], str]) -> Step:
    """Shrink the parameters before the step: `w - w * weight_decay * learning_rate` (Loshchilov and Hutter, 2019).

    Args:
        step: the step that follows.
        decays: whether the parameter at a path shrinks.
        number: a parameter's slots to the name of its `weight_decay` among the numbers; it stays where there is none.
    """

    def run(grads: Tree, params: Tree, state: OptimizerState) -> tuple[Tree, OptimizerState]:
        hyper, shrunk = state["hyper"], dict(params)
        for path in filter(decays, grads):
            w, rate = params[path], hyper.get(number(state["slots"].get(path, {})))
            if rate is not None:
                shrunk[path] = w - w * rate.astype(w.dtype) * hyper[RATE].astype(w.dtype)
        return step(grads, shrunk, state)

    return run


def accumulated(step: Step, steps: int) -> Step:
    """Take `step` in every `steps`-th call, with the mean of the gradients since the last one.

    The step is computed in every call and selected: that keeps one straight program, also under `vmap`.
    """

    def run(grads: Tree, params: Tree, state: OptimizerState) -> tuple[Tree, OptimizerState]:
        due = (state["iterations"] + 1) % steps == 0
        sums = {path: g + state["slots"][path][ACCUMULATOR] for path, g in grads.items()}
        stepped = step({path: total / steps for path, total in sums.items()}, params, state)
        params, state = jax.tree.map(lambda new, old: jnp.where(due, new, old), stepped, (params, state))
        kept = {
            path: jnp.where(due, jnp.zeros_like(total), total).astype(state["slots"][path][ACCUMULATOR].dtype)
            for path, total in sums.items()
        }
        return params, _with_slot(state, ACCUMULATOR, kept)

    return run


def averaged(step: Step, every: int | None, rounds: Callable[[Array], Array]) -> Step:
    """Keep the exponential moving average of the parameters, and put it in their place each `every` rounds.

        average = momentum * average + (1 - momentum) * w,    momentum = 0 in the first round

    Args:
        step: the step whose result is averaged.
        every: rounds between two overwrites of the parameters; None for never.
        rounds: calls made before this one to rounds completed.

    Source: Polyak and Juditsky, 1992.
    """

    def run(grads: Tree, params: Tree, state: OptimizerState) -> tuple[Tree, OptimizerState]:
        params, state = step(grads, params, state)
        round_ = rounds(state["iterations"])
        momentum = jnp.where(round_ == 0, 0.0, state["hyper"]["ema_momentum"])
        averages = {}
        for path, w in params.items():
            beta = momentum.astype(w.dtype)
            averages[path] = beta * state["slots"][path][AVERAGE] + (1 - beta) * w
        if every:
            due = (round_ + 1) % every == 0
            params = {path: jnp.where(due, averages[path], w) for path, w in params.items()}
        return params, _with_slot(state, AVERAGE, averages)

    return run


def constrained(step: Step, constraints: Mapping[str, Callable[[Array], Array]]) -> Step:
    """Project the parameters that got a gradient onto their constraints, after the step."""

    def run(grads: Tree, params: Tree, state: OptimizerState) -> tuple[Tree, OptimizerState]:
        params, state = step(grads, params, state)
        projected = {
            path: constraints[path](params[path]).astype(params[path].dtype) for path in grads if path in constraints
        }
        return {**params, **projected}, state

    return run


def scheduled(step: Step, schedule: Callable[[Array], Array]) -> Step:
    """Set the learning rate from the number of calls so far."""

    def run(grads: Tree, params: Tree, state: OptimizerState) -> tuple[Tree, OptimizerState]:
        rate = schedule(state["iterations"]).astype(state["hyper"][RATE].dtype)
        return step(grads, params, {**state, "hyper": {**state["hyper"], RATE: rate}})

    return run


def counted(step: Step) -> Step:
    """Count the call."""

    def run(grads: Tree, params: Tree, state: OptimizerState) -> tuple[Tree, OptimizerState]:
        params, state = step(grads, params, state)
        return params, {**state, "iterations": state["iterations"] + 1}

    return run
