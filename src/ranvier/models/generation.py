"""generate: a model of token sequences continues prompts, in one compiled loop."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from ranvier._errors import InvalidArgument
from ranvier.engine import compiled
from ranvier.engine.fingerprint import fingerprint
from ranvier.engine.program import Binding
from ranvier.layers.base import Layer
from ranvier.models import compiling, feeding
from ranvier.models.generation_loop import Choice, Plan, agrees, continued
from ranvier.state import rng, scope
from ranvier.state.threefry import IMPLEMENTATION

__all__ = ["Generated", "generate"]

_STRATEGIES = ("greedy", "sample", "beam_search")


class Generated(NamedTuple):
    """What `generate` returns.

    Attributes:
        tokens: prompts and what follows them, filled up with `pad_token` [row, place].
        lengths: how many tokens of each row count, `end_token` among them [row].
        log_probabilities: sum of the logarithms of the probabilities of the tokens chosen [row].
        cached: whether each step computed one position only.
    """

    tokens: np.ndarray
    lengths: np.ndarray
    log_probabilities: np.ndarray
    cached: bool


def generate(
    model: Layer,
    tokens: Any,
    max_length: int,
    *,
    strategy: str = "greedy",
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    beam_width: int = 4,
    end_token: int | None = None,
    pad_token: int = 0,
    prompt_lengths: Any = None,
    cache: bool | None = None,
    seed: int | None = None,
    context: Any = None,
) -> Generated:
    """Continue token sequences with a model that tells, at every place, what comes next.

        p = softmax(model(tokens)[:, place - 1])
        tokens[:, place] = argmax(p)                                          strategy="greedy"
        tokens[:, place] ~ p^(1 / temperature) among the likeliest tokens     strategy="sample"
        sum of log(p) is greatest among `beam_width` continuations            strategy="beam_search"

    The whole loop is one compiled program. What the model says at a place must not depend on later places: its
    attention is called with `use_causal_mask=True`, its convolutions are causal, its recurrence runs forward.

    With a cache, a step computes one position: MultiHeadAttention and GroupQueryAttention keep the keys and values of
    earlier positions. The model needs no change for it: what it makes of each token by itself is made of one token,
    and `ops.arange(n)` counts on from the token's place, as positions do. Whether that gives the same logits is
    checked on the first prompt before the loop; models for which it does not (recurrence, convolution, positions from
    elsewhere) read the whole sequence at every step.

    Args:
        model: integers [row, place] to logits [row, place, token].
        tokens: the prompts [row, place], at least one token each.
        max_length: length of the result, prompts included; a model with a fixed length wants that one.
        strategy: how a token is chosen.
        temperature: below 1 likely tokens become likelier; for `"sample"`.
        top_k: draw among this many likeliest tokens; for `"sample"`.
        top_p: draw among the fewest tokens that have this probability together; for `"sample"`.
        beam_width: how many continuations of a row are pursued; for `"beam_search"`.
        end_token: the token after which a row is finished.
        pad_token: what stands after it.
        prompt_lengths: how many tokens of each prompt count [row], where they are filled up behind; all when None.
        cache: True insists on the cache, False never uses it, None uses it where the check allows.
        seed: makes the draws those of this number; None draws from the global stream.
        context: what the model takes before the tokens, an array [row, ...] or a list of them: the model is called as
            `model([*context, tokens])`, as a decoder with cross attention is. Give it what the encoder made of the
            sources; sources themselves are encoded anew at every step.

    Raises:
        InvalidArgument: prompts that are no table of integers, another strategy, numbers out of range, a context of
            other rows, a model with other outputs, or `cache=True` for a model that looks at more than attention keeps.

    Example:
        >>> from ranvier import layers, models
        >>> following = np.eye(3, k=1) + np.eye(3, k=-2)
        >>> model = models.Sequential([layers.Embedding(3, 3, weights=[following])])
        >>> generate(model, [[0], [2]], 4).tokens.tolist()
        [[0, 1, 2, 0], [2, 0, 1, 2]]

    Source: Holtzman et al., "The curious case of neural text degeneration", 2020 (nucleus); Fan et al., "Hierarchical
    neural story generation", 2018 (top-k); Graves, "Sequence transduction with recurrent neural networks", 2012
    (beams).
    """
    prompts, lengths = _prompts(tokens, prompt_lengths, max_length, pad_token)
    _check_numbers(strategy, temperature, top_k, top_p, beam_width)
    loop = _Loop(model, prompts[:1], _context(context, len(prompts)))
    loop.check_outputs(prompts[:1], end_token, pad_token)
    cached = cache is not False and loop.allows_cache(prompts[:1], lengths[:1])
    if cache and not cached:
        raise _no_cache(model)
    sampled, searched = strategy == "sample", strategy == "beam_search"
    plan = Plan(
        strategy,
        top_k if sampled else None,
        sampled and top_p is not None,
        beam_width if searched else 1,
        -1 if end_token is None else int(end_token),
        int(pad_token),
        cached,
    )
    key = rng.global_key() if seed is None else rng.base_key(seed)
    choice = (np.float32(temperature), np.float32(1 if top_p is None else top_p), jax.random.key_data(key))
    found = loop.run(plan, choice, prompts, lengths)
    return Generated(np.asarray(found.tokens), np.asarray(found.ends), np.asarray(found.score), cached)


class _Loop:
    """A model's weights, what it is given beside the tokens, and the programs that run it."""

    def __init__(self, model: Layer, tokens: np.ndarray, context: list[np.ndarray] | None = None) -> None:
        self.context = context or []
        compiling.build_for(model, _inputs([array[:1] for array in self.context], tokens))
        self.model, self.binding = model, Binding(model, frozenset())
        self.values = {path: variable.stored for path, variable in self.binding.buffers.items()}
        self.key = fingerprint(model.fingerprint_root())

    def scope(self, values: Any) -> Any:
        """Return a pass in which the model's weights have these values."""
        return scope.entered(self.binding.scope({}, values, rng.base_key(0), False))

    def _call(self, purpose: Any, function: Any, rows: int, *arguments: Any, beams: int = 1) -> Any:
        """Run `function(reader of tokens, *arguments)`, compiled, in a pass that binds the model's weights."""

        def bound(values: Any, context: Any, *arguments: Any) -> Any:
            repeated = [jnp.repeat(array, beams, axis=0) for array in context]
            with self.scope(values):
                return function(lambda tokens: self.model(_inputs(repeated, tokens)), *arguments)

        given = self.values, [array[:rows] for array in self.context], *arguments
        return compiled.shared.find((self.key, purpose, compiled.signature(given)), bound, *given)(*given)

    def run(self, plan: Plan, choice: tuple[Any, ...], tokens: np.ndarray, lengths: np.ndarray) -> Any:
        def run(reader: Any, temperature: Any, top_p: Any, key: Any, tokens: Any, lengths: Any) -> Any:
            drawn = Choice(temperature, top_p, jax.random.wrap_key_data(key, impl=IMPLEMENTATION))
            return continued(reader, plan, drawn, tokens, lengths)

        return self._call(("generate", plan), run, len(tokens), *choice, tokens, lengths, beams=plan.beams)

    def allows_cache(self, tokens: np.ndarray, lengths: np.ndarray) -> bool:
        """Whether one position computed alone gives the logits that it has in the whole sequence."""
        try:
            return bool(self._call("generate: cache", agrees, len(tokens), tokens, lengths))
        except (TypeError, ValueError):  # a model that was made for one length, or wants neighbours
            return False

    def check_outputs(self, tokens: np.ndarray, end_token: int | None, pad_token: int) -> None:
        def outputs(values: Any, tokens: Any) -> Any:
            with self.scope(values):
                return self.model(_inputs([array[:1] for array in self.context], tokens))

        found = jax.eval_shape(outputs, self.values, tokens)
        shape: Any = getattr(found, "shape", ())
        if len(shape) != 3 or shape[:2] != tokens.shape or not jnp.issubdtype(found.dtype, jnp.floating):
            raise InvalidArgument(
                "The model does not tell at every place what comes next.",
                code="generate-model",
                place=f"generate(model): {self.model.name!r}",
                expected=f"logits [row, place, token], for tokens {tokens.shape} of shape {(*tokens.shape, 'tokens')}",
                received=f"shape {shape}" if hasattr(found, "shape") else type(found).__name__,
                fix="end the model with Dense(vocabulary size), and let its layers return whole sequences",
            )
        for name, token in (("end_token", end_token), ("pad_token", pad_token)):
            if token is not None and not 0 <= token < shape[2]:
                raise _bad(name, f"a token of the model, 0 to {shape[2] - 1}", token)


