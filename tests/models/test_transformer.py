"""A small transformer encoder learns from sequences of several lengths, in the functional form and as a class."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ranvier import layers, ops, utils
from ranvier.models import Model

TOKENS, LENGTH, SIZE = 8, 6, 16


class Positions(layers.Layer):
    """Embedded tokens and positions; 0 is no token."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.token = layers.Embedding(TOKENS, SIZE, mask_zero=True)
        self.place = layers.Embedding(LENGTH, SIZE)

    def call(self, x: Any) -> Any:
        return self.token(x) + self.place(ops.arange(x.shape[1]))

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return self.token.compute_mask(inputs)


def functional() -> Model:
    tokens = layers.Input((None,), dtype="int32")
    x = Positions()(tokens)
    y = layers.MultiHeadAttention(2, 8, dropout=0.1)(x, x)
    x = layers.LayerNormalization()(x + y)
    x = layers.LayerNormalization()(x + layers.Dense(SIZE, activation="gelu")(x))
    return Model(tokens, layers.Dense(2, activation="softmax")(x[:, 0]))


class Encoder(Model):
    def __init__(self) -> None:
        super().__init__()
        self.positions = Positions()
        self.attention = layers.MultiHeadAttention(2, 8, dropout=0.1)
        self.first, self.second = layers.LayerNormalization(), layers.LayerNormalization()
        self.hidden, self.head = layers.Dense(SIZE, activation="gelu"), layers.Dense(2, activation="softmax")

    def call(self, tokens: Any) -> Any:
        x = self.positions(tokens)
        x = self.first(x + self.attention(x, x))
        return self.head(self.second(x + self.hidden(x))[:, 0])


def sequences() -> tuple[np.ndarray, np.ndarray]:
    """Whether token 3 stands anywhere; filled up with 0."""
    random = np.random.default_rng(0)
    x = random.integers(1, TOKENS, (384, LENGTH))
    x = np.where(np.arange(LENGTH) < random.integers(3, LENGTH + 1, (384, 1)), x, 0).astype("int32")
    return x, (x == 3).any(1).astype("int32")


@pytest.mark.parametrize("make", [functional, Encoder])
def test_an_encoder_learns_and_does_not_see_the_padding(make: Any) -> None:
    utils.set_random_seed(1)
    (x, y), model = sequences(), make()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.optimizer.learning_rate = 5e-3
    model.fit(x[:256], y[:256], epochs=30, batch_size=32, verbose=0)
    assert model.evaluate(x[256:], y[256:], verbose=0)[1] > 0.95
    # Five rows are computed as eight: neither the rows nor the places that were filled up change anything.
    short = np.where(np.arange(LENGTH) < 4, x[256:261], 0)
    together = model.predict(short, verbose=0)
    alone = np.concatenate([model.predict(row[None], verbose=0) for row in short])
    np.testing.assert_allclose(together, alone, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(model.predict(short[:, :4], verbose=0), together, rtol=1e-5, atol=1e-6)
