"""A layer as a pure function of its variables: Keras's stateless idiom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp

from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.layers import tracking
from ranvier.state import scope, threefry
from ranvier.state.scope import Scope
from ranvier.state.variable import Variable, as_array

if TYPE_CHECKING:
    from ranvier.layers.base import Layer

__all__ = ["stateless_call"]


def stateless_call(
    layer: Layer, trainable: Any, non_trainable: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, list[Array], list[Array]]:
    """Return outputs, the new values of the non-trainable variables, and the added losses and penalties."""
    fixed = layer.non_trainable_variables
    values = _bound(layer, layer.trainable_variables, trainable, "trainable_variables")
    key = _pure_key(list(values.values()))
    values |= _bound(layer, fixed, non_trainable, "non_trainable_variables")
    outer = scope.active()
    inner = Scope(
        values=values,
        key=key,
        training=outer.training if outer else None,
        paths={id(layer): path for path, layer in tracking.layers_by_path(layer).items()},
        abstract=outer.abstract if outer else False,
        trainable=outer.trainable if outer else None,
        observer=outer.observer if outer else None,
    )
    with scope.entered(inner):
        outputs = layer(*args, **kwargs)
        losses = [*inner.losses, *layer.weight_penalties()]
    updated = [inner.values[id(variable)] for variable in fixed]
    return outputs, updated, losses


def _bound(layer: Layer, variables: list[Variable], values: Any, what: str) -> dict[int, Array]:
    """Return the values by the identity of their variables."""
    given = list(values)
    if len(given) != len(variables):
        raise InvalidArgument(
            f"{what} holds another number of values than the layer has variables.",
            code="stateless-count",
            place=f"layer {layer.name!r}, stateless_call",
            expected=f"{len(variables)}: " + ", ".join(v.path for v in variables[:20]),
            received=len(given),
            fix=f"pass one value for each of layer.{what}, in its order; build the layer first",
        )
    return {id(variable): as_array(value) for variable, value in zip(variables, given, strict=True)}


def _pure_key(values: list[Array]) -> Array:
    """Return the running pass's next key; outside of one, a key that changes with the given values."""
    running = scope.active()
    key = scope.next_key()
    if (running is not None and running.key is not None) or not values:
        return key
    total = jnp.sum(values[-1]).astype(jnp.float32)
    return threefry.fold_in(key, jax.lax.bitcast_convert_type(total, jnp.uint32))