def _inputs(context: list[Any], tokens: Any) -> Any:
    return [*context, tokens] if context else tokens


def _context(given: Any, rows: int) -> list[np.ndarray]:
    """Return what the model takes before the tokens, as arrays with a row for each prompt."""
    parts = given if isinstance(given, (list, tuple)) else [] if given is None else [given]
    arrays: list[np.ndarray] = [feeding.host_batch(part).x for part in parts]
    for array in arrays:
        if array.shape[:1] != (rows,):
            raise _bad("context", f"arrays [row, ...] of {rows} rows, one for each prompt", f"shape {array.shape}")
    return arrays


def _no_cache(model: Layer) -> InvalidArgument:
    return InvalidArgument(
        "One position computed alone gives other logits than the whole sequence, so this model cannot use a cache.",
        code="generate-cache",
        place="generate(cache=True)",
        expected="attention with use_causal_mask=True, positions from ops.arange, everything else token by token",
        received=f"model {model.name!r}",
        fix="leave cache out: the whole sequence is then read at every step",
    )


def _prompts(tokens: Any, lengths: Any, most: int, pad: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the prompts filled up to the result's length, and how many tokens of each count."""
    given = np.asarray(tokens)
    if given.ndim != 2 or given.dtype.kind not in "iu" or 0 in given.shape:
        raise _bad("tokens", "integers [row, place], at least one", f"{given.dtype} of shape {given.shape}")
    feeding.require_counts(max_length=most)
    counted = np.full(len(given), given.shape[1]) if lengths is None else np.asarray(lengths)
    if counted.shape != given.shape[:1] or counted.dtype.kind not in "iu" or counted.min() < 1:
        raise _bad("prompt_lengths", f"{len(given)} integers from 1 to {given.shape[1]}", repr(lengths)[:100])
    if counted.max() > given.shape[1] or counted.max() >= most:
        raise _bad("max_length", "more than the longest prompt has", f"{most}, prompts of {counted.max()} tokens")
    filled = np.full((len(given), most), pad, "int32")
    width = min(most, given.shape[1])
    real = np.arange(width) < counted[:, None]
    filled[:, :width] = np.where(real, given[:, :width], pad)
    return filled, counted.astype("int32")


def _check_numbers(strategy: str, temperature: float, top_k: Any, top_p: Any, beam_width: Any) -> None:
    if strategy not in _STRATEGIES:
        raise _bad("strategy", ", ".join(_STRATEGIES), repr(strategy))
    feeding.require_counts(top_k=top_k, beam_width=beam_width)
    if not temperature > 0:
        raise _bad("temperature", "a number above 0; strategy='greedy' is the limit at 0", temperature)
    if top_p is not None and not 0 < top_p <= 1:
        raise _bad("top_p", "a probability above 0", top_p)
    if strategy != "sample" and (temperature != 1 or top_k is not None or top_p is not None):
        raise _bad("temperature, top_k, top_p", "strategy='sample', for which they count", repr(strategy))


def _bad(name: str, expected: str, received: object) -> InvalidArgument:
    return InvalidArgument(
        f"generate cannot work with this {name}.",
        code="generate-arguments",
        place=f"generate({name}=...)",
        expected=expected,
        received=received,
    )
