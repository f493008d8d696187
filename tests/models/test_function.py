"""Function, state trees, and the loss as a pure function."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest

import ranvier as keras
from ranvier import layers, ops
from ranvier._errors import InvalidArgument

X = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)


def test_a_function_of_symbols() -> None:
    a, b = keras.Input((3,), name="a"), keras.Input((3,), name="b")
    function = keras.Function({"a": a, "b": b}, [a + b, ops.exp(a)])
    total, grown = function({"a": X, "b": 2 * X})
    np.testing.assert_allclose(total, 3 * X, rtol=1e-6)
    np.testing.assert_allclose(grown, np.exp(X), rtol=1e-6)
    assert [tensor.shape for tensor in function.outputs] == [(None, 3)] * 2
    assert function.compute_output_shape({"a": (5, 3), "b": (5, 3)}) == [(5, 3), (5, 3)]


def test_a_function_inside_a_model() -> None:
    x = keras.Input((3,))
    function = keras.Function(x, ops.square(x))
    y = keras.Input((3,))
    model = keras.Model(y, layers.Dense(1, kernel_initializer="ones")(function(y)))
    np.testing.assert_allclose(model.predict(X), (X**2).sum(1, keepdims=True), rtol=1e-5)


def trained() -> Any:
    model = keras.Sequential([keras.Input((3,)), layers.Dense(2, name="d"), layers.BatchNormalization(name="n")])
    model.compile("adam", "mse", metrics=["mae"])
    model.fit(X, X[:, :2], verbose=0)
    return model


def test_the_state_goes_out_and_in() -> None:
    model = trained()
    tree = model.get_state_tree("numpy_array")
    assert set(tree["trainable_variables"]["d"]) == {"kernel", "bias"}
    assert tree["metrics_variables"]["loss"]["count"] == 6
    before = model.predict(X)
    model.fit(X, X[:, :2], verbose=0)
    assert not np.allclose(model.predict(X), before)
    model.set_state_tree(tree)
    np.testing.assert_array_equal(model.predict(X), before)
    with pytest.raises(InvalidArgument, match="does not have"):
        model.set_state_tree({"trainable_variables": {"other": {"kernel": X}}})
    with pytest.raises(InvalidArgument, match="format"):
        model.get_state_tree("tensors")


def test_the_loss_is_a_pure_function_of_the_variables() -> None:
    model = trained()
    trainable = [v.value for v in model.trainable_variables]
    fixed, measured = ([v.value for v in g] for g in (model.non_trainable_variables, model.metrics_variables))

    def loss(values: Any) -> Any:
        y_pred, new = model.stateless_call(values, fixed, X)
        return model.stateless_compute_loss(values, new, measured, x=X, y=X[:, :2], y_pred=y_pred)[0]

    value, grads = jax.jit(jax.value_and_grad(loss))(trainable)
    np.testing.assert_allclose(value, np.mean((model.predict(X) - X[:, :2]) ** 2), rtol=1e-4)
    assert all(np.isfinite(g).all() and np.abs(g).max() > 0 for g in grads)
