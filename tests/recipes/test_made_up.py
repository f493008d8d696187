"""Made-up rows have the shapes, types and ranges that a model wants."""

from __future__ import annotations

import numpy as np
import pytest

import ranvier as keras
from ranvier import layers
from ranvier.recipes import made_up


def test_numbers_and_words() -> None:
    numbers, words = keras.Input((3,), name="numbers"), keras.Input((5,), name="words")
    pooled = layers.GlobalAveragePooling1D()(layers.Embedding(7, 4)(words))
    model = keras.Model([numbers, words], layers.Concatenate()([numbers, pooled]))
    x = made_up.inputs(model, 50)
    assert [leaf.shape for leaf in x] == [(50, 3), (50, 5)] and x[0].dtype == np.float32
    assert 0 <= x[0].min() < 0.1 and 0.9 < x[0].max() < 1
    assert set(np.unique(x[1])) == set(range(7))


@pytest.mark.parametrize(
    ("loss", "shape", "kind"),
    [("sparse_categorical_crossentropy", (6,), "i"), ("categorical_crossentropy", (6, 4), "f"), ("mse", (6, 4), "f")],
)
def test_targets_suit_the_loss(loss: str, shape: tuple[int, ...], kind: str) -> None:
    model = keras.Sequential([keras.Input((3,)), layers.Dense(4)])
    model.compile("sgd", loss)
    y = made_up.targets(model, made_up.inputs(model, 6))
    assert y.shape == shape and y.dtype.kind == kind
    if loss == "categorical_crossentropy":
        assert (y.sum(axis=1) == 1).all() and set(np.unique(y)) == {0.0, 1.0}


def test_targets_of_several_outputs() -> None:
    x = keras.Input((3,))
    model = keras.Model(x, {"b": layers.Dense(2, name="b")(x), "a": layers.Dense(4, name="a")(x)})
    model.compile("sgd", {"a": keras.losses.SparseCategoricalCrossentropy(from_logits=True), "b": "mse"})
    y = made_up.targets(model, made_up.inputs(model, 6))
    assert y["a"].shape == (6,) and y["b"].shape == (6, 2)


def test_texts_cannot_be_made_up() -> None:
    x = keras.Input((1,), dtype="string")
    model = keras.Model(x, layers.Hashing(3)(x))
    with pytest.raises(keras._errors.NotReady, match="cannot be made up"):
        made_up.inputs(model, 4)
