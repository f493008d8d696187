"""A user's own training step as a pure function inside the same compiled loop.

Two idioms are understood: the stateful one, `train_step(self, data)` with `GradientTape`, optimizers and metrics that
change as they are used; and Keras's stateless one for JAX, `train_step(self, state, data)`, which returns new state.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp

from ranvier._typing import Array
from ranvier.engine.fingerprint import fingerprint
from ranvier.engine.merging import merged
from ranvier.engine.objective import Objective
from ranvier.engine.program import Binding, Program
from ranvier.engine.step import Step
from ranvier.engine.tape import recorded
from ranvier.engine.train_state import Batch, TrainState
from ranvier.layers.base import Layer
from ranvier.ops.core import traceable
from ranvier.state import scope
from ranvier.state.rng import step_key
from ranvier.state.scope import Scope
from ranvier.state.variable import Variable

__all__ = ["CustomProgram", "is_stateless", "packed"]


def packed(batch: Batch) -> Any:
    """Return a batch as Keras hands it to `train_step`: x, (x,) for several inputs, (x, y) or (x, y, sample_weight)."""
    if batch.weight is not None:
        return tuple(batch)
    if batch.y is None:
        return (batch.x,) if isinstance(batch.x, (list, tuple)) else batch.x
    return batch.x, batch.y


def is_stateless(method: Callable[..., Any]) -> bool:
    """Whether a step takes `(state, data)`, Keras's idiom for JAX."""
    parameters = inspect.signature(method).parameters.values()
    return sum(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters) == 2


