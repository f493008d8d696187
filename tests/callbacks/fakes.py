"""A model that only holds what callbacks touch, and a run without a network."""

from __future__ import annotations

import pathlib
from types import SimpleNamespace

import numpy as np

from ranvier._errors import WrongType
from ranvier.callbacks import CallbackList


class FakeModel:
    """Weights count the epochs, so that a test sees whose weights they are."""

    def __init__(self, rate=0.1, savable=True):
        self.optimizer = SimpleNamespace(learning_rate=rate)
        self.weights = [np.zeros(2), np.zeros(())]
        self.metrics = []
        self.history = None
        self.stop_training = False
        self.savable = savable

    def get_weights(self):
        return self.weights

    def set_weights(self, weights):
        self.weights = [np.array(weight) for weight in weights]

    def save(self, path, overwrite=True):
        if not self.savable:
            raise WrongType("The model cannot be saved whole: code.", code="save-unsavable-layer")
        pathlib.Path(path).write_text("whole")

    def save_weights(self, path, overwrite=True):
        pathlib.Path(path).write_text("weights")


def run(callbacks, epochs, model=None, steps=None, start=0, listed=None):
    """Tell callbacks the story of a run; `epochs` are the logs of each. Return the CallbackList."""
    model = model or FakeModel()
    if listed is None:
        listed = CallbackList(callbacks, model=model, verbose=0, epochs=start + len(epochs), steps=steps)
        listed.on_train_begin()
    for number, logs in enumerate(epochs, start):
        model.weights = [np.full(2, number + 1.0), np.array(number + 1.0)]
        listed.on_epoch_begin(number)
        if steps:
            train(listed, steps)
        listed.on_epoch_end(number, dict(logs))
        if model.stop_training:
            break
    listed.on_train_end({})
    return listed


def train(listed, steps, step=0, most=1000):
    """Run one epoch's steps as the engine's loop cuts them; return the ends of trips where a batch hook was due."""
    due = []
    while step < steps:
        cadence = listed.cadence("train")
        trip = min(steps - step, most, *([cadence - step % cadence] if cadence else []))
        if cadence:
            listed.on_train_batch_begin(step)
        step += trip
        if cadence and step % cadence == 0:
            due.append(step)
            listed.on_train_batch_end(step - 1, {"loss": 1.0 / step})
        listed.on_trip_end(step, steps, {"loss": 1.0 / step})
    return due


def losses(*values):
    """Return the logs of epochs with these validation losses."""
    return [{"loss": value, "val_loss": value} for value in values]
