"""Connectionist temporal classification: labels without their places in time."""

from __future__ import annotations

from typing import Any

import jax
import jax.nn as jnn
import jax.numpy as jnp
from jax import lax

from ranvier._errors import InvalidArgument
from ranvier._typing import Array, ArrayLike
from ranvier.ops.core import operand
from ranvier.state import flow
from ranvier.state.symbolic import op

__all__ = ["ctc_decode", "ctc_loss"]

# A logarithm that is as good as that of 0, but whose gradient is finite.
_NEVER = -1e5


@op
def ctc_loss(
    target: ArrayLike, output: ArrayLike, target_length: ArrayLike, output_length: ArrayLike, mask_index: int = 0
) -> Array:
    """Return `-log p(target | output)` of each row, summed over all ways to place the labels in time.

    Args:
        target: classes [row, label].
        output: logits [row, step, class].
        target_length: how many labels of each row count [row].
        output_length: how many steps of each row count [row].
        mask_index: the class that stands for no label.

    Example:
        >>> round(float(ctc_loss([[1]], jnp.zeros((1, 2, 2)), [1], [2])[0]), 4)
        0.2877

    Source: Graves et al., "Connectionist temporal classification", 2006, equations 6 and 7.
    """
    labels, lengths, steps = (operand(x).astype("int32") for x in (target, target_length, output_length))
    log_p = jnn.log_softmax(_wide(output))
    rows, count = labels.shape
    # The states are: nothing, label, nothing, label, ..., nothing.
    states = jnp.full((rows, 2 * count + 1), mask_index).at[:, 1::2].set(labels)
    emitted = jnp.take_along_axis(log_p, states[:, None, :], axis=2)
    leap = jnp.zeros(states.shape, bool).at[:, 3::2].set(labels[:, 1:] != labels[:, :-1])
    start = jnp.full(states.shape, _NEVER, log_p.dtype).at[:, 0].set(0)

    def step(alpha: Array, at: tuple[Array, Array]) -> tuple[Array, None]:
        now, counts = at
        reached = jnp.logaddexp(alpha, _later(alpha, 1))
        reached = jnp.where(leap, jnp.logaddexp(reached, _later(alpha, 2)), reached)
        return jnp.where(counts[:, None], reached + now, alpha), None

    counted = jnp.arange(log_p.shape[1])[:, None] < steps
    alpha, _ = flow.scan(step, start, (jnp.moveaxis(emitted, 1, 0), counted))
    ends: Any = jnp.stack([2 * lengths, jnp.maximum(2 * lengths - 1, 0)], axis=1)
    in_nothing, in_label = jnp.moveaxis(jnp.take_along_axis(alpha, ends, axis=1), 1, 0)
    return -jnp.where(lengths > 0, jnp.logaddexp(in_nothing, in_label), in_nothing)


def _later(alpha: Array, states: int) -> Array:
    return jnp.pad(alpha[:, :-states], ((0, 0), (states, 0)), constant_values=_NEVER)


def _wide(output: ArrayLike) -> Array:
    logits = operand(output)
    return logits.astype(jnp.promote_types(logits.dtype, jnp.float32))


@op
def ctc_decode(
    inputs: ArrayLike,
    sequence_lengths: ArrayLike,
    strategy: str = "greedy",
    beam_width: int = 100,
    top_paths: int = 1,
    merge_repeated: bool = True,
    mask_index: int | None = 0,
) -> tuple[Array, Array]:
    """Return the likeliest labels [path, row, label], filled up with -1, and the scores [row, path].

    Args:
        inputs: logits [row, step, class].
        sequence_lengths: how many steps of each row count [row].
        strategy: `"greedy"` takes the best class of every step, its score is minus the sum of their logits;
            `"beam_search"` adds up all ways to place the labels in time, the score is the logarithm of the probability.
        beam_width: how many beginnings a beam search keeps.
        top_paths: how many paths a beam search returns.
        merge_repeated: whether a class that is best several steps on end is one label; greedy only.
        mask_index: the class that stands for no label; the last one when None.

    Raises:
        InvalidArgument: another strategy.

    Example:
        >>> logits = jnp.array([[[0.0, 9.0], [0.0, 9.0], [9.0, 0.0], [0.0, 9.0]]])
        >>> ctc_decode(logits, [4])[0].tolist()
        [[[1, 1, -1, -1]]]

    Source: Graves et al., 2006; Hannun et al., "First-pass large vocabulary continuous speech recognition", 2014.
    """
    logits, lengths = _wide(inputs), operand(sequence_lengths).astype("int32")
    mask = logits.shape[-1] - 1 if mask_index is None else mask_index
    counted = jnp.arange(logits.shape[1]) < lengths[:, None]
    if strategy == "greedy":
        return _best_of_each_step(logits, counted, merge_repeated, mask)
    if strategy != "beam_search":
        raise InvalidArgument(
            "This strategy does not exist.",
            code="ctc-strategy",
            place="strategy=",
            expected="greedy, beam_search",
            received=repr(strategy),
        )

    def search(log_p: Array, counts: Array) -> tuple[Array, Array]:
        return _beam_search(log_p, counts, mask, beam_width, top_paths)

    paths, scores = jax.vmap(search)(jnn.log_softmax(logits), counted)
    return jnp.swapaxes(paths, 0, 1), scores


