"""A model's variables as nested dicts of arrays, out and in, and its loss as a pure function of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from jax import tree_util

from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.state import scope
from ranvier.state.scope import Scope
from ranvier.state.variable import Variable, as_array

__all__ = ["get_state_tree", "set_state_tree", "stateless_compute_loss"]

_FORMATS = ("backend_tensor", "numpy_array")


def get_state_tree(model: Any, value_format: str = "backend_tensor") -> dict[str, Any]:
    """Return the values of all variables, nested by kind and by the parts of their paths.

    Args:
        model: a built model.
        value_format: `"backend_tensor"` for arrays on the device, `"numpy_array"` for arrays on the host.

    Raises:
        InvalidArgument: another format.

    Example:
        >>> from ranvier import Input, Sequential, layers
        >>> model = Sequential([Input((2,)), layers.Dense(1, name="d")])
        >>> tree = model.get_state_tree("numpy_array")
        >>> tree["trainable_variables"]["d"]["kernel"].shape
        (2, 1)
    """
    if value_format not in _FORMATS:
        raise InvalidArgument(
            "There is no such format of values.",
            code="value-format",
            place="get_state_tree(value_format=...)",
            expected=" or ".join(_FORMATS),
            received=repr(value_format),
        )
    tree: dict[str, Any] = {}
    for parts, variable in _named(model):
        branch = tree.setdefault(parts[0], {})
        for part in parts[1:-1]:
            branch = branch.setdefault(part, {})
        branch[parts[-1]] = np.asarray(variable.value) if value_format == "numpy_array" else variable.value
    return {kind: tree.get(kind, {}) for kind in _groups(model)}


def set_state_tree(model: Any, state_tree: Mapping[str, Any]) -> None:
    """Assign values that `get_state_tree` returned; kinds and variables that are left out keep theirs.

    Args:
        model: the model that they came from, or an equal one.
        state_tree: nested dicts of arrays.

    Raises:
        InvalidArgument: the tree holds a name that the model does not have.
    """
    known = {parts: variable for parts, variable in _named(model)}
    given = {
        tuple(str(key.key) for key in path): value for path, value in tree_util.tree_leaves_with_path(dict(state_tree))
    }
    unknown = sorted("/".join(parts) for parts in given if parts not in known)
    if unknown:
        raise InvalidArgument(
            "The state names variables that the model does not have.",
            code="state-tree",
            place=f"model {model.name!r}",
            expected=", ".join("/".join(parts) for parts in known)[:300],
            received=", ".join(unknown)[:300],
        )
    for parts, value in given.items():
        known[parts].assign(value)


def _groups(model: Any) -> dict[str, list[Variable]]:
    return {
        "trainable_variables": list(model.trainable_variables),
        "non_trainable_variables": list(model.non_trainable_variables),
        "optimizer_variables": list(getattr(model.optimizer, "variables", ())),
        "metrics_variables": list(model.metrics_variables),
    }


def _named(model: Any) -> Iterator[tuple[tuple[str, ...], Variable]]:
    """Yield each variable with its kind and path, numbered where paths repeat."""
    for kind, variables in _groups(model).items():
        taken: set[tuple[str, ...]] = set()
        for variable in variables:
            *above, last = variable.path.split("/")
            parts, number = (kind, *above, last), 0
            while parts in taken:
                number += 1
                parts = (kind, *above, f"{last}_{number}")
            taken.add(parts)
            yield parts, variable


def stateless_compute_loss(
    model: Any,
    trainable_variables: Any,
    non_trainable_variables: Any,
    metrics_variables: Any,
    x: Any = None,
    y: Any = None,
    y_pred: Any = None,
    sample_weight: Any = None,
    training: bool = True,
) -> tuple[Array, tuple[list[Any], list[Any], list[Any]]]:
    """Return `compute_loss` as a pure function of the variables' values, and their values after it.

    Args:
        model: a compiled model.
        trainable_variables: values in the order of `model.trainable_variables`.
        non_trainable_variables: values in the order of `model.non_trainable_variables`.
        metrics_variables: values in the order of `model.metrics_variables`.
        x: inputs.
        y: targets.
        y_pred: outputs for x.
        sample_weight: sample weights.
        training: as in `compute_loss`.
    """
    groups = (model.trainable_variables, model.non_trainable_variables, model.metrics_variables)
    given = (trainable_variables, non_trainable_variables, metrics_variables)
    pairs = [pair for group, values in zip(groups, given, strict=True) for pair in zip(group, values, strict=True)]
    running = Scope(values={id(variable): as_array(value) for variable, value in pairs}, training=training)
    with scope.entered(running):
        loss = model.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, training=training)
    fixed, measured = ([running.values[id(v)] for v in group] for group in groups[1:])
    return loss, (list(trainable_variables), fixed, measured)
