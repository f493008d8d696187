"""Program: a model and its compile arguments as pure functions of arrays, bound by structural paths."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from ranvier._typing import Array
from ranvier.engine.fingerprint import fingerprint
from ranvier.engine.objective import Objective
from ranvier.engine.scaling import make_scaled_train_step
from ranvier.engine.step import Step, make_test_step, make_train_step
from ranvier.engine.train_state import Batch, TrainState, seed_data
from ranvier.layers import tracking
from ranvier.layers.base import Layer
from ranvier.state import masking, rng, scope, threefry
from ranvier.state.scope import Scope
from ranvier.state.variable import Variable, materialize

__all__ = ["Binding", "Effects", "Program"]


class Effects(NamedTuple):
    """What a forward pass leaves behind beside its outputs."""

    buffers: dict[str, Array]
    penalty: Array
    masks: list[Any]


class Binding:
    """The variables of a model under their structural paths, and what training may change.

    Args:
        model: the root; paths are relative to it.
        trainable: identities of the variables that training changes; None asks the model now.
    """

    def __init__(self, model: Layer, trainable: frozenset[int] | None = None) -> None:
        self.model = model
        layers = tracking.layers_by_path(model)
        self.layer_paths = {id(layer): path for path, layer in layers.items()}
        variables = tracking.variables_by_path(model)
        if trainable is None:
            trainable = frozenset(id(v) for v in model.trainable_variables)
        self.params = {path: v for path, v in variables.items() if id(v) in trainable}
        self.buffers = {path: v for path, v in variables.items() if id(v) not in trainable}

    def scope(
        self, params: Mapping[str, Array], buffers: Mapping[str, Array], key: Array | None, training: bool
    ) -> Scope:
        """Return a Scope in which the model's variables have the given values."""
        values = {id(v): params[path] for path, v in self.params.items()}
        values |= {id(v): buffers[path] for path, v in self.buffers.items()}
        return Scope(values=values, key=key, training=training, paths=self.layer_paths)

    def materialize(self, seed: int | None) -> None:
        """Draw the first values of variables that nobody has seen; `seed` and paths decide them when given."""
        pending = {path: v for path, v in {**self.params, **self.buffers}.items() if v.pending}
        if seed is None:
            materialize(list(pending.values()), [rng.global_key() for _ in pending])
            return
        key = threefry.fold_in(rng.base_key(seed), rng.stable_hash("initial weights"))
        materialize(list(pending.values()), [threefry.fold_in(key, rng.stable_hash(path)) for path in pending])

    def read(self) -> tuple[dict[str, Array], dict[str, Array]]:
        """Return the variables' values: params and buffers."""
        return {p: v.stored for p, v in self.params.items()}, {p: v.stored for p, v in self.buffers.items()}


