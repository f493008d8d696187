"""Moving averages in the place of the weights: measured, handed on and finished as in Keras, and resumed exactly."""

from __future__ import annotations

import json
import pathlib

import numpy as np
import pytest

from ranvier import layers
from ranvier._errors import InvalidArgument
from ranvier.callbacks import Callback, EarlyStopping, LambdaCallback, SwapEMAWeights
from ranvier.models import Sequential
from ranvier.optimizers import SGD

RECORDED = json.loads((pathlib.Path(__file__).parents[1] / "oracle" / "callbacks.json").read_text())["averages"]
X = np.arange(24, dtype="float32").reshape(12, 2) / 24
Y = X.sum(1)


def network(**options):
    model = Sequential([layers.Input((2,)), layers.Dense(1, kernel_initializer="zeros")])
    model.compile(SGD(0.1, **{"use_ema": True, "ema_momentum": 0.75, **options}), "mse")
    return model


def fitted(model, callbacks, epochs=3, **options):
    given = {"validation_data": (X, Y), "shuffle": False, "verbose": 0, "batch_size": 4, **options}
    return model.fit(X, Y, epochs=epochs, callbacks=callbacks, **given).history


@pytest.mark.parametrize("name", ["swap", "plain"])
def test_the_same_run_as_keras(name):
    model, seen = network(), []
    later = LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(model.get_weights()[0]))
    history = fitted(model, [SwapEMAWeights(name == "swap"), later])
    expected = RECORDED[name]
    for key, values in expected["history"].items():
        np.testing.assert_allclose(history[key], values, rtol=2e-6)
    np.testing.assert_allclose(seen, expected["seen"], rtol=2e-6)
    np.testing.assert_allclose(model.get_weights()[0], expected["weights"], rtol=2e-6)


def test_a_run_that_is_stopped_early_ends_with_the_averages():
    model = network()
    fitted(model, [SwapEMAWeights(True), EarlyStopping("loss", min_delta=9.0, mode="min", patience=1)], epochs=9)
    straight = network()
    fitted(straight, [], epochs=2)
    np.testing.assert_array_equal(model.get_weights()[0], straight.get_weights()[0])


def test_evaluation_and_prediction_use_the_averages_and_give_the_weights_back():
    model = network()
    fitted(model, [], epochs=1)
    averages = model.get_weights()
    model.set_weights([weight + 1 for weight in averages])
    swapped = model.evaluate(X, Y, verbose=0, callbacks=[SwapEMAWeights()])
    predicted = model.predict(X, verbose=0, callbacks=[SwapEMAWeights()])
    np.testing.assert_array_equal(model.get_weights()[0], averages[0] + 1)
    model.set_weights(averages)
    assert swapped == model.evaluate(X, Y, verbose=0)
    np.testing.assert_array_equal(predicted, model.predict(X, verbose=0))


def test_without_averages_it_says_what_to_do():
    with pytest.raises(InvalidArgument, match="use_ema=True"):
        fitted(network(use_ema=False), [SwapEMAWeights()])


@pytest.mark.parametrize("swap_on_epoch", [True, False])
def test_a_resumed_run_ends_as_a_whole_one(tmp_path, swap_on_epoch):
    class Stop(Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise KeyboardInterrupt

    whole = network()
    expected = fitted(whole, [SwapEMAWeights(swap_on_epoch)])
    with pytest.raises(KeyboardInterrupt):
        fitted(network(), [SwapEMAWeights(swap_on_epoch), Stop()], resume=tmp_path)
    model = network()
    history = fitted(model, [SwapEMAWeights(swap_on_epoch)], resume=tmp_path)
    assert history == expected
    np.testing.assert_array_equal(model.get_weights()[0], whole.get_weights()[0])
