"""Character language models: a stateful LSTM and a transformer; bits per character, temperature, top-k."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import ranvier as keras
from ranvier import layers, ops
from ranvier.models import generate
from tests.idioms.weights import moved, values

STREAMS, WINDOW = 8, 16
WORDS = ["the ", "cat ", "sat ", "on ", "a ", "mat ", "and ", "ran. "]


def text(length: int, seed: int) -> str:
    """Return words drawn one by one: letters within a word are certain, the next word is one of eight."""
    draws = np.random.default_rng(seed).integers(0, len(WORDS), length)
    return "".join(WORDS[n] for n in draws)[:length]


ALPHABET = sorted(set("".join(WORDS)))
NUMBERS = {character: number for number, character in enumerate(ALPHABET)}


def streams(length: int, seed: int) -> np.ndarray:
    """Return a text as `STREAMS` parallel ones [stream, place]."""
    return np.array([NUMBERS[c] for c in text(STREAMS * length, seed)], "int32").reshape(STREAMS, length)


def windows(length: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs and next characters as a stateful network reads them: row i goes on in the next batch."""
    whole = streams(length + 1, seed)
    x, y = (
        part.reshape(STREAMS, -1, WINDOW).swapaxes(0, 1).reshape(-1, WINDOW) for part in (whole[:, :-1], whole[:, 1:])
    )
    return x, y


def unigram_bits(train: np.ndarray, held_out: np.ndarray) -> float:
    """Return the bits per character of a model that knows how often each comes."""
    share = (np.bincount(train.ravel(), minlength=len(ALPHABET)) + 1) / (train.size + len(ALPHABET))
    return float(-np.log2(share[held_out.ravel()]).mean())


def lstm(rows: int, width: int | None, size: int = 24) -> Any:
    keras.utils.set_random_seed(1)
    parts = [layers.Embedding(len(ALPHABET), 8), layers.LSTM(size, return_sequences=True, stateful=True)]
    return keras.Sequential(
        [keras.Input(batch_shape=(rows, width), dtype="int32"), *parts, layers.Dense(len(ALPHABET))]
    )


