"""Runs a user's `update_step`, which reads and assigns Variables, as a pure step on trees of arrays.

A class in Keras's style overrides `build(variables)` and `update_step(gradient, variable, learning_rate)`. Here its
Variables are bound to the values of the state in a Scope of their own, and read back at the end.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import jax

from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.optimizers.stages import OptimizerState, Tree
from ranvier.state import scope
from ranvier.state.scope import Scope
from ranvier.state.variable import Variable

if TYPE_CHECKING:
    from ranvier.optimizers.base import Optimizer

__all__ = ["built_on", "fresh_slots", "step", "with_paths"]


def with_paths(build: Callable[[Any, Any], None]) -> Callable[..., None]:
    """Let a user's `build(self, variables)` also be called with `paths`, and while a step is being traced."""

    def run(self: Any, variables: Any, paths: Any = None) -> None:
        if paths is not None:
            self._given_paths = tuple(paths)
        with jax.ensure_compile_time_eval():
            build(self, variables)

    return run


def built_on(optimizer: Optimizer, params: Tree) -> Optimizer:
    """Return the optimizer itself when it is built, else a copy built on stand-ins for the parameters.

    Building the optimizer itself would tie it to the stand-ins; the copy's layout is the same each time.
    """
    if optimizer.built:
        return optimizer
    worker = copy.deepcopy(optimizer)
    stand_ins = [Variable(value, name=path.rsplit("/", 1)[-1]) for path, value in params.items()]
    worker.build(stand_ins, paths=list(params))
    return worker


def fresh_slots(optimizer: Optimizer, params: Tree) -> dict[str, dict[str, Array]]:
    """Return the slots as a user's `build` first made them."""
    worker = built_on(optimizer, params)
    slots: dict[str, dict[str, Array]] = jax.tree.map(worker.first_value, worker.variable_tree()["slots"])
    return slots


def step(optimizer: Optimizer, grads: Tree, params: Tree, state: OptimizerState) -> tuple[Tree, OptimizerState]:
    """Call `update_step` for each gradient with all Variables bound to `params` and `state`."""
    worker = built_on(optimizer, params)
    model, held = worker.model_variables, worker.variable_tree()
    if unknown := [path for path in params if path not in model]:
        raise InvalidArgument(
            "The optimizer was built on other parameters.",
            code="optimizer-paths",
            place=f"optimizer {optimizer.name!r}, {unknown[0]}",
            expected=", ".join(model),
            received=", ".join(params),
            fix="make a new optimizer for a new set of parameters",
        )
    outer = scope.active()
    values = dict(outer.values) if outer is not None else {}
    values |= {id(v): x for v, x in zip(jax.tree.leaves(held), jax.tree.leaves(state), strict=True)}
    values |= {id(model[path]): x for path, x in params.items()}
    key = outer.next_key() if outer is not None and outer.key is not None else None
    with scope.entered(Scope(values=values, key=key)):
        worker.advance_numbers()
        for path, gradient in grads.items():
            worker.update_step(gradient, model[path], state["hyper"]["learning_rate"])
        return {path: model[path].value for path in params}, jax.tree.map(lambda v: v.value, held)
