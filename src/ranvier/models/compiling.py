"""What `compile` captures, and the program that is built from it when the shapes of the data are known."""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass, field
from typing import Any

import jax

from ranvier import metrics, optimizers
from ranvier._errors import InvalidArgument, NotReady
from ranvier.engine.custom import CustomProgram
from ranvier.engine.objective import Objective
from ranvier.engine.program import Binding, Program
from ranvier.engine.train_state import Batch
from ranvier.layers import tracking
from ranvier.layers.base import Layer
from ranvier.metrics import Metric
from ranvier.optimizers import Optimizer
from ranvier.state import scope
from ranvier.state.symbolic import KerasTensor, infer

_log = logging.getLogger("ranvier")

__all__ = ["Compiled", "adds_losses", "build_for", "held_metrics", "note_ignored", "program_for", "symbolic_outputs"]


@dataclass
class Compiled:
    """The arguments of `compile` as given, and what was trainable at that moment.

    What is trainable is captured here, as a decade of tutorials assumes (compile D, freeze D, compile the stack): a
    documented deviation from Keras 3.
    """

    arguments: dict[str, Any]
    optimizer: Any
    trainable: dict[int, bool]
    variables: dict[int, bool]
    loss_tracker: Any
    programs: dict[Any, Program] = field(default_factory=dict)
    objectives: dict[Any, Objective] = field(default_factory=dict)
    objective: Objective | None = None
    structure: Any = None
    warned: bool = False
    advised: set[tuple[str, str]] = field(default_factory=set)

    @classmethod
    def capture(cls, model: Layer, arguments: dict[str, Any]) -> Compiled:
        """Take what `compile` was given and the layers' `trainable` of now."""
        layers = tracking.layers_by_path(model).values()
        variables = {id(v): v.trainable for layer in layers for v in layer.own_variables()}
        return cls(
            arguments,
            _chosen_optimizer(model, arguments),
            {id(layer): layer._trainable for layer in layers},
            variables,
            metrics.Mean(name="loss"),
        )

    def trainable_ids(self, model: Layer) -> frozenset[int]:
        """Return the identities of the variables that training changes."""
        chosen: set[int] = set()

        def visit(layer: Layer, above: bool) -> None:
            open_ = above and self.trainable.get(id(layer), layer._trainable)
            if open_:
                chosen.update(id(v) for v in layer.own_variables() if self.variables.get(id(v), v.trainable))
            for _, child in tracking.sublayers(layer):
                visit(child, open_)

        visit(model, True)
        return frozenset(chosen)

    def notice_changes(self, model: Layer) -> list[str]:
        """Name the layers whose `trainable` was set after `compile`, and say once that this has no effect yet."""
        layers = tracking.layers_by_path(model).values()
        changed = [
            layer.name
            for layer in layers
            if self.trainable.get(id(layer), layer._trainable) != layer._trainable
            or any(self.variables.get(id(v), v.trainable) != v.trainable for v in layer.own_variables())
        ]
        if changed and not self.warned:
            self.warned = True
            warnings.warn(
                f"`trainable` of {', '.join(changed[:5])} changed after compile(): training goes on with what was "
                "trainable then, as the critic of a GAN wants it. Call compile() again for the change to take effect.",
                stacklevel=3,
            )
        return changed


def _chosen_optimizer(model: Layer, arguments: dict[str, Any]) -> Any:
    """Return the optimizer that `compile` names, inside a LossScaleOptimizer where the model computes in float16."""
    optimizer = optimizers.get(arguments["optimizer"])
    wanted = arguments.get("auto_scale_loss", True) and model.dtype_policy.name == "mixed_float16"
    if optimizer is None or not wanted or isinstance(optimizer, optimizers.LossScaleOptimizer):
        return optimizer
    return optimizers.LossScaleOptimizer(optimizer, name="loss_scale_optimizer")


def note_ignored(steps_per_execution: int, jit_compile: str | bool) -> None:
    """Leave a debug note about arguments of `compile` that are accepted and change nothing."""
    if steps_per_execution != 1:
        _log.debug("steps_per_execution=%s has no effect: a trip takes as many steps as suit it", steps_per_execution)
    if jit_compile is False:
        _log.debug("jit_compile=False has no effect: pass run_eagerly=True to run without compiling")


def build_for(model: Any, x: Any) -> None:
    """Build a model for arrays (or their shapes) without computing anything."""
    if _steps_on_built_layers(model):
        return
    if not model.built or not all(layer.built for layer in tracking.layers_by_path(model).values()):
        symbolic_outputs(model, x, batch=None)


def _steps_on_built_layers(model: Any) -> bool:
    """Whether the model's own `train_step` finds all layers built: its data need not be what `call` takes."""
    parts = [layer for layer in tracking.layers_by_path(model).values() if layer is not model]
    own_step = not type(model).train_step.__module__.startswith("ranvier.")
    own_build = not type(model).build.__module__.startswith("ranvier.")
    return own_step and not own_build and bool(parts) and all(layer.built for layer in parts)


def symbolic_outputs(model: Any, x: Any, batch: int | None) -> Any:
    """Return the symbolic outputs of a model for inputs of these shapes, with the given number of rows."""

    def tensor(leaf: Any) -> KerasTensor:
        return KerasTensor((batch, *leaf.shape[1:]), str(leaf.dtype))

    symbolic = jax.tree_util.tree_map(tensor, x)
    model._build_if_needed((symbolic,), {})
    return model.compute_output_spec(symbolic)