def _best_of_each_step(logits: Array, counted: Array, merge_repeated: bool, mask: int) -> tuple[Array, Array]:
    best = jnp.where(counted, jnp.argmax(logits, axis=-1), mask)
    kept = best != mask
    if merge_repeated:
        kept &= best != jnp.pad(best[:, :-1], ((0, 0), (1, 0)), constant_values=-1)
    labels = jnp.take_along_axis(jnp.where(kept, best, -1), jnp.argsort(~kept, axis=1), axis=1)
    scores = jnp.sum(jnp.where(counted, jnp.max(logits, axis=-1), 0), axis=1, keepdims=True)
    return labels[None], -scores


def _beam_search(log_p: Array, counted: Array, mask: int, width: int, paths: int) -> tuple[Array, Array]:
    """Return the best `paths` of one row: labels [path, label] and the logarithms of their probabilities [path].

    A beam is its labels, how many they are, and the log-probabilities that it ends in no label and in its last one.
    """
    never = jnp.full(width, -jnp.inf, log_p.dtype)
    start = (
        jnp.full((width, log_p.shape[0]), -1, "int32"),
        jnp.zeros(width, "int32"),
        never.at[0].set(0),
        never,
    )

    def step(beams: Any, at: tuple[Array, Array]) -> tuple[Any, None]:
        now, counts = at
        grown = _grown(beams, now, mask)
        return jax.tree_util.tree_map(lambda new, old: jnp.where(counts, new, old), grown, beams), None

    (labels, _, in_nothing, in_label), _ = flow.scan(step, start, (log_p, counted))
    scores, chosen = lax.top_k(jnp.logaddexp(in_nothing, in_label), paths)
    return labels[chosen], scores


def _grown(beams: Any, now: Array, mask: int) -> Any:
    """Return the best beams one step on: each stays as it is or gets one more label."""
    labels, sizes, in_nothing, in_label = beams
    width, steps = labels.shape
    total = jnp.logaddexp(in_nothing, in_label)
    last = jnp.where(sizes > 0, labels[jnp.arange(width), sizes - 1], -1)
    repeats = last[:, None] == jnp.arange(now.size)
    longer = jnp.where(repeats, in_nothing[:, None], total[:, None]) + now
    longer = longer.at[:, mask].set(-jnp.inf)
    # Beam j may be beam i and one more label: then the two ways to it add up.
    begins = jnp.all((labels[:, None] == labels) | (jnp.arange(steps) >= sizes[:, None, None]), axis=2)
    child = begins & (sizes == sizes[:, None] + 1) & jnp.isfinite(total)
    gained = jnp.where(child, longer[:, last], -jnp.inf)
    longer = jnp.where(jnp.zeros(longer.shape, bool).at[:, last].max(child), -jnp.inf, longer)
    stays_in_nothing = total + now[mask]
    stays_in_label = jnp.logaddexp(jnp.where(sizes > 0, in_label + now[last], -jnp.inf), jnn.logsumexp(gained, axis=0))
    candidates = jnp.concatenate([jnp.logaddexp(stays_in_nothing, stays_in_label), longer.ravel()])
    scores, chosen = lax.top_k(candidates, width)
    is_longer = chosen >= width
    parent = jnp.where(is_longer, (chosen - width) // now.size, chosen)
    label = jnp.where(is_longer, (chosen - width) % now.size, -1)
    places = jnp.where(is_longer, sizes[parent], steps)
    return (
        labels[parent].at[jnp.arange(width), places].set(label, mode="drop"),
        sizes[parent] + is_longer,
        jnp.where(is_longer, -jnp.inf, stays_in_nothing[parent]),
        jnp.where(is_longer, scores, stays_in_label[parent]),
    )
