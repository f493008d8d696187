"""Gradients of what a tape has seen outside of a compiled step.

The calls that lead from the sources to the target are repeated as one pure function of the sources, which is then
differentiated. Whatever else happened, prints or appended lists, happened once.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import tree_util

from ranvier._typing import Array
from ranvier.state import eager
from ranvier.state.eager import Call, Recording
from ranvier.state.variable import Variable

__all__ = ["gradients"]


def gradients(tape: Recording, target: Any, weights: Any, sources: Sequence[Any]) -> list[Array | None]:
    r"""Return $g_s = \sum_i w_i \, \partial t_i / \partial s$ for each source; None where the target does not use it.

    Args:
        tape: what was recorded.
        target: arrays, in any nest.
        weights: one array or number for each of them; 1 when None.
        sources: arrays or Variables of float types.
    """
    targets = [_current(tape, leaf) for leaf in tree_util.tree_leaves(target, is_leaf=_is_variable)]
    scales = [1.0] * len(targets) if weights is None else tree_util.tree_leaves(weights)
    places = [_arrays_of(tape, source) for source in sources]
    starts = {id(array) for arrays in places for array in arrays}
    calls = _between(tape.calls, starts, {id(leaf) for leaf in targets})
    inputs = _inputs([*calls, Call(len, (targets, places), {}, None)])
    _warn_if_unseen(tape, targets, starts)

    def summed(moved: list[Array], values: list[Array]) -> Array:
        known: dict[int, Any] = dict(zip(map(id, inputs), values, strict=True))
        for step, arrays in zip(moved, places, strict=True):
            # Where a Variable was assigned between two reads, both reads move together.
            known |= {id(array): known[id(array)] + step for array in arrays}
        _repeat(calls, known, starts)
        return sum((jnp.sum(known[id(t)] * w) for t, w in zip(targets, scales, strict=True)), jnp.zeros(()))

    def differentiated(values: list[Array]) -> list[Array]:
        still = [jnp.zeros_like(arrays[-1]) for arrays in places]
        found: list[Array] = jax.grad(summed)(still, values)
        return found

    found = eager.applied(differentiated, inputs)
    connected = [_connects(calls, arrays, targets) for arrays in places]
    return [gradient if joined else None for gradient, joined in zip(found, connected, strict=True)]


def _is_variable(node: Any) -> bool:
    return isinstance(node, Variable)


def _current(tape: Recording, leaf: Any) -> Array:
    return _arrays_of(tape, leaf)[-1] if isinstance(leaf, Variable) else jnp.asarray(leaf)


def _arrays_of(tape: Recording, source: Any) -> list[Array]:
    """Return the arrays that stand for a source on the tape."""
    if isinstance(source, Variable):
        return tape.readings.get(id(source)) or [source.stored]
    return [source if isinstance(source, jax.Array) else jnp.asarray(source)]


def _leaves(tree: Any) -> list[Array]:
    """Return the float arrays of a nest: nothing else carries a gradient, so nothing else is replaced."""
    leaves = tree_util.tree_leaves(tree)
    return [leaf for leaf in leaves if isinstance(leaf, jax.Array) and jnp.issubdtype(leaf.dtype, jnp.inexact)]


def _between(calls: list[Call], starts: set[int], ends: set[int]) -> list[Call]:
    """Return the calls that depend on a start and lead to an end."""
    reached, forward = set(starts), []
    for call in calls:
        if any(id(leaf) in reached for leaf in _leaves((call.args, call.kwargs))):
            reached.update(id(leaf) for leaf in _leaves(call.outputs))
            forward.append(call)
    wanted, kept = set(ends), []
    for call in reversed(forward):
        if any(id(leaf) in wanted for leaf in _leaves(call.outputs)):
            wanted.update(id(leaf) for leaf in _leaves((call.args, call.kwargs)))
            kept.append(call)
    return kept[::-1]


def _inputs(calls: list[Call]) -> list[Array]:
    """Return every array that goes into the calls, each once."""
    found = {id(leaf): leaf for call in calls for leaf in _leaves((call.args, call.kwargs))}
    return list(found.values())


def _repeat(calls: list[Call], known: dict[int, Any], starts: set[int]) -> None:
    """Make the calls again with known values in the place of their arrays; note what comes out."""

    def replaced(leaf: Any) -> Any:
        return known.get(id(leaf), leaf) if isinstance(leaf, jax.Array) else leaf

    for call in calls:
        args, kwargs = tree_util.tree_map(replaced, (call.args, call.kwargs))
        results = tree_util.tree_leaves(call.function(*args, **kwargs))
        for old, new in zip(tree_util.tree_leaves(call.outputs), results, strict=True):
            if isinstance(old, jax.Array) and id(old) not in starts:
                known[id(old)] = new


def _connects(calls: list[Call], arrays: list[Array], targets: list[Array]) -> bool:
    ends = {id(target) for target in targets}
    return any(id(array) in ends for array in arrays) or bool(_between(calls, {id(a) for a in arrays}, ends))


def _warn_if_unseen(tape: Recording, targets: list[Array], starts: set[int]) -> None:
    """Say so when the tape has not seen the target being made: its gradients are all None."""
    made = {id(leaf) for call in tape.calls for leaf in _leaves(call.outputs)} | starts
    if not any(id(target) in made for target in targets):
        warnings.warn(
            "The tape has not seen how the target was computed: compute it within `with GradientTape()`, from "
            "Variables or tensors, with ranvier.ops, layers and operators; NumPy and jax.numpy leave no trace.",
            stacklevel=4,
        )
