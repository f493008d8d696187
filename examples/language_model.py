"""A language model of Shakespeare's letters: which one comes next, beside a 5-gram model with Kneser-Ney smoothing.

The network has what a 5-gram model has, tables that are asked with the last 1, 2, 3 and 4 letters, but each answers
with a vector instead of counts. A row that nobody has asked before is 0, so it stays silent; and while it learns, the
network must now and then do without a table, as smoothing makes the 5-gram model do. Convolutions over what the tables
say look some 40 letters further back, where counts are hopeless.

Data: `$RANVIER_DATA/tiny_shakespeare/input.txt`, 1,115,394 letters; the last tenth is unseen.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import ranvier as keras
from examples.comparison import Scores, compare
from examples.local_data import local_file
from ranvier import layers, ops

ORDER, ROWS, SIZE, LENGTH = 5, 32749, 64, 128


class Grams(layers.Layer):
    """Add up what the tables say about the last 1 to ORDER - 1 letters.

    The letters are the digits of a number; where there are more numbers than rows, some share a row, ROWS being prime.
    """

    def __init__(self, letters: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.letters = letters
        rows = [min(letters**n, ROWS) for n in range(1, ORDER)]
        self.tables = [layers.Embedding(count, SIZE, "zeros" if i else "uniform") for i, count in enumerate(rows)]
        self.silence = [layers.Dropout(0.3, noise_shape=(None, None, 1)) for _ in rows[1:]]

    def call(self, x: Any) -> Any:
        number = earlier = x
        found = self.tables[0](x)
        for table, silence in zip(self.tables[1:], self.silence, strict=True):
            earlier = ops.pad(earlier[:, :-1], ((0, 0), (1, 0)))
            number = number * self.letters + earlier
            found = found + silence(table(number % table.input_dim))
        return found


def network(letters: int) -> keras.Model:
    """Return a network that says at every place how likely each letter is to come next."""
    text = layers.Input((None,), dtype="int32")
    x = Grams(letters)(text)
    for apart in (1, 4, 16):
        look = layers.Conv1D(2 * SIZE, 3, padding="causal", dilation_rate=apart, activation="gelu")
        x = x + layers.Dense(SIZE)(look(layers.LayerNormalization()(x)))
    return keras.Model(text, layers.Dense(letters)(layers.LayerNormalization()(x)))


def pieces(text: np.ndarray, step: int) -> tuple[np.ndarray, np.ndarray]:
    """Return pieces of the text that begin `step` letters apart, and for each of their letters the one that follows."""
    found = np.lib.stride_tricks.sliding_window_view(text, LENGTH + 1)[::step]
    return found[:, :-1], found[:, 1:]


def bits_of_network(model: keras.Model, text: np.ndarray) -> float:
    """Return the mean bits per letter; pieces overlap, so that only letters with something before them count."""
    x, y = pieces(text, LENGTH // 2)
    logits = model.predict(x, batch_size=64, verbose=0)[:, LENGTH // 2 :]
    surprise = keras.losses.sparse_categorical_crossentropy(y[:, LENGTH // 2 :], logits, from_logits=True)
    return float(np.mean(surprise) / np.log(2))


def bits_of_grams(known: np.ndarray, text: np.ndarray, letters: int) -> float:
    """Return the mean bits per letter of a 5-gram model with Kneser-Ney smoothing.

        p(letter | n - 1 before) = (max(count - d, 0) + d * kinds * p(letter | n - 2 before)) / total

    Below the longest, `count` says how many letters stand before the n-gram, not how often it occurs; `kinds` says how
    many letters follow what is before, and d is the share that new ones get (Ney, Essen and Kneser, 1994).
    """
    chance = np.full(len(text) - ORDER + 1, 1 / letters)
    for n in range(1, ORDER + 1):
        longer = numbers(known, min(n + 1, ORDER), letters)
        grams, count = np.unique(longer if n == ORDER else np.unique(longer) % letters**n, return_counts=True)
        once, twice = np.sum(count == 1), np.sum(count == 2)
        d = once / max(once + 2 * twice, 1)
        before, first, kinds = np.unique(grams // letters, return_index=True, return_counts=True)
        total = np.add.reduceat(count, first)
        asked = numbers(text, n, letters)[ORDER - n :]
        c = look_up(grams, count, asked)
        t, k = look_up(before, total, asked // letters), look_up(before, kinds, asked // letters)
        chance = np.where(t > 0, (np.maximum(c - d, 0) + d * k * chance) / np.maximum(t, 1), chance)
    return float(-np.log2(chance).mean())


def numbers(text: np.ndarray, n: int, letters: int) -> np.ndarray:
    """Return every n letters in a row as one number, the last letter being its last digit."""
    return np.lib.stride_tricks.sliding_window_view(text.astype("int64"), n) @ letters ** np.arange(n)[::-1]


def look_up(keys: np.ndarray, values: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Return the values of sorted keys, and 0 for what is no key."""
    place = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    return np.where(keys[place] == asked, values[place], 0)


def measure(seed: int, smoke: bool) -> Scores:
    """Train on nine tenths of the text and return each method's bits per letter on the last tenth."""
    play = "To be, or not to be, that is the question.\n" * 50
    play = play if smoke else local_file("tiny_shakespeare", "input.txt").read_text("utf-8")
    alphabet, text = np.unique(list(play), return_inverse=True)
    known, unseen = np.split(text.astype("int32"), [len(text) * 9 // 10])

    keras.utils.set_random_seed(seed)
    model = network(len(alphabet))
    x, y = pieces(known, LENGTH)
    epochs, batch = 1 if smoke else 3, 32
    rate = keras.optimizers.schedules.CosineDecay(4e-3, max(epochs * len(x) // batch, 1))
    model.compile(keras.optimizers.Adam(rate), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(x, y, epochs=epochs, batch_size=batch, verbose=0)
    if seed == 0 and not smoke:
        prompt = np.searchsorted(alphabet, list("ROMEO:\n"))[None]
        written = keras.models.generate(model, prompt, 240, strategy="sample", temperature=0.7, seed=0).tokens[0]
        print("".join(alphabet[written]))
    return {
        "tables and convolutions": bits_of_network(model, unseen),
        "5-gram model, Kneser-Ney": bits_of_grams(known, unseen, len(alphabet)),
    }


if __name__ == "__main__":
    compare(
        "Language model of Shakespeare",
        measure,
        score="bits per letter on the last 111,540 letters",
        networks=["tables and convolutions"],
        higher=False,
    )
