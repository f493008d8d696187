"""generate: strategies on tables whose answers are known, and the cache on transformers."""

from __future__ import annotations

import itertools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ranvier import layers, ops, utils
from ranvier._errors import InvalidArgument
from ranvier.engine import compiled
from ranvier.models import Model, Sequential, generate
from ranvier.models.generation import _Loop
from ranvier.models.generation_loop import _one, _whole

VOCABULARY, LENGTH = 11, 9


def table(logits: Any) -> Sequential:
    """A model whose next token depends on the present one alone."""
    array = np.asarray(logits, "float32")
    return Sequential([layers.Embedding(*array.shape, weights=[array])])


class Positions(layers.Layer):
    """Tokens and their positions, as the tutorials write it."""

    def __init__(self, length: int, vocabulary: int, size: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.token = layers.Embedding(vocabulary, size, mask_zero=True)
        self.place = layers.Embedding(length, size)

    def call(self, x: Any) -> Any:
        return self.token(x) + self.place(ops.arange(0, ops.shape(x)[-1], 1))

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return self.token.compute_mask(inputs)


def transformer(length: int | None = None, **more: Any) -> Model:
    utils.set_random_seed(3)
    tokens = layers.Input((length,), dtype="int32")
    x = Positions(LENGTH, VOCABULARY, 8)(tokens)
    for attention in (layers.MultiHeadAttention(2, 4, **more), layers.GroupQueryAttention(4, 4, 2, **more)):
        x = layers.LayerNormalization()(x + attention(x, x, use_causal_mask=True))
        x = x + layers.Dense(8, activation="gelu")(x)
    model = Model(tokens, layers.Dense(VOCABULARY, kernel_initializer="random_normal")(x))
    for variable in model.variables:
        # Larger than first values are, so that the likeliest token is clear.
        variable.assign(4 * variable.value + 0.1)
    return model


def prompts() -> tuple[np.ndarray, np.ndarray]:
    return np.random.default_rng(1).integers(1, VOCABULARY, (3, 4)), np.array([2, 4, 3])


def test_greedy_takes_the_likeliest_and_stops_at_the_end() -> None:
    model = table([[0, 3, 1, 0], [0, 0, 3, 0], [0, 0, 0, 3], [3, 0, 0, 0]])
    found = generate(model, [[0], [2]], 6, end_token=3, pad_token=1)
    np.testing.assert_array_equal(found.tokens, [[0, 1, 2, 3, 1, 1], [2, 3, 1, 1, 1, 1]])
    np.testing.assert_array_equal(found.lengths, [4, 2])
    p = np.exp(3) / (np.exp([0, 3, 1, 0]).sum(), np.exp([0, 0, 3, 0]).sum())
    np.testing.assert_allclose(found.log_probabilities, [np.log(p[0]) + 2 * np.log(p[1]), np.log(p[1])], rtol=1e-5)


def test_prompts_of_several_lengths_are_kept_as_they_are() -> None:
    model = table(np.eye(4, k=1) * 5)
    found = generate(model, [[3, 2, 0], [1, 0, 0]], 5, prompt_lengths=[2, 1], end_token=3)
    np.testing.assert_array_equal(found.tokens, [[3, 2, 3, 0, 0], [1, 2, 3, 0, 0]])
    np.testing.assert_array_equal(found.lengths, [3, 3])


def test_samples_are_seeded_and_have_the_models_probabilities() -> None:
    p = np.array([0.5, 0.3, 0.15, 0.05])
    model, start = table(np.tile(np.log(p), (4, 1))), np.zeros((60, 1), int)

    def drawn(**more: Any) -> np.ndarray:
        tokens = generate(model, start, 41, strategy="sample", seed=1, **more).tokens
        return np.bincount(tokens[:, 1:].ravel(), minlength=4) / (60 * 40)

    np.testing.assert_allclose(drawn(), p, atol=0.03)
    np.testing.assert_allclose(drawn(temperature=0.5), p**2 / (p**2).sum(), atol=0.03)
    np.testing.assert_allclose(drawn(top_k=2), [5 / 8, 3 / 8, 0, 0], atol=0.03)
    np.testing.assert_allclose(drawn(top_p=0.6), [5 / 8, 3 / 8, 0, 0], atol=0.03)
    np.testing.assert_allclose(drawn(top_p=0.85), [10 / 19, 6 / 19, 3 / 19, 0], atol=0.03)
    np.testing.assert_array_equal(drawn(top_p=1e-6), [1, 0, 0, 0])
    again, other = (generate(model, start, 41, strategy="sample", seed=seed).tokens for seed in (1, 2))
    assert not np.array_equal(again, other)
    np.testing.assert_array_equal(again, generate(model, start, 41, strategy="sample", seed=1).tokens)


def test_beams_find_the_best_continuation_where_greedy_does_not() -> None:
    logits = np.random.default_rng(11).normal(size=(5, 5))
    log_p = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    model, starts = table(logits), np.arange(5)[:, None]
    found = generate(model, starts, 4, strategy="beam_search", beam_width=25)
    greedy = generate(model, starts, 4)
    for row, tokens in enumerate(found.tokens):
        scores = {
            path: sum(log_p[a, b] for a, b in itertools.pairwise((row, *path)))
            for path in itertools.product(range(5), repeat=3)
        }
        assert tuple(tokens[1:]) == max(scores, key=scores.__getitem__)
        assert found.log_probabilities[row] == pytest.approx(max(scores.values()), rel=1e-5)
    assert (found.log_probabilities > greedy.log_probabilities + 1e-3).any()
    one = generate(model, starts, 4, strategy="beam_search", beam_width=1)
    np.testing.assert_array_equal(one.tokens, greedy.tokens)


def test_a_finished_beam_keeps_its_score() -> None:
    # Ending at once has probability 0.4; every longer path is less likely.
    p = np.array([[0.3, 0.3, 0.4], [0.5, 0.3, 0.2], [1 / 3, 1 / 3, 1 / 3]])
    found = generate(table(np.log(p)), [[0]], 6, strategy="beam_search", beam_width=3, end_token=2)
    np.testing.assert_array_equal(found.tokens, [[0, 2, 0, 0, 0, 0]])
    assert found.lengths[0] == 2 and found.log_probabilities[0] == pytest.approx(np.log(0.4), rel=1e-5)


@pytest.mark.parametrize(
    ("length", "more"),
    [(LENGTH, {}), (None, {"strategy": "sample", "seed": 4}), (None, {"strategy": "beam_search", "beam_width": 3})],
    ids=str,
)
def test_the_cache_changes_no_token(length: int | None, more: dict[str, Any]) -> None:
    model, (tokens, counted) = transformer(length), prompts()
    kept, read = (generate(model, tokens, LENGTH, prompt_lengths=counted, cache=c, **more) for c in (True, False))
    assert kept.cached and not read.cached
    np.testing.assert_array_equal(kept.tokens, read.tokens)
    np.testing.assert_allclose(kept.log_probabilities, read.log_probabilities, rtol=1e-4)


@pytest.mark.parametrize("more", [{}, {"sliding_window": 3, "use_gate": True}, {"dropout": 0.1}], ids=str)
def test_one_position_alone_has_the_logits_of_the_whole_sequence(more: dict[str, Any]) -> None:
    model = transformer(**more)
    tokens = jnp.asarray(np.random.default_rng(2).integers(1, VOCABULARY, (3, LENGTH)))
    loop = _Loop(model, np.asarray(tokens))

    @jax.jit
    def differences(values: Any) -> list[Any]:
        with loop.scope(values):
            logits, kept = _whole(model, tokens)
            # What was kept of later places must not matter: it is not there yet while a sequence is continued.
            first = jax.tree_util.tree_map(lambda x: x.at[:, 5:].set(x[:, :1]), kept)
            found = []
            for place in (4, 5, 6):
                alone, first = _one(model, tokens, jnp.asarray(place), first)
                found.append(jnp.abs(alone - logits[:, place]).max() / jnp.abs(logits).max())
        return found

    assert max(map(float, differences(loop.values))) < 1e-5


def test_a_cached_step_handles_one_position(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    call = layers.LayerNormalization.call
    monkeypatch.setattr(layers.LayerNormalization, "call", lambda s, x: (seen.append(x.shape[1]), call(s, x))[1])
    model, (tokens, counted) = transformer(), prompts()
    seen.clear()
    compiled.shared.clear()
    generate(model, tokens, LENGTH, prompt_lengths=counted, cache=False)
    assert set(seen) == {LENGTH}
    seen.clear()
    before = compiled.shared.compilations
    assert generate(model, tokens, LENGTH, prompt_lengths=counted).cached
    # Of two layers: whole are outputs, the check's two passes, the loop's first; one are the check's and loop's steps.
    assert sorted(seen) == 2 * 2 * [1] + 4 * 2 * [LENGTH]
    assert compiled.shared.compilations - before == 2
    generate(model, tokens[:, :3], LENGTH)
    assert compiled.shared.compilations - before == 2


class Looking(layers.Layer):
    """Something that a cache does not know about."""

    def __init__(self, kind: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.attention = layers.MultiHeadAttention(2, 4)
        self.kind = kind

    def call(self, x: Any) -> Any:
        length = x.shape[1]
        if self.kind == "sums":
            return ops.cumsum(x, axis=1)
        if self.kind == "mask":
            return self.attention(x, x, attention_mask=ops.tril(ops.ones((length, length)))[None])
        return x + ops.reshape(ops.linspace(0.0, 1.0, length), (1, length, 1))


@pytest.mark.parametrize("kind", ["sums", "mask", "linspace"])
def test_models_that_look_elsewhere_read_the_whole_sequence(kind: str) -> None:
    utils.set_random_seed(5)
    model = Sequential([layers.Embedding(5, 8, "normal"), Looking(kind), layers.Dense(5)])
    found = generate(model, [[1]], 5)
    assert not found.cached
    tokens = np.array(found.tokens)
    for place in range(1, 5):
        logits = np.asarray(model(np.where(np.arange(5) < place, tokens, 0)))
        assert logits[0, place - 1].argmax() == tokens[0, place]
    with pytest.raises(InvalidArgument, match="cannot use a cache"):
        generate(model, [[1]], 5, cache=True)


def test_what_cannot_be_continued_is_said() -> None:
    model = table(np.eye(3))
    for tokens, length, more, words in (
        ([1, 2], 5, {}, "tokens"),
        ([[0.5]], 5, {}, "tokens"),
        ([[1, 2]], 2, {}, "max_length"),
        ([[1, 2]], 5, {"prompt_lengths": [0]}, "prompt_lengths"),
        ([[1]], 5, {"strategy": "best"}, "strategy"),
        ([[1]], 5, {"strategy": "sample", "temperature": 0.0}, "temperature"),
        ([[1]], 5, {"strategy": "sample", "top_p": 1.5}, "top_p"),
        ([[1]], 5, {"top_k": 2}, "top_k"),
        ([[1]], 5, {"end_token": 3}, "end_token"),
        ([[1]], 5, {"pad_token": -1}, "pad_token"),
        ([[1]], 5, {"strategy": "beam_search", "beam_width": 0}, "beam_width"),
    ):
        with pytest.raises(InvalidArgument, match=words):
            generate(model, tokens, length, **more)
    with pytest.raises(InvalidArgument, match="every place"):
        generate(Sequential([layers.Embedding(3, 3), layers.Flatten()]), [[1]], 5)
