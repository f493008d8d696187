"""The non-finite guard: training ends with a finding that names the place, and the last healthy weights stay."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import ranvier as keras
from ranvier import layers, ops

RNG = np.random.default_rng(0)
X = RNG.normal(size=(64, 3)).astype(np.float32)
Y = X.sum(1, keepdims=True)


def weights_are_finite(model: Any) -> bool:
    return all(np.isfinite(w).all() for w in model.get_weights())


def fitted(model: Any, x: Any = X, y: Any = Y, optimizer: Any = "sgd", loss: Any = "mse", **fit: Any) -> Any:
    model.compile(optimizer, loss, doctor=fit.pop("doctor", "report"))
    return model.fit(x, y, **{"batch_size": 8, "epochs": 3, "shuffle": False, "verbose": 0, **fit})


def finding(history: Any) -> Any:
    found = [f for f in history.findings if f.code == "non-finite-values"]
    assert len(found) == 1
    return found[0]


def test_a_bad_layer_is_named() -> None:
    model = keras.Sequential(
        [
            layers.Dense(4, input_shape=(3,)),
            layers.Activation(lambda x: ops.log(x), name="logarithm"),
            layers.Dense(1),
        ]
    )
    history = fitted(model)
    found = finding(history)
    assert "logarithm" in found.place
    assert (found.epoch, found.step) == (0, 0)
    assert weights_are_finite(model)


def test_a_bad_row_is_named_and_the_weights_before_it_stand() -> None:
    x = X.copy()
    x[35, 1] = np.nan
    model = keras.Sequential([layers.Dense(1, input_shape=(3,), kernel_initializer="zeros")])
    history = fitted(model, x)
    found = finding(history)
    assert found.step == 4
    assert "3" in str(found)
    clean = keras.Sequential([layers.Dense(1, input_shape=(3,), kernel_initializer="zeros")])
    fitted(clean, X[:32], Y[:32], epochs=1)
    for one, two in zip(model.get_weights(), clean.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


def test_an_update_that_overflows_is_named() -> None:
    model = keras.Sequential([layers.Dense(1, input_shape=(3,))])
    history = fitted(model, optimizer=keras.optimizers.SGD(1e25))
    found = finding(history)
    assert weights_are_finite(model)
    assert found.epoch == 0


def test_a_gradient_that_is_not_finite_is_named() -> None:
    model = keras.Sequential([layers.Dense(1, input_shape=(3,), kernel_initializer="zeros", use_bias=False)])
    history = fitted(model, loss=lambda y, p: ops.sqrt(ops.abs(p)))
    found = finding(history)
    assert "gradient" in str(found).lower()
    assert "kernel" in found.place
    assert weights_are_finite(model)


def test_training_ends_without_an_exception_and_callbacks_see_the_end() -> None:
    ended = []
    x = X.copy()
    x[0] = np.inf
    model = keras.Sequential([layers.Dense(1, input_shape=(3,))])
    watch = keras.callbacks.LambdaCallback(on_train_end=lambda logs: ended.append(1))
    history = fitted(model, x, callbacks=[watch])
    assert ended == [1]
    assert len(history.epoch) == 1


def test_a_state_that_was_not_finite_from_the_start_is_left_alone() -> None:
    class Smallest(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = layers.Dense(1)
            self.smallest = keras.Variable(np.float32(np.inf), trainable=False, name="smallest")

        def call(self, x: Any) -> Any:
            self.smallest.assign(ops.minimum(self.smallest, ops.min(x)))
            return self.dense(x)

    model = Smallest()
    history = fitted(model, epochs=1)
    assert not [f for f in history.findings if f.code == "non-finite-values"]
    assert float(model.smallest) == pytest.approx(float(X.min()))


def test_a_custom_step_that_goes_wrong_also_ends() -> None:
    class Own(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = layers.Dense(1)

        def call(self, x: Any) -> Any:
            return self.dense(x)

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):  # type: ignore[no-untyped-def]
            return ops.mean(ops.log(y_pred * 0 - 1.0))

    model = Own()
    history = fitted(model)
    assert finding(history).step == 0
    assert weights_are_finite(model)


def test_a_function_of_the_graph_is_named() -> None:
    x = keras.Input((3,))
    model = keras.Model(x, layers.Dense(1)(ops.log(layers.Dense(4)(x))))
    assert "ops.log" in finding(fitted(model)).place


def test_ids_outside_the_vocabulary_are_said_to_be_so() -> None:
    model = keras.Sequential([layers.Embedding(10, 2), layers.Flatten(), layers.Dense(1)])
    ids = np.arange(64 * 3).reshape(64, 3) % 13
    found = finding(fitted(model, ids))
    assert "vocabulary" in str(found)
    assert "Embedding" in found.place


def test_a_callback_that_waits_for_validation_does_not_complain_of_a_broken_epoch() -> None:
    y = Y.copy()
    y[5] = np.nan
    model = keras.Sequential([layers.Dense(1, input_shape=(3,))])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fitted(model, y=y, validation_data=(X, Y), callbacks=[keras.callbacks.EarlyStopping(patience=2)])
