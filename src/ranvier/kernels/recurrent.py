"""What the kernels of LSTM, GRU and SimpleRNN share: their arguments, their reference's loop and the native calls.

Each goes over whole sequences. Its operands are

    x [batch, time, features], kernel [features, gates * units], recurrent_kernel [units, gates * units],
    bias [gates * units] or [2, gates * units], the first states [batch, units] one by one,
    and, where `way.masked`, mask [batch, time], True where a step is real

and its outputs those of all steps [batch, time, units] in the order of time, or [batch, 0, units] unless `way.every`,
and then the last states. What is saved for the backward pass lies in the order in which steps were made, step before
batch: `[x, h before]`, the cell's slots, and the carried state.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ranvier._typing import Array
from ranvier.kernels import native
from ranvier.kernels.kernel import Kernel, Native

__all__ = ["Cell", "Way", "recurrent_kernel"]

FEW, MANY = 28, 1 << 16
"""Fewer rows times steps than the one do not pay with more weights than the other: roughly measured, see the cases
`SHORT` of `benchmarks/kernels.py`."""

Step = Callable[[Array, Array, Array, Array, tuple[Array, ...]], tuple[tuple[Array, ...], Array]]


class Way(NamedTuple):
    """The arguments that are no arrays.

    Attributes:
        every: whether the outputs of all steps are wanted.
        masked: whether there is a mask.
        backwards: from the last step to the first.
        zero_masked: outputs of masked steps are 0; else they repeat the one before.
    """

    every: bool
    masked: bool = False
    backwards: bool = False
    zero_masked: bool = False


class Cell(NamedTuple):
    """What sets one kernel apart.

    Attributes:
        name: the kernel's, and the beginning of its handlers' names.
        slots: columns per unit that are kept for the backward pass.
        states: how many states there are; the first one is the output.
        step: `step(x, kernel, recurrent_kernel, bias, states)` returns the next states, and the slots.
    """

    name: str
    slots: int
    states: int
    step: Step


def recurrent_kernel(cell: Cell) -> Kernel:
    """Return the kernel of a cell."""
    bound = functools.partial
    native_side = Native(bound(_fits, cell), bound(_forward, cell), bound(_backward, cell))
    return Kernel(cell.name, 1 + cell.states, bound(_reference, cell), native_side)


def _reference(cell: Cell, *operands: Array, static: Way, saving: bool) -> tuple[Array, ...]:
    x, kernel, recurrent, bias = operands[:4]
    first, mask = operands[4 : 4 + cell.states], operands[-1] if static.masked else None

    def step(states: tuple[Array, ...], given: tuple[Array, Array | None]) -> tuple[tuple[Array, ...], Any]:
        now, real = given
        made, slots = cell.step(now, kernel, recurrent, bias, states)
        output = made[0]
        if real is not None:
            made = tuple(jnp.where(real[:, None], new, old) for new, old in zip(made, states, strict=True))
            output = jnp.where(real[:, None], output, 0) if static.zero_masked else made[0]
        kept = (jnp.concatenate([now, states[0]], axis=-1), slots, *made[1:]) if saving else ()
        return made, (output if static.every else None, *kept)

    given = (jnp.swapaxes(x, 0, 1), None if mask is None else mask.T)
    last, (outputs, *saved) = lax.scan(step, first, given, reverse=static.backwards)
    if static.backwards:
        saved = [jnp.flip(kept, 0) for kept in saved]
    outputs = jnp.zeros_like(x, shape=(x.shape[0], 0, first[0].shape[1])) if outputs is None else outputs.swapaxes(0, 1)
    return (outputs, *last, *saved)


def _fits(cell: Cell, *operands: Array, static: Way) -> str:
    x, floats = operands[0], operands[: 4 + cell.states]
    if any(operand.dtype != jnp.float32 for operand in floats):
        return "its numbers are not float32"
    if 0 in (*x.shape, *floats[-1].shape):
        return "there is nothing to do"
    batch, steps, _ = x.shape
    if steps == 1 or (batch * steps < FEW and operands[1].size + operands[2].size > MANY):
        return "it is too short to be worth bringing its weights into order"
    return ""


def _forward(cell: Cell, *operands: Array, static: Way, saving: bool) -> tuple[Array, ...]:
    (batch, steps, features), units = operands[0].shape, operands[4].shape[1]
    states = [(batch, units)] * cell.states
    kept = [(steps, batch, features + units), (steps, batch, cell.slots * units), (steps, batch, units)]
    shapes = [
        (batch, steps if static.every else 0, units),
        *_padded(states),
        *(_padded(kept[: 1 + cell.states], 3) if saving else [(0,)] * 3),
    ]
    made = native.call(f"{cell.name}_forward_f32", _floats(shapes), *_given(cell, operands, static), **_flags(static))
    outputs, saved = made[: 1 + cell.states], made[3 : 4 + cell.states]
    return (*outputs, *saved) if saving else tuple(outputs)


def _backward(
    cell: Cell,
    operands: tuple[Array, ...],
    outputs: tuple[Array, ...],
    saved: tuple[Array, ...],
    cotangents: tuple[Array, ...],
    wanted: tuple[int, ...],
    *,
    static: Way,
) -> tuple[Array, ...]:
    nothing = jnp.zeros((0,), jnp.float32)
    shapes = [operand.shape for operand in operands[: 4 + cell.states]]
    of_weights = shapes[1:4] if {1, 2, 3} & set(wanted) else [(0,)] * 3
    results = [saved[1].shape, shapes[0] if 0 in wanted else (0,), *of_weights, *_padded(shapes[4:])]
    made = native.call(
        f"{cell.name}_backward_f32",
        _floats(results),
        *_given(cell, operands, static),
        *(_padded(list(saved), 3, nothing)),
        cotangents[0],
        *_padded(list(cotangents[1:]), 2, nothing),
        in_place={8: 0},  # the gradients of sums take the place of what the cell kept, a row at a time
        **_flags(static),
    )
    return tuple(made[1 + i] for i in wanted)


def _given(cell: Cell, operands: tuple[Array, ...], way: Way) -> list[Array]:
    """Return the operands as every handler takes them: with two states and a mask, which may be empty."""
    mask = operands[-1] if way.masked else jnp.zeros((0,), bool)
    return [*operands[:4], *_padded(list(operands[4 : 4 + cell.states]), 2, jnp.zeros((0,), jnp.float32)), mask]


def _padded(values: list[Any], length: int = 2, filling: Any = (0,)) -> list[Any]:
    return values + [filling] * (length - len(values))


def _floats(shapes: list[Any]) -> list[jax.ShapeDtypeStruct]:
    return [jax.ShapeDtypeStruct(shape, jnp.float32) for shape in shapes]


def _flags(way: Way) -> dict[str, Any]:
    return {"backwards": np.bool_(way.backwards), "zero_masked": np.bool_(way.zero_masked)}