class CustomProgram(Program):
    """A model with its own `train_step`, `test_step` or `compute_loss`.

    Args:
        model: the model; its steps are called as they are.
        optimizers: name to Optimizer, all that the model holds.
        metrics: all metrics that the model holds or was compiled with, its loss tracker first.
        objective: losses and metrics given to `compile`, where there are any.
        binding: the model's variables.
        layer_trainable: the layers' `trainable` as captured at `compile`.
    """

    instrumented = False

    def __init__(
        self,
        model: Layer,
        optimizers: Mapping[str, Any],
        metrics: list[Any],
        objective: Objective | None,
        binding: Binding,
        layer_trainable: Mapping[int, bool],
    ) -> None:
        self.optimizers, self.metrics = dict(optimizers), metrics
        self.tracked = {f"{number}/{m.name}": m for number, m in enumerate(metrics)}
        self.log_names: dict[str, Any] = {}
        self.model, self.binding, self.layer_trainable = model, binding, layer_trainable
        self.observer = None
        captured = tuple(layer_trainable.get(identity) for identity in binding.layer_paths)
        losses = () if objective is None else [(o.name, o.loss, o.weight) for o in objective.outputs]
        self.key = fingerprint(
            model.fingerprint_root(), "custom", captured, tuple(binding.params), self.optimizers, losses, self.tracked
        )

    # --- state -------------------------------------------------------------------------------------------------------

    def slots(self) -> dict[str, Any]:
        return {name: optimizer.variable_tree() for name, optimizer in self.optimizers.items() if optimizer.built}

    def totals(self) -> dict[str, list[Variable]]:
        """Return the metrics' variables."""
        return {name: list(metric.variables) for name, metric in self.tracked.items()}

    def zero(self) -> Any:
        """Return the metrics' totals after `reset_state`."""
        variables = self.totals()
        running = Scope(values={id(v): v.stored for group in variables.values() for v in group})
        with scope.entered(running):
            for metric in self.metrics:
                metric.reset_state()
        metrics = {name: [running.values[id(v)] for v in group] for name, group in variables.items()}
        return {"metrics": metrics, "logs": {name: jnp.zeros(s.shape, s.dtype) for name, s in self.log_names.items()}}

    def keep_totals(self, totals: Any) -> None:
        for name, group in self.totals().items():
            for variable, value in zip(group, totals["metrics"][name], strict=True):
                variable.store(value)

    def results(self, totals: Any) -> dict[str, Any]:
        """Return the logs of the last step: what the user's step returned."""
        logs: dict[str, Any] = totals["logs"]
        return logs

    def discover(self, example: Batch, purpose: str) -> None:
        """Trace the step once for its shapes: optimizers build their slots, and the names of the logs are learned."""

        def trace(batch: Batch) -> dict[str, Any]:
            state = self._everything()
            values = {id(v): jnp.zeros(v.shape, v.dtype) for v in state}
            return self._run(values, batch, jax.random.key(0), purpose)[1]

        self.log_names = jax.eval_shape(trace, example)

    def _everything(self) -> list[Variable]:
        trees = [self.binding.params, self.binding.buffers, self.slots(), self.totals()]
        return jax.tree_util.tree_leaves(trees, is_leaf=lambda n: isinstance(n, Variable))

    # --- steps -------------------------------------------------------------------------------------------------------

    def train_step(self) -> Step:
        return self._step("train")

    def test_step(self) -> Step:
        return self._step("test")

    def _step(self, purpose: str) -> Step:
        def step(state: TrainState, batch: Batch) -> tuple[TrainState, Array]:
            key = step_key(state.seed, state.step)
            values = self._bound(state)
            values, logs = self._run(values, batch, key, purpose)
            loss = jnp.asarray(logs.get("loss", 0.0), jnp.float32)
            new_state = self._unbound(values, state, logs)
            return new_state.replace(step=state.step + 1), jnp.mean(loss)

        return merged(step)

    def _bound(self, state: TrainState) -> dict[int, Array]:
        variables = (self.binding.params, self.binding.buffers, self.slots(), self.totals())
        values = (state.params, state.buffers, state.optimizers, state.totals["metrics"])
        leaves = jax.tree_util.tree_leaves(variables, is_leaf=lambda n: isinstance(n, Variable))
        return {id(v): value for v, value in zip(leaves, jax.tree_util.tree_leaves(values), strict=True)}

    def _unbound(self, values: dict[int, Array], state: TrainState, logs: dict[str, Any]) -> TrainState:
        def read(tree: Any) -> Any:
            return jax.tree_util.tree_map(lambda v: values[id(v)], tree, is_leaf=lambda n: isinstance(n, Variable))

        logs = {name: jnp.asarray(value) for name, value in logs.items()}
        return state.replace(
            params=read(self.binding.params),
            buffers=read(self.binding.buffers),
            optimizers=read(self.slots()),
            totals={"metrics": read(self.totals()), "logs": logs},
        )

    def _run(
        self, values: dict[int, Array], batch: Batch, key: Array, purpose: str
    ) -> tuple[dict[int, Array], dict[str, Any]]:
        """Run the user's step as a pure function; return all values after it, and its logs."""
        method = self.model.train_step if purpose == "train" else self.model.test_step  # type: ignore[attr-defined]
        data = packed(batch)

        def make_scope() -> Scope:
            # As in Keras, the user's step says `training=True` itself; without it a call is one of inference.
            return Scope(values=dict(values), key=key, paths=self.binding.layer_paths, trainable=self.layer_trainable)

        if is_stateless(method):
            with scope.entered(make_scope()) as running:
                with traceable(f"{method.__name__}()"):
                    logs, state = method(self._lists(running, purpose), data)
                self._assign_lists(running, state, purpose)
        else:
            with traceable(f"{method.__name__}()"):
                running, logs = recorded(make_scope, lambda: method(data))
        return running.values, _flat_logs(logs)

    def _lists(self, running: Scope, purpose: str) -> tuple[list[Any], ...]:
        return tuple([running.values.get(id(v), v.stored) for v in group] for group in self._groups(purpose))

    def _groups(self, purpose: str) -> list[list[Variable]]:
        """Return Keras's four position-matched lists of variables (three without the optimizer's for a test step)."""
        model: Any = self.model
        optimizer = self.optimizers.get("optimizer")
        groups = [
            list(self.binding.params.values()),
            list(self.binding.buffers.values()),
            [] if optimizer is None else list(optimizer.variables),
            list(model.metrics_variables),
        ]
        return groups if purpose == "train" else [groups[0], groups[1], groups[3]]

    def _assign_lists(self, running: Scope, state: Any, purpose: str) -> None:
        for variables, new in zip(self._groups(purpose), state, strict=True):
            for variable, value in zip(variables, new, strict=True):
                running.write(variable, value)


def _flat_logs(logs: Any) -> dict[str, Any]:
    """Return a step's logs as one flat dict of arrays."""
    flat: dict[str, Any] = {}
    for name, value in (logs or {}).items():
        flat |= _flat_logs(value) if isinstance(value, Mapping) else {name: jnp.asarray(value)}
    return flat
