"""Weights, files of weights and checkpoints in the spelling of TensorFlow 2; what native Ranvier says to the same."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ranvier
from ranvier._errors import WrongType
from ranvier.compat import install

X = np.ones((4, 3), "float32")


@pytest.fixture
def tf() -> Iterator[Any]:
    with install():
        yield importlib.import_module("tensorflow")


@pytest.fixture
def said() -> Iterator[list[str]]:
    texts: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = lambda message, *_, **__: texts.append(str(message))  # type: ignore[assignment]
        yield texts


def test_a_weights_name_may_come_first(said: list[str], tf: Any) -> None:
    class Linear(tf.keras.layers.Layer):  # type: ignore[name-defined, misc]
        def build(self, shape: Any) -> None:
            self.kernel = self.add_weight("kernel", shape=[int(shape[-1]), 2], initializer="uniform")
            self.bias = self.add_variable("bias", [2])
            self.scale = self.add_weight("scale", (2,), initializer="ones", trainable=False, use_resource=True)
            self.shift = self.add_weight("shift", (), "int32", "zeros")
            self.today = self.add_weight((2,), "ones", name="today")

        def call(self, x: Any) -> Any:
            return x @ self.kernel * self.scale + self.bias

    layer = Linear()
    layer(X)
    found = {v.path.rpartition("/")[2]: (v.shape, v.trainable) for v in layer.variables}
    assert found == {
        **{"kernel": ((3, 2), True), "bias": ((2,), True), "scale": ((2,), False)},
        **{"shift": ((), True), "today": ((2,), True)},
    }
    assert layer.shift.dtype == "int32" and float(layer.today[0]) == 1.0
    assert abs(layer.kernel.numpy()).max() <= 0.05
    notes = [text for text in said if "(name, shape)" in text]
    assert sorted(notes) == [
        "add_variable(name, shape) is written add_variable(shape=..., name=...) today",
        "add_weight(name, shape) is written add_weight(shape=..., name=...) today",
    ]


def test_a_metrics_weight_too(said: list[str], tf: Any) -> None:
    class Calls(tf.keras.metrics.Metric):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__(name="calls")
            self.total = self.add_weight("total", initializer="zeros")
            self.rows = self.add_weight("rows", (2,), initializer="ones")

        def update_state(self, *_: Any, **__: Any) -> None:
            self.total.assign_add(1.0)

        def result(self) -> Any:
            return self.total

    metric = Calls()
    metric.update_state(X, X)
    assert float(metric.result()) == 1.0 and metric.rows.shape == (2,)


@pytest.mark.parametrize("method", ["add_weight", "add_variable"])
@pytest.mark.parametrize("base", [ranvier.layers.Layer, ranvier.metrics.Metric])
def test_natively_the_name_first_is_an_error_in_form(base: type, method: str) -> None:
    class Own(base):  # type: ignore[misc, valid-type]
        pass

    with pytest.raises(WrongType, match=rf"Own\.{method}[\s\S]*'kernel'[\s\S]*shape=\.\.\.") as caught:
        getattr(Own(), method)("kernel", shape=[2])
    assert caught.value.code == "weight-shape"


def test_layers_that_are_given_their_values(said: list[str], tf: Any) -> None:
    first = [np.full((3, 2), 5.0), np.array([1.0, 2.0])]
    dense = tf.keras.layers.Dense(2, weights=first)
    assert dense(X).numpy().tolist() == [[16.0, 17.0]] * 4
    dense.set_weights([0 * value for value in first])
    assert dense(X).numpy().tolist() == [[0.0, 0.0]] * 4
    assert "weights" not in dense.get_config()
    assert tf.keras.layers.BatchNormalization(fused=True).momentum == 0.99
    assert [text for text in said if "fused=" in text] and [text for text in said if "weights=" in text]


def test_a_checkpoints_prefix(said: list[str], tf: Any, tmp_path: Path) -> None:
    model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1)])
    prefix = str(tmp_path / "checkpoints" / "my_checkpoint")
    expected = model.predict(X, verbose=0)
    model.save_weights(prefix)
    assert [path.name for path in Path(prefix).parent.iterdir()] == ["my_checkpoint.weights.h5"]
    for path in (prefix, tf.train.latest_checkpoint(tmp_path / "checkpoints")):
        model.set_weights([0 * value for value in model.get_weights()])
        model.load_weights(path)
        assert np.array_equal(model.predict(X, verbose=0), expected)
    assert tf.train.latest_checkpoint(tmp_path) is None
    assert [text for text in said if "my_checkpoint.weights.h5" in text]
    with pytest.raises(AttributeError, match="ModelCheckpoint"):
        tf.train.Checkpoint  # noqa: B018


def test_save_model_takes_a_format(said: list[str], tf: Any, tmp_path: Path) -> None:
    model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1)])
    tf.keras.models.save_model(model, tmp_path / "a", save_format="tf")
    tf.keras.saving.save_model(model, tmp_path / "b", save_format="h5")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.keras", "b.h5"]
    again = tf.keras.models.load_model(tmp_path / "a")
    assert np.array_equal(again.predict(X, verbose=0), model.predict(X, verbose=0))


def test_every_second_epoch_is_saved(said: list[str], tf: Any, tmp_path: Path) -> None:
    model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    kept = tf.keras.callbacks.ModelCheckpoint(tmp_path / "{epoch}.h5", save_weights_only=True, period=2)
    model.fit(X, X[:, :1], epochs=5, verbose=0, callbacks=[kept])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2.h5", "4.h5"]
    assert [text for text in said if text.startswith("period= of ModelCheckpoint")]
