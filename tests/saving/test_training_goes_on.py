"""A loaded model trains on exactly as the saved one would have."""

from __future__ import annotations

import numpy as np
import optax
import pytest

from ranvier import layers, losses, metrics, optimizers
from ranvier._errors import FileRefused
from ranvier.layers import Input
from ranvier.models import Model, Sequential, load_model, save_model
from ranvier.saving import load_weights, save_weights
from tests.saving import models

X = np.random.default_rng(0).normal(size=(32, 3)).astype("float32")
Y = X.sum(1, keepdims=True)


def made() -> Sequential:
    return Sequential([Input((3,)), layers.Dense(4, activation="relu"), layers.BatchNormalization(), layers.Dense(1)])


@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_same_numbers(tmp_path, ending):
    model = made()
    schedule = optimizers.schedules.CosineDecay(0.01, 100)
    optimizer = optimizers.AdamW(schedule, weight_decay=0.01, use_ema=True, clipnorm=1.0)
    model.compile(optimizer, losses.Huber(), metrics=[metrics.MeanAbsoluteError(), "mse"])
    model.fit(X, Y, epochs=2, shuffle=False, verbose=0)
    save_model(model, tmp_path / f"m.{ending}")
    again = load_model(tmp_path / f"m.{ending}")
    first = model.fit(X, Y, shuffle=False, verbose=0).history
    assert again.fit(X, Y, shuffle=False, verbose=0).history == first
    models.assert_same(models.values(again.variables), models.values(model.variables))
    models.assert_same(models.values(again.optimizer.variables), models.values(model.optimizer.variables))


class Own(Model):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.first, self.last = layers.Dense(units), layers.Dense(1)

    def call(self, inputs):
        return self.last(self.first(inputs))

    def get_config(self):
        return {**super().get_config(), "units": self.units}


@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_subclassed_model(tmp_path, ending):
    model = Own(5)
    model.compile("adam", "mse")
    model.fit(X, Y, verbose=0)
    save_model(model, tmp_path / f"m.{ending}")
    again = load_model(tmp_path / f"m.{ending}", custom_objects={"Own": Own})
    models.assert_same(models.values(again.variables), models.values(model.variables))
    models.assert_same(models.values(again.optimizer.variables), models.values(model.optimizer.variables))


@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_frozen_layer(tmp_path, ending):
    model = made()
    model.layers[0].trainable = False
    model.compile("adam", "mse")
    model.fit(X, Y, verbose=0)
    save_model(model, tmp_path / f"m.{ending}")
    again = load_model(tmp_path / f"m.{ending}")
    assert not again.layers[0].trainable
    models.assert_same(models.values(again.optimizer.variables), models.values(model.optimizer.variables))


def own_loss(y_true, y_pred):
    return ((y_true - y_pred) ** 2).mean(-1)


def test_own_loss_needs_custom_objects(tmp_path):
    model = made()
    model.compile("sgd", own_loss)
    save_model(model, tmp_path / "m.keras")
    with pytest.raises(FileRefused, match="own_loss"):
        load_model(tmp_path / "m.keras")
    again = load_model(tmp_path / "m.keras", custom_objects={"own_loss": own_loss})
    assert again.compile_arguments["loss"] is own_loss
    assert not load_model(tmp_path / "m.keras", compile=False).compiled


@pytest.mark.parametrize(
    "arguments", [{"optimizer": optax.adam(0.01), "loss": "mse"}, {"optimizer": "sgd", "loss": lambda t, p: t - p}]
)
def test_what_has_no_configuration_is_said(tmp_path, arguments):
    model = made()
    model.compile(**arguments)
    with pytest.warns(UserWarning, match="compile it again"):
        save_model(model, tmp_path / "m.keras")
    assert not load_model(tmp_path / "m.keras").compiled


def test_optimizer_that_is_not_built_says_that_it_starts_afresh(tmp_path):
    model = made()
    model.compile("adam", "mse")
    model.fit(X, Y, verbose=0)
    save_weights(model, tmp_path / "m.weights.h5")
    other = made()
    other.compile("adam", "mse")
    with pytest.warns(UserWarning, match="afresh"):
        load_weights(other, tmp_path / "m.weights.h5")
    models.assert_same(models.values(other.variables), models.values(model.variables))
