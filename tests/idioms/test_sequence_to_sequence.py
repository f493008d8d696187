"""Sequence to sequence with attention: teacher forcing in training, greedy decoding with and without a cache."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import ranvier as keras
from ranvier import layers, ops
from ranvier._errors import InvalidArgument
from ranvier.models import generate
from tests.idioms.weights import moved, values

START, TOKENS, LENGTH, SIZE = 0, 7, 4, 16
RNG = np.random.default_rng(0)


def pairs(rows: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return sources, what the decoder is given (the target, one place later), and targets: the source reversed."""
    source = np.random.default_rng(seed).integers(1, TOKENS, (rows, LENGTH)).astype("int32")
    target = source[:, ::-1]
    given = np.concatenate([np.full((rows, 1), START, "int32"), target[:, :-1]], axis=1)
    return source, given, target


class Positions(layers.Layer):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.token = layers.Embedding(TOKENS, SIZE, embeddings_initializer="glorot_uniform")
        self.place = layers.Embedding(LENGTH, SIZE, embeddings_initializer="glorot_uniform")

    def call(self, x: Any) -> Any:
        return self.token(x) + self.place(ops.arange(0, ops.shape(x)[-1], 1))


def transformer() -> tuple[Any, Any, Any]:
    """The whole network for training, and its two halves for decoding: they share their weights."""
    keras.utils.set_random_seed(3)
    source = keras.Input((LENGTH,), dtype="int32", name="source")
    x = Positions(name="source_positions")(source)
    x = layers.LayerNormalization()(x + layers.MultiHeadAttention(2, 8, name="within_source")(x, x))
    encoder = keras.Model(source, x, name="encoder")

    memory = keras.Input((LENGTH, SIZE), name="memory")
    given = keras.Input((None,), dtype="int32", name="given")
    y = Positions(name="given_positions")(given)
    y = layers.LayerNormalization()(y + layers.MultiHeadAttention(2, 8, name="causal")(y, y, use_causal_mask=True))
    y = layers.LayerNormalization()(y + layers.MultiHeadAttention(2, 8, name="cross")(y, memory))
    decoder = keras.Model([memory, given], layers.Dense(TOKENS, name="logits")(y), name="decoder")
    return keras.Model([source, given], decoder([encoder(source), given])), encoder, decoder


def recurrent() -> tuple[Any, Any, Any]:
    """The same with LSTMs and Luong's attention; the decoder starts from the encoder's states."""
    keras.utils.set_random_seed(3)
    source, given = keras.Input((LENGTH,), dtype="int32"), keras.Input((None,), dtype="int32")
    outputs, h, c = layers.LSTM(SIZE, return_sequences=True, return_state=True)(layers.Embedding(TOKENS, 8)(source))
    encoder = keras.Model(source, [outputs, h, c], name="encoder")
    states = [keras.Input(tuple(x.shape[1:])) for x in (outputs, h, c)]
    embedding, lstm = layers.Embedding(TOKENS, 8), layers.LSTM(SIZE, return_sequences=True, return_state=True)
    attend, logits = layers.Attention(), layers.Dense(TOKENS)
    y, *after = lstm(embedding(given), initial_state=states[1:])
    said = logits(layers.Concatenate()([y, attend([y, states[0]])]))
    decoder = keras.Model([*states, given], said, name="decoder")
    stepper = keras.Model([*states, given], [said, *after], name="stepper")
    return keras.Model([source, given], decoder([*encoder(source), given])), encoder, stepper


def by_hand(decoder: Any, context: list[Any]) -> np.ndarray:
    """Decode as the tutorials do: the target so far in, the likeliest token at its end out."""
    tokens = np.full((len(context[0]), LENGTH), START, "int32")
    for place in range(1, LENGTH):
        logits = decoder.predict([*context, tokens], verbose=0)  # what stands at later places does not count
        tokens[:, place] = logits[:, place - 1].argmax(1)
    return tokens


def spread(model: Any) -> None:
    """Make the weights larger than first values are, so that the likeliest token is clear."""
    for variable in model.trainable_variables:
        variable.assign(3 * variable.value + 0.02)


