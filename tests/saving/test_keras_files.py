"""Files that the real Keras 3 wrote: predictions and optimizer state are Keras's."""

from __future__ import annotations

import numpy as np
import pytest

from ranvier import layers
from ranvier.models import Model, load_model
from ranvier.saving import load_weights
from tests.saving import models


# Keras 3.15 cannot read its own .h5 files of models with masks.
@pytest.mark.parametrize(
    ("name", "ending"),
    [(name, ending) for name in ("sequential", "functional", "simple", "pictures") for ending in ("keras", "h5")]
    + [("recurrent", "keras"), ("attention", "keras")],
)
def test_whole_model_with_optimizer_state(name, ending):
    model = load_model(models.FILES / f"{name}.{ending}")
    inputs, expected, state = models.recorded(name)
    for key, value in models.outputs_of(model, inputs).items():
        np.testing.assert_allclose(value, expected[key], rtol=2e-6, atol=1e-6)
    models.assert_same(models.values(model.optimizer.variables), state)
    assert model.compiled


def test_compile_arguments_are_keras():
    model = load_model(models.FILES / "functional.keras")
    arguments = model.compile_arguments
    assert arguments["loss"]["score"] == "mse"
    assert type(arguments["loss"]["kind"]).__name__ == "SparseCategoricalCrossentropy"
    assert arguments["loss_weights"] == {"score": 1.0, "kind": 0.5}
    assert arguments["metrics"] == {"score": ["mae"], "kind": ["accuracy"]}
    assert type(model.optimizer).__name__ == "AdamW"
    assert float(model.optimizer.learning_rate) == pytest.approx(0.005)


def test_without_compiling():
    model = load_model(models.FILES / "sequential.keras", compile=False)
    assert not model.compiled


@pytest.mark.parametrize("file", ["sequential.weights.h5", "sequential.keras", "sequential.h5"])
def test_weights_alone(file):
    model = load_model(models.FILES / "sequential.keras", compile=False)
    expected = models.values(model.variables)
    for variable in model.variables:
        variable.assign(np.zeros(variable.shape))
    load_weights(model, models.FILES / file)
    models.assert_same(models.values(model.variables), expected)


class Block(layers.Layer):
    """The same attributes as in scripts/record_oracles/saving.py, which decide the paths in the file."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.zed = layers.Dense(2)
        self._hidden = layers.Dense(2)
        self.many = [layers.Dense(2), [layers.Dense(2)], {"a": layers.Dense(2)}]

    def build(self, shape):
        self.fixed = self.add_weight(shape=(2,), trainable=False, name="fixed", initializer="ones")
        self.scale = self.add_weight(shape=(2,), name="scale", initializer="ones")

    def call(self, x):
        x = self.many[2]["a"](self.many[1][0](self.many[0](self._hidden(self.zed(x)))))
        return x * self.scale + self.fixed


class Own(Model):
    def __init__(self):
        super().__init__()
        self.block = Block()
        self.out = layers.Dense(1)
        self.a_first = layers.Dense(2)
        self._private = layers.Dense(2)

    def call(self, x):
        return self.out(self.block(self.a_first(self._private(x))))


def test_weights_of_subclassed_model_by_attribute_paths():
    inputs, expected, _ = models.recorded("subclassed")
    model = Own()
    model(inputs)
    load_weights(model, models.FILES / "subclassed.weights.h5")
    np.testing.assert_allclose(model(inputs), expected["y"], rtol=2e-6, atol=1e-6)
