"""Control flow that carries the Scope: what layers use instead of raw `jax.lax`.

An `assign` or a random draw inside a raw `lax.scan` would leak a tracer or repeat itself. Here the values of all bound
variables travel in the carry, and each iteration draws from a key of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jax import lax

from ranvier._errors import NotReady
from ranvier.state import scope, threefry
from ranvier.state.scope import Scope

__all__ = ["cond", "scan", "while_loop"]


def _split(running: Scope) -> tuple[list[int], list[Any]]:
    names = list(running.values)
    return names, [running.values[name] for name in names]


def _inner(running: Scope, names: list[int], values: list[Any], key: Any) -> Scope:
    """Return the Scope of a body: own values and draws, everything else shared with the running pass."""
    return Scope(
        values=dict(zip(names, values, strict=True)),
        key=key,
        training=running.training,
        paths=running.paths,
        abstract=running.abstract,
        written=running.written,
        trail=list(running.trail),
        compute_dtypes=list(running.compute_dtypes),
    )


def _commit(running: Scope, names: list[int], values: list[Any]) -> None:
    running.values.update(zip(names, values, strict=True))


def _no_added_losses(inner: Scope) -> None:
    if inner.losses:
        raise NotReady(
            "A loss was added inside a scan, cond or while.",
            code="loss-in-flow",
            fix="return the value from the body and call add_loss outside of it",
        )


def scan(
    body: Callable[[Any, Any], tuple[Any, Any]],
    init: Any,
    xs: Any,
    length: int | None = None,
    reverse: bool = False,
    unroll: int | bool = 1,
) -> tuple[Any, Any]:
    """`jax.lax.scan` whose body may read and assign Variables and draw random numbers.

    Args:
        body: `(carry, x) -> (carry, y)`.
        init: the first carry.
        xs: arrays with a leading axis `time`.
        length: number of iterations when `xs` is None.
        reverse: run from the last `time` to the first.
        unroll: how many iterations one trip holds.
    """
    running = scope.active()
    if running is None:
        return lax.scan(body, init, xs, length=length, reverse=reverse, unroll=unroll)
    names, values = _split(running)
    key = running.next_key()

    def step(carry: Any, x: Any) -> tuple[Any, Any]:
        index, inner_values, state = carry
        inner = _inner(running, names, inner_values, threefry.fold_in(key, index))
        with scope.entered(inner):
            state, y = body(state, x)
        _no_added_losses(inner)
        return (index + 1, [inner.values[name] for name in names], state), y

    (_, values, final), ys = lax.scan(step, (0, values, init), xs, length=length, reverse=reverse, unroll=unroll)
    _commit(running, names, values)
    return final, ys


def cond(predicate: Any, true_fun: Callable[..., Any], false_fun: Callable[..., Any], *operands: Any) -> Any:
    """`jax.lax.cond` whose branches may read and assign Variables and draw random numbers."""
    running = scope.active()
    if running is None:
        return lax.cond(predicate, true_fun, false_fun, *operands)
    names, values = _split(running)
    key = running.next_key()

    def branch(function: Callable[..., Any]) -> Callable[..., Any]:
        def run(inner_values: list[Any], *inner_operands: Any) -> Any:
            inner = _inner(running, names, inner_values, key)
            with scope.entered(inner):
                result = function(*inner_operands)
            _no_added_losses(inner)
            return [inner.values[name] for name in names], result

        return run

    values, result = lax.cond(predicate, branch(true_fun), branch(false_fun), values, *operands)
    _commit(running, names, values)
    return result


def while_loop(condition: Callable[[Any], Any], body: Callable[[Any], Any], init: Any) -> Any:
    """`jax.lax.while_loop` whose body may read and assign Variables and draw random numbers."""
    running = scope.active()
    if running is None:
        return lax.while_loop(condition, body, init)
    names, values = _split(running)
    key = running.next_key()

    def step(carry: Any) -> Any:
        index, inner_values, state = carry
        inner = _inner(running, names, inner_values, threefry.fold_in(key, index))
        with scope.entered(inner):
            state = body(state)
        _no_added_losses(inner)
        return index + 1, [inner.values[name] for name in names], state

    _, values, final = lax.while_loop(lambda carry: condition(carry[2]), step, (0, values, init))
    _commit(running, names, values)
    return final