def _is_custom(model: Any) -> bool:
    """Whether a user's class brings its own step or loss."""
    names = ["train_step", "test_step", "compute_loss", "compute_metrics"]
    return any(not getattr(type(model), name).__module__.startswith("ranvier.") for name in names)


def program_for(model: Any, example: Batch, purpose: str) -> Program:
    """Return the program for batches of these shapes, from the model's own when there is one."""
    state: Compiled = model._compiled
    if model.has_call:
        build_for(model, example.x)
    structure = getattr(model, "layer_graph", None)
    if structure is not state.structure:  # layers were added or taken away since
        state.programs.clear()
        state.objectives.clear()
        state.structure = structure
    kind = purpose, _kind(example)
    if kind not in state.programs:
        build = _custom_program if _is_custom(model) else _standard_program
        state.programs[kind] = build(model, example, purpose)
    return state.programs[kind]


def _kind(example: Batch) -> Any:
    """Return structure, shapes of a row, and dtypes of a batch."""
    leaves, structure = jax.tree_util.tree_flatten(example)
    return structure, tuple((leaf.ndim, leaf.shape[1:], str(leaf.dtype)) for leaf in leaves)


def _objective(model: Any, example: Batch) -> Objective:
    """Return losses and metrics for batches of this kind: the same objects in training and evaluation."""
    state: Compiled = model._compiled
    kind = _kind(example)
    if kind not in state.objectives:
        state.objectives[kind] = _resolved(model, example)
    state.objective = state.objectives[kind]
    return state.objective


def _resolved(model: Any, example: Batch) -> Objective:
    arguments = model._compiled.arguments
    rows = jax.tree_util.tree_leaves(example.x)[0].shape[0]
    y_pred = symbolic_outputs(model, example.x, batch=rows)
    return Objective(
        arguments["loss"],
        arguments["loss_weights"],
        arguments["metrics"],
        arguments["weighted_metrics"],
        model.output_names,
        example.y,
        y_pred,
        model._compiled.loss_tracker,
    )


def _binding(model: Any) -> Binding:
    return Binding(model, model._compiled.trainable_ids(model))


def _built_optimizer(state: Compiled, binding: Binding, name: str = "optimizer") -> Optimizer:
    optimizer: Optimizer = state.optimizer
    if not optimizer.built:
        optimizer.build(list(binding.params.values()), paths=list(binding.params))
    known = {path: v.shape for path, v in optimizer.model_variables.items()}
    unknown = sorted(path for path, v in binding.params.items() if known.get(path) != v.shape)
    if unknown:
        raise InvalidArgument(
            "The optimizer was built for other variables than the model trains now.",
            code="optimizer-variables",
            place=f"optimizer {optimizer.name!r}",
            expected=", ".join(optimizer.model_variables)[:300],
            received=f"{', '.join(f'{path} {binding.params[path].shape}' for path in unknown)}"[:300],
            fix="call compile() with a new optimizer after changing what is trainable or adding layers",
        )
    return optimizer


def _standard_program(model: Any, example: Batch, purpose: str) -> Program:
    build_for(model, example.x)
    objective = _objective(model, example)
    binding = _binding(model)
    optimizer = None
    if purpose == "train":
        _require_loss(objective, bool(model.losses) or adds_losses(model, example.x))
        optimizer = _built_optimizer(model._compiled, binding)
    return Program(model, optimizer, objective, binding, model._compiled.trainable)


def adds_losses(model: Any, x: Any) -> bool:
    """Whether a call of the model adds losses; found by abstract evaluation where its layers' classes do not tell."""
    layers = tracking.layers_by_path(model).values()
    if all(type(one).__module__.startswith("ranvier.") and one.activity_regularizer is None for one in layers):
        return False
    found: list[int] = []

    def call(x: Any) -> Any:
        outputs = Layer.__call__(model, x)
        running = scope.active()
        found.append(len(running.losses) if running is not None else 0)
        return outputs

    infer(call, jax.tree_util.tree_map(lambda leaf: KerasTensor(leaf.shape, str(leaf.dtype)), x))
    return bool(found and found[0])


def _custom_program(model: Any, example: Batch, purpose: str) -> CustomProgram:
    state: Compiled = model._compiled
    arguments = state.arguments
    if model.has_call:
        build_for(model, example.x)
        if arguments["loss"] is not None or arguments["metrics"] or arguments["weighted_metrics"]:
            _objective(model, example)
    binding = _binding(model)
    held = {name: o for name, o in tracking.owned(model, Optimizer) if name != "optimizer"}
    if state.optimizer is not None:
        if binding.params and model.has_call and purpose == "train":
            _built_optimizer(state, binding)
        held["optimizer"] = state.optimizer
    program = CustomProgram(model, held, model.metrics, state.objective, binding, state.trainable)
    program.discover(example, purpose)
    # The first trace may have built sublayers and slots: bind again with everything in place.
    binding = _binding(model)
    held = {name: o for name, o in held.items() if o.built}
    names = program.log_names
    program = CustomProgram(model, held, model.metrics, state.objective, binding, state.trainable)
    program.log_names = names
    return program


def held_metrics(model: Any) -> list[Metric]:
    """Return the metrics that a model holds as attributes."""
    return [metric for _, metric in tracking.owned(model, Metric)]


def _require_loss(objective: Objective, penalties: bool) -> None:
    """Raise when there is nothing to minimise."""
    if not objective.has_loss and not penalties:
        raise NotReady(
            "There is nothing to minimise.",
            code="no-loss",
            place="compile(loss=None)",
            expected="a loss, or layers that call add_loss",
            received="neither",
            fix='pass loss=... to compile, for example loss="mse"',
        )
