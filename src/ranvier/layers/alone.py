"""A call of a layer outside of any pass: in a pass of its own, which open gradient tapes can repeat."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import jax

from ranvier._typing import Array
from ranvier.layers import tracking
from ranvier.state import eager, masking, rng, scope
from ranvier.state.scope import Scope

if TYPE_CHECKING:
    from ranvier.layers.base import Layer

__all__ = ["real_values", "run_alone"]


@contextmanager
def real_values() -> Iterator[None]:
    """Let a layer be built from arrays with values, also while the pass around it is traced."""
    outside = nullcontext() if scope.active() is None else scope.entered(Scope())
    with jax.ensure_compile_time_eval(), outside:
        yield


def run_alone(
    layer: Layer, run: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, list[Array]]:
    """Return the outputs and the added losses of a call outside of any pass.

    Args:
        layer: the layer.
        run: `(scope, args, kwargs) -> outputs`, its call within a pass.
        args: what it is called with.
        kwargs: what it is called with by name.
    """
    paths = {id(inner): path for path, inner in tracking.layers_by_path(layer).items()}
    if eager.recording():
        return _recorded(layer, functools.partial(_pass, run, paths, rng.global_key()), args, kwargs)
    with scope.entered(Scope(paths=paths)) as running:
        outputs = run(running, args, kwargs)
        masking.hand_out(outputs)
        return outputs, running.losses


def _pass(
    run: Callable[..., Any],
    paths: dict[int, str],
    key: Array,
    values: dict[int, Array],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> tuple[Any, Scope]:
    """Make the call with given values of the variables; equal keys give equal draws."""
    with scope.entered(Scope(values=dict(values), key=key, paths=paths)) as running:
        outputs = run(running, args, kwargs)
        masking.hand_out(outputs)
        return outputs, running


def _recorded(
    layer: Layer, call: Callable[..., tuple[Any, Scope]], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, list[Array]]:
    """Make the call, store what it assigned, and tell the tapes how to repeat it with other values."""

    def again(values: dict[int, Array], args: Any, kwargs: Any) -> tuple[Any, list[Array]]:
        outputs, running = call(values, args, kwargs)
        return outputs, running.losses

    values = {id(v): eager.read(v, v.stored) for v in layer.variables}
    outputs, running = call(values, args, kwargs)
    for variable in running.written.values():
        variable.store(running.values[id(variable)])
    # Layers within may have been built by this very call.
    for variable in layer.variables:
        if id(variable) not in values:
            values[id(variable)] = eager.read(variable, variable.stored)
    eager.remember(again, (values, args, kwargs), {}, (outputs, running.losses))
    return outputs, running.losses
