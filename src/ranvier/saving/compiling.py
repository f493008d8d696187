"""What a model was compiled with, to Keras's `compile_config` and back, and the optimizer's variables for its state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp

from ranvier import losses, metrics, optimizers
from ranvier._errors import RanvierError
from ranvier.layers import tracking
from ranvier.saving import blueprint
from ranvier.saving.audit import Limits
from ranvier.saving.notices import tell
from ranvier.saving.objects import CustomObjectScope
from ranvier.saving.weights import check_budget

__all__ = ["build_optimizer", "compile_config", "compile_from"]

_ARGUMENTS = (
    "optimizer",
    "loss",
    "loss_weights",
    "metrics",
    "weighted_metrics",
    "run_eagerly",
    "steps_per_execution",
    "jit_compile",
)
_BY_SHAPE = frozenset({"acc", "accuracy", "ce", "crossentropy"})
"""Names whose meaning depends on the shapes of the data."""


def compile_config(model: Any) -> dict[str, Any]:
    """Return the arguments of `compile` as plain data; empty when the model is not compiled.

    An argument that has no configuration (an Optax transformation, a lambda) is left out of the file with a warning:
    the model is then loaded uncompiled.

    Args:
        model: has `compiled`, `optimizer` and `compile_arguments`, what a person passed to `compile`.
    """
    if not getattr(model, "compiled", False):
        return {}
    arguments = {**model.compile_arguments, "optimizer": model.optimizer}
    try:
        config = {name: blueprint.serialize(arguments.get(name)) for name in _ARGUMENTS}
    except RanvierError as error:
        tell(f"The model is saved without what it was compiled with, so compile it again after loading: {error}")
        return {}
    # Keras's own defaults stand where Ranvier has nothing to say.
    config["run_eagerly"] = bool(config["run_eagerly"])
    config["steps_per_execution"] = config["steps_per_execution"] or 1
    return config


def compile_from(model: Any, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> None:
    """Compile a model as its file says; the optimizer's variables come with `build_optimizer`.

    Args:
        model: a built model.
        config: what `compile_config` returned, or Keras's `compile_config`.
        custom_objects: the caller's own names.
    """
    readers: dict[str, Callable[[Any], Any]] = {
        "optimizer": optimizers.get,
        "loss": losses.get,
        "metrics": metrics.get,
        "weighted_metrics": metrics.get,
    }
    # How Keras runs its steps says nothing about ours.
    names = [name for name in _ARGUMENTS[:-2] if config.get(name) is not None]
    with CustomObjectScope(custom_objects):
        model.compile(**{name: _read(config[name], readers.get(name)) for name in names})


def build_optimizer(model: Any, place: str, limits: Limits) -> None:
    """Create the optimizer's variables for the model's trainable ones, so that its state can be read.

    Args:
        model: a built, compiled model.
        place: the file and entry that described it.
        limits: the byte budget for the weights and the optimizer's state together.

    Raises:
        FileRefused: they would not fit the budget.
    """
    optimizer = getattr(model, "optimizer", None)
    if optimizer is None or not model.built:
        return
    paths = {id(variable): path for path, variable in tracking.variables_by_path(model).items()}
    chosen = {paths[id(variable)]: variable for variable in model.trainable_variables}
    described = {path: jax.ShapeDtypeStruct(v.shape, jnp.dtype(v.dtype)) for path, v in chosen.items()}
    state = jax.tree_util.tree_leaves(jax.eval_shape(optimizer.init, described))
    check_budget(model, place, limits, more=sum(leaf.size * leaf.dtype.itemsize for leaf in state))
    optimizer.build(list(chosen.values()), list(chosen))


def _read(value: Any, get: Callable[[Any], Any] | None) -> Any:
    """Return objects for configurations; names stay names, because `compile` reads them by the model's outputs."""
    if isinstance(value, Mapping):
        if "class_name" in value and get is not None:
            return get(value)
        return {key: _read(item, get) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_read(item, get) for item in value]
    if isinstance(value, str) and get is not None and value not in _BY_SHAPE:
        get(value)  # a name that means nothing is refused now, not at the next fit
    return value
