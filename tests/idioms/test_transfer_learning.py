"""Transfer learning: load a file, cut at a layer, freeze, add a head, train, thaw at a lower rate."""

from __future__ import annotations

import pathlib
import warnings
from typing import Any

import numpy as np
import pytest

import ranvier as keras
from ranvier import layers
from tests.idioms.weights import moved, statistics, values

RNG = np.random.default_rng(0)
X = RNG.normal(2, 3, size=(24, 5)).astype("float32")
Y = RNG.integers(0, 3, 24)


def pretrained() -> Any:
    """A network as somebody else trained it: its moving averages have left 0 and 1."""
    keras.utils.set_random_seed(4)
    inputs = keras.Input((5,), name="pixels")
    x = layers.Dense(6, name="first")(inputs)
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.Activation("relu", name="features")(x)
    model = keras.Model(inputs, layers.Dense(2, activation="softmax", name="old_head")(x), name="old")
    for path, value in {"moving_mean": 0.5, "moving_variance": 2.0, "gamma": 1.5}.items():
        next(v for v in model.variables if v.path.endswith(path)).assign(np.full(6, value))
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model


@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_the_whole_way_from_a_file(ending: str, tmp_path: pathlib.Path) -> None:
    old = pretrained()
    old.save(tmp_path / f"old.{ending}")
    loaded = keras.models.load_model(tmp_path / f"old.{ending}")
    assert moved(values(old), loaded) == set()

    # Cut at a layer: the old head is no part of the new network.
    base = keras.Model(loaded.inputs, loaded.get_layer("features").output, name="base")
    cut = keras.Model(old.inputs, old.get_layer("features").output)
    assert base.predict(X).tobytes() == cut.predict(X).tobytes()
    base.trainable = False
    inputs = keras.Input((5,))
    model = keras.Model(inputs, layers.Dense(3, activation="softmax", name="head")(base(inputs, training=False)))
    model.compile(keras.optimizers.Adam(1e-2), "sparse_categorical_crossentropy")
    assert [v.path.split("/")[-2:] for v in model.trainable_variables] == [["head", "kernel"], ["head", "bias"]]

    # 1. Frozen: the head alone moves; features are the same bits before and after.
    before, features = values(model), base.predict(X)
    model.fit(X, Y, batch_size=8, epochs=2, verbose=0)
    assert moved(before, model) == {"0/head/kernel", "0/head/bias"}
    assert base.predict(X).tobytes() == features.tobytes()

    # 2. Thawed, at a lower rate: everything trainable moves; BatchNormalization was called with training=False.
    base.trainable = True
    with pytest.warns(UserWarning, match="changed after compile") as told:
        model.train_on_batch(X[:8], Y[:8])
    assert told[0].filename == __file__, "the warning names the person's own line"
    assert moved(before, model) == {"0/head/kernel", "0/head/bias"}, "no effect before the next compile"
    model.compile(keras.optimizers.Adam(1e-5), "sparse_categorical_crossentropy")
    before = values(model)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit(X, Y, batch_size=8, epochs=2, verbose=0)
    changed = moved(before, model)
    assert changed == set(before) - statistics(before, 0)
    steps = 2 * 3
    after = values(model)
    for path in changed:  # Adam moves by at most about its rate a step
        assert np.abs(after[path] - before[path]).max() <= 1.01e-5 * steps + 2e-7, path
    assert loaded.get_layer("first").kernel is base.get_layer("first").kernel
    assert moved(values(old), loaded) - {"0/norm/gamma", "0/norm/beta", "0/first/kernel", "0/first/bias"} == set()


def _frozen(way: str) -> tuple[Any, Any]:
    base = keras.Model((old := pretrained()).inputs, old.get_layer("features").output, name="base")
    if way == "layers":
        for layer in base.layers:
            layer.trainable = False
    else:
        base.trainable = False
    inputs = keras.Input((5,))
    model = keras.Model(inputs, layers.Dense(3, activation="softmax", name="head")(base(inputs)))
    model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy")
    return model, base


@pytest.mark.parametrize("way", ["model", "layers"])
def test_frozen_batch_normalization_is_in_inference_mode_while_training(way: str) -> None:
    """It normalizes by its moving averages, and keeps them: the head learns what `predict` will show it."""
    model, base = _frozen(way)
    before, features = values(model), base.predict(X[:8])
    head = [np.asarray(w, "float64") for w in model.layers[-1].get_weights()]
    loss = float(model.train_on_batch(X[:8], Y[:8]))
    assert moved(before, model) == {"0/head/kernel", "0/head/bias"}
    # What the head saw in the training step are the features of inference.
    logits = features @ head[0] + head[1]
    log_p = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    assert loss == pytest.approx(-log_p[np.arange(8), Y[:8]].mean(), rel=1e-5)
    np.testing.assert_allclose(base(X[:8], training=True), features, rtol=1e-5, atol=1e-6)
    assert moved(before, model) == {"0/head/kernel", "0/head/bias"}


def test_a_frozen_layer_among_others_of_a_sequential_model_and_thawed_ones() -> None:
    """`for layer in model.layers[:-2]`: the tail is tuned, its BatchNormalization follows the data."""
    keras.utils.set_random_seed(0)
    parts = [layers.Dense(4, name="low"), layers.BatchNormalization(name="low_norm"), layers.Dense(4, name="high")]
    model = keras.Sequential([keras.Input((5,)), *parts, layers.BatchNormalization(name="norm"), layers.Dense(3)])
    for layer in model.layers[:2]:
        layer.trainable = False
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    before = values(model)
    model.fit(X, Y, batch_size=8, epochs=1, verbose=0)
    assert moved(before, model) == {path for path in before if "low" not in path}


def test_trainable_after_compile_is_told_by_each_way_to_train_once_and_compile_listens() -> None:
    model, base = _frozen("model")
    base.trainable = True
    for train in (lambda: model.fit(X, Y, verbose=0), lambda: model.train_on_batch(X[:8], Y[:8])):
        model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy")
        before = values(model)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            train()
        assert moved(before, model) == set(before), "thawed, compiled: all of it moves, statistics too"
        base.trainable = False
        before = values(model)
        with pytest.warns(UserWarning, match=r"`trainable` of base, .*compile\(\) again") as told:
            train()
        assert len(told) == 1
        assert moved(before, model) == set(before)
        base.trainable = True


def test_a_head_on_predicted_features_equals_the_frozen_base() -> None:
    """The other tutorial's way: predict the features once, train the head on them."""
    model, base = _frozen("model")
    alone = keras.Sequential([keras.Input((6,)), layers.Dense(3, activation="softmax")])
    alone.set_weights(model.layers[-1].get_weights())
    alone.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy")
    for one, x in ((model, X), (alone, base.predict(X))):
        one.fit(x, Y, batch_size=8, epochs=2, shuffle=False, verbose=0)
    for one, other in zip(model.layers[-1].get_weights(), alone.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
