"""Callbacks in real runs: what they change reaches the compiled program, what they see is true."""

from __future__ import annotations

import numpy as np
import pytest

from ranvier import layers
from ranvier.callbacks import (
    Callback,
    CSVLogger,
    EarlyStopping,
    History,
    LambdaCallback,
    LearningRateScheduler,
    ReduceLROnPlateau,
    TerminateOnNaN,
)
from ranvier.models import Sequential
from ranvier.optimizers import SGD

rng = np.random.default_rng(0)
X = rng.normal(size=(50, 3)).astype("float32")
Y = (X @ [1.0, -2.0, 0.5]).astype("float32")


def fitted(callbacks, epochs=3, rate=0.05, **options):
    model = Sequential([layers.Input((3,)), layers.Dense(1)])
    model.compile(SGD(rate), "mse")
    return model, model.fit(X, Y, batch_size=10, epochs=epochs, seed=1, verbose=0, callbacks=callbacks, **options)


def test_the_order_of_hooks_of_a_run():
    story = []
    names = [f"on_{what}_{edge}" for what in ("train", "epoch", "train_batch", "test") for edge in ("begin", "end")]
    callback = LambdaCallback(
        **{name: lambda *args, name=name, **kwargs: story.append(name.removeprefix("on_")) for name in names}
    )
    fitted([callback], epochs=1, validation_split=0.4)
    batch = ["train_batch_begin", "train_batch_end"]
    assert story == ["train_begin", "epoch_begin", *batch * 3, "test_begin", "test_end", "epoch_end", "train_end"]


def test_logs_of_batches_are_running_means_and_the_last_is_the_epochs():
    seen = []
    _, history = fitted([LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(logs["loss"]))], epochs=1)
    assert len(seen) == 5
    assert seen[-1] == history.history["loss"][0]


def test_hooks_every_few_steps_do_not_change_the_run():
    class Rare(Callback):
        every = 2

        def __init__(self):
            self.seen = []

        def on_train_batch_end(self, batch, logs=None):
            self.seen.append(batch)

    rare = Rare()
    _, history = fitted([rare])
    assert rare.seen == [1, 3] * 3
    assert history.history == fitted([])[1].history


def test_a_learning_rate_of_zero_stops_the_weights():
    model, history = fitted([LearningRateScheduler(lambda epoch, rate: 0.0 if epoch else rate)])
    assert history.history["learning_rate"] == [pytest.approx(0.05), 0.0, 0.0]
    once, _ = fitted([], epochs=1)
    np.testing.assert_array_equal(model.get_weights()[0], once.get_weights()[0])


def test_a_plateau_lowers_the_rate_of_the_steps_to_come():
    model, history = fitted([ReduceLROnPlateau("loss", factor=0.5, patience=1, min_delta=100.0)])
    assert history.history["learning_rate"] == pytest.approx([0.05, 0.05, 0.025])
    assert float(model.optimizer.learning_rate) == pytest.approx(0.0125)


def test_early_stopping_restores_the_weights_of_the_best_epoch():
    stopper = EarlyStopping("loss", patience=2, restore_best_weights=True, min_delta=100.0)
    model, history = fitted([stopper], epochs=9)
    assert len(history.history["loss"]) == 3
    once, _ = fitted([], epochs=1)
    np.testing.assert_array_equal(model.get_weights()[0], once.get_weights()[0])
    assert model.evaluate(X, Y, verbose=0) == once.evaluate(X, Y, verbose=0)


def test_stop_training_in_the_middle_of_an_epoch():
    class Stop(Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = batch == 2

    seen = []
    _, history = fitted([Stop(), LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(batch))])
    assert seen == [0, 1, 2]
    assert len(history.history["loss"]) == 1


def test_weights_assigned_in_a_hook_are_trained_on():
    def reset(epoch, logs):
        if epoch == 1:
            model.set_weights([np.zeros((3, 1)), np.zeros(1)])

    model = Sequential([layers.Input((3,)), layers.Dense(1)])
    model.compile(SGD(0.0), "mse")
    model.fit(X, Y, epochs=2, verbose=0, callbacks=[LambdaCallback(on_epoch_begin=reset)])
    assert not model.get_weights()[0].any()


def test_what_callbacks_add_to_the_logs_is_in_history_and_file(tmp_path):
    class Extra(Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs["extra"] = float(epoch)

    _, history = fitted([Extra(), CSVLogger(tmp_path / "log.csv")])
    assert history.history["extra"] == [0.0, 1.0, 2.0]
    assert (tmp_path / "log.csv").read_text().startswith("epoch,extra,loss,")


def test_params_and_a_history_of_ones_own():
    own = History()
    _, history = fitted([own])
    assert own.params == {"verbose": 0, "epochs": 3, "steps": 5}
    assert own.history == history.history


def test_terminate_on_nan_raises_where_asked():
    with pytest.raises(RuntimeError, match="NaN or infinite"):
        fitted([TerminateOnNaN(raise_error=True)], rate=1e30)
    model, history = fitted([TerminateOnNaN()], rate=1e30)
    assert model.stop_training
    assert [found.code for found in history.findings] == ["non-finite-values"]


@pytest.mark.filterwarnings("error")
def test_a_run_continued_in_the_next_fit_ends_as_the_uninterrupted_one(tmp_path):
    def callbacks(name):
        stopper = EarlyStopping("loss", patience=3, restore_best_weights=True, min_delta=100.0)
        return [stopper, ReduceLROnPlateau("loss", patience=2, min_delta=100.0), CSVLogger(tmp_path / f"{name}.csv")]

    whole, history = fitted(callbacks("whole"), epochs=9, resume=tmp_path / "a")
    fitted(callbacks("parts"), epochs=2, resume=tmp_path / "b")
    # The first part must not end with EarlyStopping's best weights in the checkpoint, nor lose its patience.
    parts, continued = fitted(callbacks("parts"), epochs=9, resume=tmp_path / "b")
    assert continued.history == history.history
    assert len(history.history["loss"]) == 4
    assert (tmp_path / "parts.csv").read_text() == (tmp_path / "whole.csv").read_text()
    for one, other in zip(parts.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