class Positions(layers.Layer):
    def __init__(self, most: int, size: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.token, self.place = layers.Embedding(len(ALPHABET), size), layers.Embedding(most, size)

    def call(self, x: Any) -> Any:
        return self.token(x) + self.place(ops.arange(0, ops.shape(x)[-1], 1))


def transformer(size: int = 16) -> Any:
    keras.utils.set_random_seed(1)
    given = keras.Input((None,), dtype="int32")
    x = Positions(WINDOW, size)(given)
    y = layers.LayerNormalization()(x)
    x = x + layers.MultiHeadAttention(2, size // 2)(y, y, use_causal_mask=True)
    x = x + layers.Dense(size)(layers.Dense(2 * size, activation="gelu")(layers.LayerNormalization()(x)))
    return keras.Model(given, layers.Dense(len(ALPHABET))(layers.LayerNormalization()(x)))


def compiled(model: Any, rate: float) -> Any:
    model.compile(keras.optimizers.Adam(rate), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model


@pytest.mark.slow
def test_a_stateful_network_reads_on_where_it_stopped_and_learns_more_than_frequencies() -> None:
    model = compiled(lstm(STREAMS, WINDOW), 0.02)
    x, y = windows(10 * WINDOW, seed=0)
    held_x, held_y = windows(3 * WINDOW, seed=1)
    before = values(model)
    for _ in range(6):
        model.layers[1].reset_states()
        model.fit(x, y, batch_size=STREAMS, epochs=1, shuffle=False, verbose=0)
    assert moved(before, model) == set(before), "its states are the last window's"
    model.layers[1].reset_states()
    bits = model.evaluate(held_x, held_y, batch_size=STREAMS, verbose=0) / math.log(2)
    assert bits < 0.8 * unigram_bits(x, held_y)

    # One long pass from the start says the same as windows one after the other; a forgotten reset does not.
    whole = lstm(STREAMS, None)
    whole.set_weights(model.get_weights())
    held = held_x.reshape(3, STREAMS, WINDOW).swapaxes(0, 1).reshape(STREAMS, -1)
    logits = np.asarray(whole(held))
    model.layers[1].reset_states()
    parts = [model.predict(held_x, batch_size=STREAMS) for _ in range(2)]
    joined = [part.reshape(3, STREAMS, WINDOW, -1).swapaxes(0, 1).reshape(logits.shape) for part in parts]
    np.testing.assert_allclose(joined[0], logits, rtol=1e-4, atol=1e-4)
    assert np.abs(joined[1][:, 0] - logits[:, 0]).max() > 1e-2


def shares(logits: np.ndarray, temperature: float) -> np.ndarray:
    scaled = np.exp((logits - logits.max()) / temperature)
    return scaled / scaled.sum()


def test_samples_follow_temperature_and_top_k_and_are_those_of_their_seed() -> None:
    model = transformer()
    for variable in model.trainable_variables:
        variable.assign(2 * variable.value)
    prompt = np.tile(streams(4, 5)[:1], (64, 1))
    logits = np.asarray(model(prompt[:1]))[0, -1]
    likely = np.argsort(-logits)
    draw = {"max_length": 5, "strategy": "sample", "cache": True}
    cold = generate(model, prompt, temperature=0.01, seed=1, **draw).tokens[:, -1]
    two = generate(model, prompt, temperature=4.0, top_k=2, seed=1, **draw).tokens[:, -1]
    assert set(cold) == {likely[0]} and set(two) == set(likely[:2])
    hot = [generate(model, prompt, temperature=1.5, seed=seed, **draw).tokens for seed in (1, 1, 2)]
    assert hot[0].tobytes() == hot[1].tobytes() and hot[0].tobytes() != hot[2].tobytes()
    drawn = np.bincount(np.concatenate([hot[0][:, -1], hot[2][:, -1]]), minlength=len(ALPHABET)) / 128
    assert np.abs(drawn - shares(logits, 1.5)).max() < 0.15
    assert shares(logits, 0.01).max() > 0.99 > shares(logits, 1.5).max()


@pytest.mark.slow
def test_a_transformer_learns_the_words_and_writes_them() -> None:
    model = compiled(transformer(32), 5e-3)
    whole = streams(40 * WINDOW + 1, seed=0)
    x, y = (part.reshape(-1, WINDOW) for part in (whole[:, :-1], whole[:, 1:]))
    held = streams(10 * WINDOW + 1, seed=1)
    held_x, held_y = (part.reshape(-1, WINDOW) for part in (held[:, :-1], held[:, 1:]))
    model.fit(x, y, batch_size=32, epochs=40, verbose=0, seed=0)
    bits = model.evaluate(held_x, held_y, verbose=0) / math.log(2)
    # Three bits for each word of 3.4 letters and a space on average; what stands before the window is not seen.
    assert bits < 0.5 * unigram_bits(x, held_y) and bits > 3 / np.mean([len(w) for w in WORDS]) * 0.8
    tokens = generate(model, x[:8, :1], WINDOW, strategy="sample", temperature=0.5, seed=3).tokens
    written = ["".join(ALPHABET[n] for n in row) for row in tokens]
    inner = [word for line in written for word in line.split(" ")[1:-1]]
    assert sum(f"{word} " in WORDS for word in inner) >= 0.9 * len(inner) > 5


@pytest.mark.slow
def test_an_lstm_writes_character_by_character_with_its_state() -> None:
    model = compiled(lstm(STREAMS, WINDOW, 48), 0.02)
    x, y = windows(40 * WINDOW, seed=0)
    for _ in range(12):
        model.layers[1].reset_states()
        model.fit(x, y, batch_size=STREAMS, epochs=1, shuffle=False, verbose=0)
    writer = lstm(1, 1, 48)
    for mine, theirs in zip(writer.trainable_variables, model.trainable_variables, strict=True):
        mine.assign(theirs)
    texts = []
    for seed in (0, 0, 1):
        writer.layers[1].reset_states()
        draws, written = np.random.default_rng(seed), " "
        for _ in range(60):
            logits = np.asarray(writer(np.array([[NUMBERS[written[-1]]]], "int32")))[0, 0]
            written += ALPHABET[draws.choice(len(ALPHABET), p=shares(logits.astype("float64"), 0.5))]
        texts.append(written)
    assert texts[0] == texts[1] != texts[2]
    inner = texts[0].split(" ")[1:-1]
    assert sum(f"{word} " in WORDS for word in inner) >= 0.8 * len(inner) > 5
