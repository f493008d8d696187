"""Recommendation: who likes what, from a table of ratings, beside the popularity of the items.

Every person and every film gets a vector that is learned: what somebody is drawn to, and what a film offers. Their
product is how well the two fit, two further numbers say how strict the person is and how good the film, and a small
network corrects the sum.

The ratings are made up, with a structure that is known and so can be checked: the table is thin (a person has rated 30
of 600 films, mostly popular ones), tastes have six directions, and each rating is off by a mood of 0.5 stars and then
rounded to half a star. Nobody can be much better than that mood.
"""

from __future__ import annotations

import numpy as np
from sklearn.model_selection import train_test_split

import ranvier as keras
from examples.comparison import Scores, compare
from ranvier import layers, regularizers

MOOD, TASTES = 0.5, 6


def ratings(people: int, films: int, each: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return who rated what [rating, (person, film)], and the stars [rating]."""
    draws = np.random.default_rng(seed)
    drawn_to = draws.normal(size=(people, TASTES))
    offers = draws.normal(size=(films, TASTES)) / np.sqrt(TASTES)
    strict, good = draws.normal(scale=0.4, size=people), draws.normal(scale=0.5, size=films)
    seen = 1 / np.arange(1, films + 1) ** 0.7
    film = np.stack([draws.choice(films, each, replace=False, p=seen / seen.sum()) for _ in range(people)]).ravel()
    person = np.repeat(np.arange(people), each)
    fit = np.sum(drawn_to[person] * offers[film], axis=1)
    stars = 3.3 - strict[person] + good[film] + fit + draws.normal(scale=MOOD, size=len(film))
    return np.stack([person, film], axis=1), np.clip(np.round(2 * stars) / 2, 0.5, 5).astype("float32")


def recommender(people: int, films: int, mean: float) -> keras.Model:
    """Return a network that guesses stars from the numbers of a person and a film."""
    pair = layers.Input((2,), dtype="int32")
    held = regularizers.L2(2e-5)
    person, film = (layers.Embedding(n, 16, embeddings_regularizer=held) for n in (people, films))
    strict, good = (layers.Embedding(n, 1, "zeros", embeddings_regularizer=held) for n in (people, films))
    p, f = person(pair[:, 0]), film(pair[:, 1])
    both = layers.Dropout(0.3)(layers.Concatenate()([p, f, p * f]))
    correction = layers.Dense(1)(layers.Dense(32, activation="relu")(both))
    stars = layers.Dot(axes=1)([p, f]) + strict(pair[:, 0]) + good(pair[:, 1]) + correction
    return keras.Model(pair, stars + mean)


def means(rows: np.ndarray, stars: np.ndarray, count: int, prior: float, weight: float = 3.0) -> np.ndarray:
    """Return each row number's mean rating, drawn towards `prior` as if `weight` more ratings said so."""
    return (np.bincount(rows, stars, count) + weight * prior) / (np.bincount(rows, minlength=count) + weight)


def measure(seed: int, smoke: bool) -> Scores:
    """Train on nine tenths of the ratings and return each method's error on the last tenth."""
    people, films = (40, 20) if smoke else (2000, 600)
    pairs, stars = ratings(people, films, 10 if smoke else 30, seed)
    x, x_unseen, y, y_unseen = train_test_split(pairs, stars, test_size=0.1, random_state=seed)

    keras.utils.set_random_seed(seed)
    model = recommender(people, films, float(y.mean()))
    model.compile(keras.optimizers.Adam(2e-3), loss="mean_squared_error")
    model.fit(x, y, epochs=1 if smoke else 20, batch_size=256, verbose=0)

    popular = means(x[:, 1], y, films, y.mean())
    strictness = means(x[:, 0], y - popular[x[:, 1]], people, 0.0)
    guesses = {
        "two embeddings and a network": model.predict(x_unseen, verbose=0)[:, 0],
        "item popularity (mean rating)": popular[x_unseen[:, 1]],
        "item popularity and person's mean": popular[x_unseen[:, 1]] + strictness[x_unseen[:, 0]],
    }
    return {name: float(np.sqrt(np.mean((guess - y_unseen) ** 2))) for name, guess in guesses.items()}


if __name__ == "__main__":
    compare(
        "Recommendation",
        measure,
        score=f"root mean squared error in stars on 6,000 unseen ratings (the noise in them: {MOOD})",
        networks=["two embeddings and a network"],
        higher=False,
    )
