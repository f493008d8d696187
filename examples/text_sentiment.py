"""Sentiment of a sentence: an LSTM and a transformer, beside tf-idf with logistic regression.

The sentences are short and the words are many: 20,000 of them in 8,500 sentences, most seen once or twice. A network
that starts from random word vectors must learn from these sentences alone which words praise and which blame, and
learns them by heart within a few passes; hence small networks, much dropout, and a stop as soon as a tenth of the
training sentences that is set aside says so.

Data: `$RANVIER_DATA/sentence_polarity/rt-polarity.{pos,neg}`, 10,662 sentences of reviews (Pang and Lee, 2005).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline

import ranvier as keras
from examples.comparison import Scores, compare
from examples.local_data import local_file
from examples.transformer import TokensAndPlaces, transformer_block
from ranvier import layers

LENGTH, SIZE = 40, 64


def load() -> tuple[np.ndarray, np.ndarray]:
    """Return the sentences, and 1 for praise."""
    praise, blame = (
        local_file("sentence_polarity", f"rt-polarity.{kind}").read_text("utf-8").strip("\n").split("\n")
        for kind in ("pos", "neg")
    )
    return np.array(praise + blame), np.repeat([1.0, 0.0], [len(praise), len(blame)])


def made_up(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a few sentences for the smoke test."""
    draws = np.random.default_rng(seed)
    words = [["a fine film", "moving", "witty"], ["a dull film", "tired", "long"]]
    return np.array([" , ".join(draws.permutation(words[i % 2])) for i in range(80)]), 1 - np.arange(80.0) % 2


def lstm(vocabulary: int) -> keras.Model:
    """Return a network that reads the sentence forward and backward, word by word."""
    sentence = layers.Input((LENGTH,), dtype="int32")
    x = layers.Embedding(vocabulary, SIZE, mask_zero=True)(sentence)
    x = layers.SpatialDropout1D(0.5)(x)
    x = layers.Bidirectional(layers.LSTM(32))(x)
    return keras.Model(sentence, answer(x))


def transformer(vocabulary: int) -> keras.Model:
    """Return a network in which every word looks at all others."""
    sentence = layers.Input((LENGTH,), dtype="int32")
    x = layers.Dropout(0.5)(TokensAndPlaces(vocabulary, LENGTH, SIZE)(sentence))
    x = transformer_block(x, 4, causal=False, dropout=0.3)
    return keras.Model(sentence, answer(layers.GlobalAveragePooling1D()(x)))


def answer(x: Any) -> Any:
    return layers.Dense(1, activation="sigmoid")(layers.Dropout(0.5)(x))


def trained(model: keras.Model, tokens: np.ndarray, praise: np.ndarray, epochs: int) -> keras.Model:
    """Train until the sentences set aside are understood no better, and go back to the best epoch."""
    x, x_aside, y, y_aside = train_test_split(tokens, praise, test_size=0.1, stratify=praise, random_state=0)
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    stop = keras.callbacks.EarlyStopping(patience=2, restore_best_weights=True)
    model.fit(x, y, validation_data=(x_aside, y_aside), epochs=epochs, batch_size=64, callbacks=[stop], verbose=0)
    return model


def measure(seed: int, smoke: bool) -> Scores:
    """Train on four fifths of the sentences and return each method's accuracy on the last fifth."""
    texts, praise = made_up(seed) if smoke else load()
    x, x_unseen, y, y_unseen = train_test_split(texts, praise, test_size=0.2, stratify=praise, random_state=seed)

    keras.utils.set_random_seed(seed)
    words = layers.TextVectorization(max_tokens=20000, output_sequence_length=LENGTH)
    words.adapt(x)
    scores, chances = {}, np.zeros(len(x_unseen))
    for name, network in (("LSTM", lstm), ("transformer", transformer)):
        model = trained(network(words.vocabulary_size()), words(x), y, epochs=1 if smoke else 8)
        found = model.predict(words(x_unseen), verbose=0)[:, 0]
        scores[name] = np.mean((found > 0.5) == y_unseen)
        chances += found / 2
    scores["LSTM and transformer, averaged"] = np.mean((chances > 0.5) == y_unseen)

    # How strongly the regression is held back is chosen by cross-validation.
    regression = GridSearchCV(LogisticRegression(max_iter=1000), {"C": [1, 3, 10, 30]}, cv=3)
    classic = make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), regression).fit(x, y)
    return {**scores, "tf-idf, logistic regression": classic.score(x_unseen, y_unseen)}


if __name__ == "__main__":
    compare(
        "Sentiment of sentences",
        measure,
        score="accuracy on 2,133 unseen sentences",
        networks=["LSTM", "transformer", "LSTM and transformer, averaged"],
        why_not="8,500 sentences are too few to learn word vectors from; networks get ahead with vectors trained on "
        "far more text (Kim, 2014).",
    )
