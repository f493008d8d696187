"""Spam or not: a small network that reads raw text messages, beside tf-idf with logistic regression.

The network sees every message twice: as words, and as characters with capitals, digits and signs as they were typed
("FREE", "£1000", "08712460324"). Over both run convolutions, each a detector of a short pattern, and what counts is
whether a pattern is anywhere in the message (global max pooling).

The vocabularies are layers, so the model takes strings: `model.predict(np.array(["WIN a prize, call now"]))`.

Data: `$RANVIER_DATA/sms_spam/SMSSpamCollection.tsv`, 5,574 messages (Almeida, Gómez Hidalgo and Yamakami, 2011).
"""

from __future__ import annotations

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline

import ranvier as keras
from examples.comparison import Scores, compare
from examples.local_data import local_file
from ranvier import layers


def load() -> tuple[np.ndarray, np.ndarray]:
    """Return the messages, and 1 for spam."""
    lines = local_file("sms_spam", "SMSSpamCollection.tsv").read_text("utf-8").splitlines()
    labels, texts = zip(*(line.split("\t", 1) for line in lines), strict=True)
    return np.array(texts), (np.array(labels) == "spam").astype("float32")


def made_up(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a few messages for the smoke test: every other one shouts."""
    draws = np.random.default_rng(seed)
    texts = [" ".join(draws.choice(["lunch", "home", "prize", "later", "call"], 5)) for _ in range(80)]
    return np.array([text.upper() if i % 2 else text for i, text in enumerate(texts)]), np.arange(80.0) % 2


def detector(texts: np.ndarray) -> keras.Model:
    """Return a network whose vocabularies are those of the texts."""
    words = layers.TextVectorization(max_tokens=8000, output_sequence_length=60)
    characters = layers.TextVectorization(standardize=None, split="character", output_sequence_length=200)
    message = layers.Input((), dtype="string")
    found = []
    for vocabulary, size, width in ((words, 32, 3), (characters, 16, 7)):
        vocabulary.adapt(texts)
        x = layers.Embedding(vocabulary.vocabulary_size(), size)(vocabulary(message))
        x = layers.Conv1D(64, width, activation="relu")(x)
        found.append(layers.GlobalMaxPooling1D()(x))
    x = layers.Dropout(0.5)(layers.Concatenate()(found))
    return keras.Model(message, layers.Dense(1, activation="sigmoid")(x))


def measure(seed: int, smoke: bool) -> Scores:
    """Train on four fifths of the messages and return each method's F1 on the last fifth."""
    texts, spam = made_up(seed) if smoke else load()
    x, x_unseen, y, y_unseen = train_test_split(texts, spam, test_size=0.2, stratify=spam, random_state=seed)

    keras.utils.set_random_seed(seed)
    model = detector(x)
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(x, y, epochs=1 if smoke else 10, batch_size=32, verbose=0)
    network = model.predict(x_unseen, verbose=0)[:, 0] > 0.5

    # How strongly the regression is held back is chosen by cross-validation, for F1.
    strengths = {"C": [1, 10, 100]}
    regression = GridSearchCV(LogisticRegression(max_iter=1000), strengths, scoring="f1", cv=3)
    classic = make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), regression).fit(x, y)
    return {
        "convolutions over words and characters": f1_score(y_unseen, network),
        "tf-idf, logistic regression": f1_score(y_unseen, classic.predict(x_unseen)),
    }


if __name__ == "__main__":
    compare(
        "Spam in text messages",
        measure,
        score="F1 of the class spam on 1,115 unseen messages",
        networks=["convolutions over words and characters"],
    )