class Program:
    """The pure functions of a compiled model: forward, loss, update, measure.

    Args:
        model: the root layer.
        optimizer: an Optimizer, built for the trainable variables.
        objective: losses and metrics.
        binding: the variables by path.
        layer_trainable: the layers' `trainable` as captured at `compile`.
    """

    instrumented = True
    """Whether forward, loss and gradients can be looked at one by one."""

    def __init__(
        self,
        model: Layer,
        optimizer: Any,
        objective: Objective,
        binding: Binding,
        layer_trainable: Mapping[int, bool],
    ) -> None:
        self.model, self.optimizer, self.objective, self.binding = model, optimizer, objective, binding
        self.layer_trainable = layer_trainable
        self.constraints = {p: v.constraint for p, v in binding.params.items() if v.constraint is not None}
        self.penalized = [v for v in binding.params.values() if v.regularizer is not None]
        self.observer: Callable[[Any, str, Any], None] | None = None
        self.key = self._key()

    def _key(self) -> Hashable:
        """Return what the traced code of all functions depends on."""
        captured = tuple(self.layer_trainable.get(identity) for identity in self.binding.layer_paths)
        objective = self.objective
        several = len(objective.outputs) > 1  # only then are the names keys of the totals
        parts = [(o.name if several else "", o.loss, o.weight) for o in objective.outputs]
        measured = [(m.name, m.metric, m.output, m.weighted) for m in objective.metrics]
        return fingerprint(
            self.model.fingerprint_root(), captured, tuple(self.binding.params), parts, measured, self.optimizer
        )

    @contextmanager
    def observed(self, observer: Callable[[Any, str, Any], None]) -> Iterator[None]:
        """Tell `observer(layer, path, outputs)` about each layer's call inside the `with` block."""
        self.observer = observer
        try:
            yield
        finally:
            self.observer = None

    # --- the textbook's functions ------------------------------------------------------------------------------------

    def forward(
        self, params: dict[str, Array], buffers: dict[str, Array], x: Any, key: Array, training: bool
    ) -> tuple[Any, Effects]:
        """Return the outputs, the new buffers and the sum of added losses and weight penalties."""
        running = self.binding.scope(params, buffers, key, training)
        running.trainable = self.layer_trainable
        running.observer = self.observer
        with scope.entered(running):
            y_pred = self.model(x)
            masks = [masking.of(leaf) for leaf in jax.tree_util.tree_leaves(y_pred)]
            penalty = jnp.zeros((), jnp.float32)
            for value in running.losses:
                penalty = penalty + value
            for variable in self.penalized:
                penalty = penalty + variable.regularizer(variable.value)
        new_buffers = {path: running.values[id(v)] for path, v in self.binding.buffers.items()}
        return y_pred, Effects(new_buffers, penalty, masks)

    @jax.named_scope("loss")
    def loss(self, y_true: Any, y_pred: Any, weight: Any, masks: Any = None) -> tuple[Array, Any]:
        """Return the data's loss and its parts per output."""
        with scope.entered(_masked(y_pred, masks)):
            return self.objective.loss(y_true, y_pred, weight)

    @jax.named_scope("optimizer")
    def update(
        self, grads: dict[str, Array], params: dict[str, Array], optimizers: dict[str, Any]
    ) -> tuple[dict[str, Array], dict[str, Any]]:
        """Return new parameters and optimizer state."""
        new_params, state = self.optimizer.update(grads, params, optimizers["optimizer"], self.constraints)
        return new_params, {"optimizer": state}

    def loss_scale(self, optimizers: dict[str, Any]) -> Array:
        """Return by how much the loss is multiplied before it is differentiated."""
        scale: Array = self.optimizer.loss_scale(optimizers["optimizer"])
        return scale

    @jax.named_scope("metrics")
    def measure(self, totals: Any, batch: Batch, y_pred: Any, loss: Array, parts: Any, masks: Any = None) -> Any:
        """Return the totals of losses and metrics with one batch added."""
        with scope.entered(_masked(y_pred, masks)):
            return self.objective.measure(totals, batch, y_pred, loss, parts)

    # --- what the loop runs ------------------------------------------------------------------------------------------

    def train_step(self) -> Step:
        """Return the training step, with its loss scaled where the optimizer wants that."""
        return make_scaled_train_step(self) if self.optimizer.scales_loss else make_train_step(self)

    def test_step(self) -> Step:
        """Return the evaluation step."""
        return make_test_step(self)

    def zero(self) -> Any:
        """Return the totals at the start of an epoch."""
        return self.objective.zero()

    def results(self, totals: Any) -> dict[str, Any]:
        """Return the value of each loss and metric."""
        return self.objective.results(totals)

    # --- checking state out of the variables and in again ------------------------------------------------------------

    def slots(self) -> dict[str, Any]:
        """Return the optimizer's Variables, nested as its state."""
        return {} if self.optimizer is None else {"optimizer": self.optimizer.variable_tree()}

    def check_out(self, seed: int, step: int = 0) -> TrainState:
        """Return the state that the variables hold now, with totals at zero."""
        params, buffers = self.binding.read()
        optimizers = jax.tree_util.tree_map(lambda v: v.stored, self.slots(), is_leaf=_is_variable)
        return TrainState(jnp.asarray(step, jnp.int32), seed_data(seed), params, buffers, optimizers, self.zero())

    def check_in(self, state: TrainState) -> None:
        """Store the state's values into the variables."""
        for path, variable in self.binding.params.items():
            variable.store(state.params[path])
        for path, variable in self.binding.buffers.items():
            variable.store(state.buffers[path])
        jax.tree_util.tree_map(lambda v, value: v.store(value), self.slots(), state.optimizers, is_leaf=_is_variable)
        self.keep_totals(state.totals)

    def keep_totals(self, totals: Any) -> None:
        """Store the totals into the metrics' variables, so that `metric.result()` tells what the logs told."""
        self.objective.keep(totals)

    def refreshed(self, state: TrainState) -> TrainState:
        """Return the state with what somebody assigned to the variables since it was checked in."""
        params, buffers = self.binding.read()
        optimizers = jax.tree_util.tree_map(lambda v: v.stored, self.slots(), is_leaf=_is_variable)
        return state.replace(params=params, buffers=buffers, optimizers=optimizers)


def _masked(y_pred: Any, masks: Any) -> Scope:
    """Return a Scope in which the outputs have the masks that the forward pass gave them."""
    leaves = jax.tree_util.tree_leaves(y_pred)
    pairs = zip(leaves, masks or [None] * len(leaves), strict=True)
    return Scope(masks={id(leaf): (leaf, mask) for leaf, mask in pairs if mask is not None})


def _is_variable(node: Any) -> bool:
    return isinstance(node, Variable)