def test_teacher_forcing_shows_the_decoder_nothing_later_and_trains_every_weight() -> None:
    model, _, _ = transformer()
    source, given, target = pairs(16)
    early = np.asarray(model([source, given]))
    other = given.copy()
    other[:, 3:] = (other[:, 3:] + 1) % TOKENS
    late = np.asarray(model([source, other]))
    assert late[:, :3].tobytes() == early[:, :3].tobytes() and not np.array_equal(late[:, 3], early[:, 3])
    before = values(model)
    model.compile(keras.optimizers.SGD(0.1), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    history = model.fit([source, given], target, batch_size=16, epochs=1, shuffle=False, verbose=0)
    rows = early - np.log(np.exp(early).sum(-1, keepdims=True))
    expected = -np.take_along_axis(rows, target[..., None], -1).mean()
    assert history.history["loss"][0] == pytest.approx(expected, rel=1e-5)
    # One number added to all scores of a softmax changes nothing: the keys' biases have no slope but rounding's.
    expected_to_move = {path for path in before if not path.endswith("key/bias")}
    assert expected_to_move <= moved(before, model)


def test_decoding_with_a_cache_without_one_and_by_hand_gives_the_same_tokens() -> None:
    model, encoder, decoder = transformer()
    spread(model)
    source, _, _ = pairs(5, seed=2)
    start, memory = np.full((5, 1), START), encoder.predict(source)
    expected = by_hand(decoder, [memory])
    cached = generate(decoder, start, LENGTH, context=memory, cache=True)
    assert cached.cached
    np.testing.assert_array_equal(cached.tokens, expected)
    assert len({tuple(row) for row in expected}) > 1, "what is decoded depends on the source"
    np.testing.assert_array_equal(generate(decoder, start, LENGTH, context=[memory], cache=False).tokens, expected)
    with pytest.raises(InvalidArgument, match="one for each prompt"):
        generate(decoder, start, LENGTH, context=memory[:2])


@pytest.mark.slow
def test_sources_as_context_and_beams_keep_to_their_rows() -> None:
    model, encoder, decoder = transformer()
    spread(model)
    source, _, _ = pairs(4, seed=2)
    start, memory = np.full((4, 1), START), encoder.predict(source)
    whole = generate(model, start, LENGTH, context=source)
    np.testing.assert_array_equal(whole.tokens, by_hand(decoder, [memory]))
    one = generate(decoder, start[:1], LENGTH, context=[memory[3:4]])
    np.testing.assert_array_equal(one.tokens, whole.tokens[3:4])
    found = generate(decoder, start, LENGTH, context=memory, strategy="beam_search", beam_width=3)
    greedy = generate(decoder, start, LENGTH, context=memory)
    assert (found.log_probabilities >= greedy.log_probabilities - 1e-5).all()
    for row in range(4):
        alone = generate(
            decoder, start[:1], LENGTH, context=memory[row : row + 1], strategy="beam_search", beam_width=3
        )
        np.testing.assert_array_equal(alone.tokens[0], found.tokens[row])
    drawn = [generate(decoder, start, LENGTH, context=memory, strategy="sample", seed=s).tokens for s in (1, 1, 2)]
    assert np.array_equal(drawn[0], drawn[1]) and not np.array_equal(drawn[0], drawn[2])


@pytest.mark.slow
def test_a_recurrent_decoder_goes_on_from_its_states_as_over_the_whole_sequence() -> None:
    model, encoder, stepper = recurrent()
    spread(model)
    source, _, _ = pairs(3, seed=2)
    outputs, h, c = (np.asarray(x) for x in encoder(source))
    tokens, last = [np.full((3, 1), START, "int32")], [h, c]
    for _ in range(LENGTH - 1):
        said, *last = stepper([outputs, *last, tokens[-1]])
        tokens.append(np.asarray(said)[:, -1].argmax(1).astype("int32")[:, None])
    stepwise = np.concatenate(tokens, axis=1)
    found = generate(model.get_layer("decoder"), np.full((3, 1), START), LENGTH, context=[outputs, h, c])
    assert not found.cached, "its state is no key and value of attention"
    np.testing.assert_array_equal(found.tokens, stepwise)


@pytest.mark.slow
@pytest.mark.parametrize("make", [transformer, recurrent])
def test_it_learns_to_reverse(make: Any) -> None:
    model, encoder, decoder = make()
    source, given, target = pairs(512)
    model.compile(keras.optimizers.Adam(0.01), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit([source, given], target, batch_size=64, epochs=40, verbose=0, seed=0)
    unseen, _, wanted = pairs(100, seed=9)
    context = encoder.predict(unseen)
    decoder = model.get_layer("decoder")
    found = generate(decoder, np.full((100, 1), START), LENGTH, context=context).tokens
    # The prompt is the start, so all but the last token of the answer fit into the given length.
    assert (found[:, 1:] == wanted[:, :-1]).all(1).mean() > 0.95
