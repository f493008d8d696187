"""Models and layers made or used wrongly: refused with the place, what was expected, and what came."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import ranvier as keras
from ranvier import layers
from ranvier._errors import InvalidArgument, RanvierError, WrongType

X = np.random.default_rng(0).normal(size=(16, 3)).astype(np.float32)


@pytest.mark.parametrize("count", [0, -1, 1.5, 3.0, "3", True, None])
def test_sizes_are_positive_whole_numbers(count: Any) -> None:
    for make in (lambda: layers.Dense(count), lambda: layers.Embedding(count, 3), lambda: layers.Embedding(3, count)):
        with pytest.raises(InvalidArgument, match="positive whole number"):
            make()


@pytest.mark.parametrize("shape", [{"input_dim": (4,)}, {"input_shape": ("4",)}, {"input_shape": (2.5,)}])
def test_the_shape_of_a_row_is_made_of_whole_numbers(shape: Any) -> None:
    with pytest.raises(InvalidArgument, match="whole numbers"):
        layers.Dense(3, **shape)


def test_names_have_no_slash() -> None:
    with pytest.raises(InvalidArgument, match="without '/'"):
        layers.Dense(3, name="a/b")


def test_a_layer_is_found_one_way() -> None:
    model = keras.Sequential([layers.Dense(3, name="d")])
    with pytest.raises(InvalidArgument, match="not by both"):
        model.get_layer("d", 0)


class WithNumPy(keras.Model):
    """A subclass as guides write them, with NumPy in a traced place."""

    def __init__(self, where: str) -> None:
        super().__init__()
        self.where, self.dense = where, layers.Dense(1)

    def call(self, inputs: Any) -> Any:
        outputs = self.dense(inputs)
        return np.exp(outputs) if self.where == "call" else outputs


class OwnStep(WithNumPy):
    def train_step(self, data: Any) -> Any:
        return {"loss": np.log(self.compute_loss(y=data[1], y_pred=self(data[0])))}


@pytest.mark.parametrize("model", [WithNumPy("call"), OwnStep("step")], ids=["call", "train_step"])
def test_numpy_in_traced_code_is_told_with_its_place(model: Any) -> None:
    model.compile("sgd", "mse")
    with pytest.raises(WrongType, match=r"ops\.") as caught:
        model.fit(X, X[:, :1], verbose=0)
    assert model.where in str(caught.value)


def test_an_optimizer_of_another_model_is_refused() -> None:
    optimizer = keras.optimizers.Adam()
    for units in (2, 3):
        model = keras.Sequential([layers.Dense(units, input_shape=(3,), name="d")])
        model.compile(optimizer, "mse")
        if units == 2:
            model.fit(X, X[:, :2], verbose=0)
    with pytest.raises(RanvierError, match="built for other variables"):
        model.fit(X, X, verbose=0)


def test_trainable_changed_after_compile_is_told_once() -> None:
    """It has no effect before the next `compile`; Keras 3 would take it at the next `fit`."""
    model = keras.Sequential([layers.Dense(3, name="d", input_shape=(3,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.get_layer("d").trainable = False
    before = model.get_weights()[0]
    with pytest.warns(UserWarning, match="`trainable` of d changed after compile"):
        (found,) = model.fit(X, X[:, :1], verbose=0).findings
    assert (found.code, found.severity) == ("trainable-after-compile", "advice") and "d" in found.evidence[0]
    assert not np.array_equal(model.get_weights()[0], before)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(model.fit(X, X[:, :1], verbose=0).findings) == 1


def test_what_keras_only_refuses_is_refused_with_todays_way() -> None:
    with pytest.raises(NotImplementedError, match=r"keras\.optimizers\.Adam"):
        keras.optimizers.legacy.Adam(1e-3)
    with pytest.raises(NotImplementedError, match="update_state"):
        layers.Dense(1).add_metric(0.0, name="m")
