"""The loop that continues token sequences, as a pure function: forward passes, choices, beams."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax.nn as jnn
import jax.numpy as jnp
from jax import lax, tree_util

from ranvier import random
from ranvier._typing import Array
from ranvier.state import flow, scope, threefry
from ranvier.state.decoding import Decoding

__all__ = ["Choice", "Plan", "Sequences", "agrees", "continued"]

Model = Callable[[Array], Any]


class Plan(NamedTuple):
    """What decides about the compiled program.

    Attributes:
        strategy: `"greedy"`, `"sample"` or `"beam_search"`.
        top_k: how many tokens may be drawn; None for all.
        nucleus: whether `top_p` counts.
        beams: how many continuations of a row are kept.
        end: the token after which a row is finished; -1 for none.
        pad: what stands after it.
        cached: whether a step computes one position.
    """

    strategy: str
    top_k: int | None
    nucleus: bool
    beams: int
    end: int
    pad: int
    cached: bool


class Choice(NamedTuple):
    """The numbers of a choice, which are data: `temperature`, `top_p`, and the key of the draws."""

    temperature: Array
    top_p: Array
    key: Array


class Sequences(NamedTuple):
    """The loop's state; rows are those of the prompts, each `beams` times.

    Attributes:
        place: the place that is filled next.
        tokens: [row, place].
        ends: how many tokens of a row count [row].
        done: whether a row is finished [row].
        score: sum of the logarithms of the probabilities of the tokens chosen [row].
        kept: what attention keeps.
    """

    place: Array
    tokens: Array
    ends: Array
    done: Array
    score: Array
    kept: Any


def continued(model: Model, plan: Plan, choice: Choice, tokens: Array, lengths: Array) -> Sequences:
    """Return the prompts with their best continuations.

    Args:
        model: `tokens -> logits`, called within the running pass.
        plan: what is done.
        choice: the numbers of a choice.
        tokens: prompts, filled up to the length of the result [row, place].
        lengths: how many tokens of each prompt count [row].
    """
    rows, most = tokens.shape
    tokens, lengths = (jnp.repeat(x, plan.beams, axis=0) for x in (tokens, lengths))
    # At first a row's beams are equal, so only one of them may win.
    score = jnp.where(jnp.arange(rows * plan.beams) % plan.beams == 0, 0.0, -jnp.inf)
    kept = _whole(model, tokens)[1] if plan.cached else {}
    ends, done = jnp.full_like(lengths, most), jnp.zeros(lengths.shape, bool)
    start = Sequences(jnp.min(lengths), tokens, ends, done, score, kept)

    def goes_on(now: Sequences) -> Array:
        return (now.place < most) & ~jnp.all(now.done)

    def step(now: Sequences) -> Sequences:
        logits, now = _logits(model, plan, now)
        given = now.place < lengths
        # The prompt may go on, and after the end there is padding: both are no choice.
        forced = given | now.done
        token = jnp.where(given, _at(now.tokens, now.place), plan.pad)
        gains = jnn.log_softmax(logits.astype(jnp.promote_types(logits.dtype, jnp.float32)))
        if plan.strategy == "beam_search":
            now, token, score, given = _best_beams(plan.beams, now, gains, forced, token, given)
        else:
            chosen = _chosen(plan, choice, logits, now.place)
            gain = jnp.take_along_axis(gains, chosen[:, None], axis=1)[:, 0]
            token, score = jnp.where(forced, token, chosen), now.score + jnp.where(forced, 0.0, gain)
        ended = ~now.done & ~given & (token == plan.end)
        return now._replace(
            place=now.place + 1,
            tokens=lax.dynamic_update_slice_in_dim(now.tokens, token[:, None], now.place, axis=1),
            ends=jnp.where(ended, now.place + 1, now.ends),
            done=now.done | ended,
            score=score,
        )

    final: Sequences = flow.while_loop(goes_on, step, start)
    # The best beam of a row comes first.
    tokens, ends, done, score = (x[:: plan.beams] for x in final[1:5])
    return Sequences(final.place, tokens, ends, done, score, {})


def agrees(model: Model, tokens: Array, lengths: Array) -> Array:
    """Return whether one position computed alone gives the logits that it has in the whole sequence.

    Every place after the prompt holds another token than its neighbours, so that a model that looks at more than
    attention keeps is found out.
    """
    most, vocabulary = tokens.shape[1], _whole(model, tokens)[0].shape[2]
    places = jnp.arange(most)
    other = (tokens[:, :1] + places) % vocabulary
    tokens = jnp.where(places < lengths[:, None], tokens, other)
    logits, kept = _whole(model, tokens)
    last = jnp.min(lengths) - 1

    def difference(_: None, place: Array) -> tuple[None, Array]:
        alone, _ = _one(model, tokens, place, kept)
        return None, jnp.max(jnp.abs(alone - _at(logits, place)))

    _, found = flow.scan(difference, None, jnp.stack([last, (last + most) // 2, jnp.asarray(most - 1)]))
    half = logits.dtype in (jnp.float16, jnp.bfloat16)
    return jnp.max(found) <= (3e-2 if half else 1e-4) * (1e-3 + jnp.max(jnp.abs(logits)))


def _whole(model: Model, tokens: Array) -> tuple[Array, Any]:
    """Return the logits of all places, and what attention keeps."""
    running: Any = scope.active()
    running.decoding = Decoding()
    logits = model(tokens)
    kept, running.decoding = running.decoding.kept, None
    return logits, kept


def _one(model: Model, tokens: Array, place: Array, kept: Any) -> tuple[Array, Any]:
    """Return the logits of one place, and what attention keeps then."""
    running: Any = scope.active()
    running.decoding = Decoding(place, dict(kept))
    logits = model(lax.dynamic_slice_in_dim(tokens, place, 1, axis=1))
    kept, running.decoding = running.decoding.kept, None
    return logits[:, 0], kept


def _logits(model: Model, plan: Plan, now: Sequences) -> tuple[Array, Sequences]:
    """Return the logits of the token that comes next [row, token]."""
    if not plan.cached:
        return _at(model(now.tokens), now.place - 1), now
    logits, kept = _one(model, now.tokens, now.place - 1, now.kept)
    return logits, now._replace(kept=kept)


def _at(x: Array, place: Array) -> Array:
    found: Array = lax.dynamic_index_in_dim(x, place, axis=1, keepdims=False)
    return found


def _chosen(plan: Plan, choice: Choice, logits: Array, place: Array) -> Array:
    """Return a token for each row: the likeliest, or one drawn among the likely ones."""
    if plan.strategy == "greedy":
        return jnp.argmax(logits, axis=1).astype("int32")
    logits = logits.astype(jnp.promote_types(logits.dtype, jnp.float32)) / choice.temperature
    if plan.top_k is not None:
        least = lax.top_k(logits, min(plan.top_k, logits.shape[1]))[0][:, -1:]
        logits = jnp.where(logits < least, -jnp.inf, logits)
    if plan.nucleus:
        falling = -jnp.sort(-logits, axis=1)
        shares = jnn.softmax(falling)
        inside = jnp.cumsum(shares, axis=1) - shares < choice.top_p
        least = jnp.min(jnp.where(inside, falling, jnp.inf), axis=1, keepdims=True)
        logits = jnp.where(logits < least, -jnp.inf, logits)
    return random.categorical(logits, 1, seed=threefry.fold_in(choice.key, place))[:, 0]


def _best_beams(
    beams: int, now: Sequences, gains: Array, forced: Array, token: Array, given: Array
) -> tuple[Sequences, Array, Array, Array]:
    """Return the state with the best beams' rows, their next tokens, their scores, and whether these were given."""
    vocabulary = gains.shape[1]
    only = jnp.where(jnp.arange(vocabulary) == token[:, None], 0.0, -jnp.inf)
    totals = now.score[:, None] + jnp.where(forced[:, None], only, gains)
    score, index = lax.top_k(jnp.reshape(totals, (-1, beams * vocabulary)), beams)
    first = jnp.arange(0, totals.shape[0], beams)[:, None]
    rows = jnp.ravel(first + index // vocabulary)
    moved = tree_util.tree_map(lambda x: x[rows] if jnp.ndim(x) else x, now)
    return moved, jnp.ravel(index % vocabulary).astype("int32"), jnp.ravel(score), given[rows]
