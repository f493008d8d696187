"""The loop of recurrent layers: a cell over all steps of a sequence, inside the compiled program."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import tree_util

from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.kernels import recurrent
from ranvier.layers.recurrent_cell import Prepared, RecurrentCell
from ranvier.layers.recurrent_cells import kernel_of
from ranvier.layers.stacked_rnn_cells import StackedRNNCells, called
from ranvier.state import flow, scope

__all__ = ["Way", "recur"]

SHORT = 64
"""Most steps that a call outside of any trace goes through one by one."""

Step = Callable[[Any, list[Any]], tuple[Any, list[Any]]]


class Way(NamedTuple):
    """How a sequence is gone through.

    Attributes:
        mask: which steps are real, `[time, batch]`; None for all.
        training: whether cells drop.
        backwards: from the last step to the first.
        unroll: write all steps out instead of looping.
        zero_masked: outputs of masked steps are 0; else they repeat the one before.
        every: whether all outputs are wanted, or the last one alone.
    """

    mask: Any
    training: bool
    backwards: bool
    unroll: bool
    zero_masked: bool
    every: bool


def recur(cell: Any, xs: Any, states: Any, way: Way) -> tuple[Any, Any]:
    """Return `(outputs, last states)` of a cell over a sequence.

    Args:
        cell: our own, a user's, or cells on top of each other, which are gone through one after the other.
        xs: the inputs [time, batch, ...].
        states: the first states, nested as the cell has them.
        way: how.

    Returns:
        Outputs [time, batch, ...] in the order of time, or [batch, ...] after the last step; states nested as given.
    """
    if isinstance(cell, StackedRNNCells) and type(cell).call is StackedRNNCells.call:
        last_states = []
        for number, (inner, held) in enumerate(zip(cell.cells, states, strict=True)):
            below_top = number < len(cell.cells) - 1
            xs, new = recur(inner, xs, held, way._replace(every=True) if below_top else way)
            last_states.append(new)
        return xs, last_states
    nested = isinstance(states, (list, tuple))
    held = list(states) if nested else [states]
    if isinstance(cell, RecurrentCell) and type(cell).call is RecurrentCell.call:
        with cell.computing():
            ready = cell.prepare(xs.shape[1:], held[0].shape, way.training)
            found = _by_kernel(cell, ready, xs, held, way)
            if found is None:
                projected = cell.project(ready, xs)
                found = _loop(cell, functools.partial(cell.advance, ready), projected, held, way)
            outputs, held = found
    else:
        outputs, held = _loop(cell, functools.partial(called, cell), xs, held, way)
    return outputs, held if nested else held[0]


def _by_kernel(cell: RecurrentCell, ready: Prepared, xs: Any, states: list[Any], way: Way) -> Any:
    """Return what `_loop` returns, from one native call; None where there is none for this cell on these arrays."""
    kernel, masks = kernel_of(cell), ready.input_masks
    gates_apart = ready.recurrent_masks is not None or (masks is not None and len(masks) > 1)
    if kernel is None or gates_apart or xs.ndim != 3 or _is_short_and_known(xs, states):
        return None
    bias = jnp.zeros(cell._bias_shape(), xs.dtype) if ready.bias is None else ready.bias
    every = way.every or (way.zero_masked and way.mask is not None)
    how = recurrent.Way(every, way.mask is not None, way.backwards, way.zero_masked)
    operands = [
        jnp.swapaxes(xs if masks is None else xs * masks[0], 0, 1), ready.kernel, ready.recurrent_kernel, bias, *states,
        *(() if way.mask is None else (way.mask.T.astype(bool),)),
    ]  # fmt: skip
    if kernel.why_reference(*operands, static=how):
        return None
    if not way.unroll and (running := scope.active()) is not None:
        running.next_key()  # as the loop does, so that later draws are the same with and without native code
    outputs, *last = kernel(*operands, static=how)
    if not way.every:
        return (outputs[:, 0 if way.backwards else -1] if every else last[0]), last
    return jnp.swapaxes(outputs, 0, 1), last


def _loop(cell: Any, step: Step, xs: Any, states: list[Any], way: Way) -> tuple[Any, list[Any]]:
    # The first state of our own cells is their output, so that the last one need not be picked from all.
    stacked = way.every or not isinstance(cell, RecurrentCell) or (way.zero_masked and way.mask is not None)

    def body(held: list[Any], given: tuple[Any, Any]) -> tuple[list[Any], Any]:
        x, real = given
        output, new = step(x, held)
        new = _fitting(cell, new, held)
        if real is not None:
            before = jnp.zeros_like(output) if way.zero_masked else _output_before(cell, held, output)
            output = _where(real, output, before)
            new = tree_util.tree_map(functools.partial(_where, real), new, held)
        return new, output if stacked else None

    loop = _written_out if way.unroll or _is_short_and_known(xs, states) else flow.scan
    last, outputs = loop(body, states, (xs, way.mask), reverse=way.backwards)
    if way.every:
        return outputs, last
    return (outputs[0 if way.backwards else -1] if stacked else last[0]), last


def _is_short_and_known(xs: Any, states: Any) -> bool:
    """Whether going step by step costs less than compiling a loop: few steps, outside of any trace."""
    leaves = tree_util.tree_leaves((xs, states))
    return 0 < leaves[0].shape[0] <= SHORT and not any(isinstance(leaf, jax.core.Tracer) for leaf in leaves)


def _written_out(body: Any, states: Any, xs: Any, reverse: bool) -> tuple[Any, Any]:
    """Do what `flow.scan` does, without a loop."""
    steps = tree_util.tree_leaves(xs)[0].shape[0]
    outputs = []
    for step in reversed(range(steps)) if reverse else range(steps):
        states, output = body(states, tree_util.tree_map(lambda x, step=step: x[step], xs))
        outputs.append(output)
    ordered = outputs[::-1] if reverse else outputs
    return states, None if ordered[0] is None else jnp.stack(ordered)


def _where(real: Array, yes: Any, no: Any) -> Any:
    return jnp.where(jnp.reshape(real, (*real.shape, *[1] * (yes.ndim - 1))), yes, no)


def _output_before(cell: Any, held: list[Any], output: Any) -> Any:
    """Return the first state, which stands for the output of the step before, as in Keras."""
    first = tree_util.tree_leaves(held)[0]
    if first.shape == output.shape:
        return first.astype(output.dtype)
    raise InvalidArgument(
        "At masked steps a recurrent layer repeats its last output, and takes the cell's first state for it.",
        code="cell-first-state",
        place=f"cell {getattr(cell, 'name', type(cell).__name__)!r}",
        expected=f"a first state of the output's shape {output.shape}",
        received=first.shape,
        fix="let the cell return its output as the first state too, or pass zero_output_for_mask=True to RNN",
    )


def _fitting(cell: Any, new: list[Any], held: list[Any]) -> list[Any]:
    """Return the new states in the types of those before."""
    shapes = [[leaf.shape for leaf in tree_util.tree_leaves(states)] for states in (held, new)]
    nests: list[Any] = [tree_util.tree_structure(states) for states in (held, new)]
    if shapes[0] == shapes[1] and nests[0] == nests[1]:
        return [
            tree_util.tree_map(lambda leaf, old: leaf.astype(old.dtype), one, other)
            for one, other in zip(new, held, strict=True)
        ]
    raise InvalidArgument(
        "A cell must return new states of the same number and shapes as it was given.",
        code="cell-states",
        place=f"cell {getattr(cell, 'name', type(cell).__name__)!r}",
        expected=shapes[0],
        received=shapes[1],
        fix="return (output, new_states) with one new state for each entry of state_size",
    )
