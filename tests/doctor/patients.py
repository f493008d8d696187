"""Builds a model and data as `fit` does, and examines them without training."""

from __future__ import annotations

import numpy as np

from ranvier import layers
from ranvier.doctor import exam
from ranvier.models import Sequential, compiling, feeding

rng = np.random.default_rng(3)
X = rng.normal(size=(120, 4)).astype("float32")
CLASSES = rng.integers(0, 3, 120)
BINARY = (CLASSES > 0).astype("int32")
ONE_HOT = np.eye(3, dtype="float32")[CLASSES]
IMAGES = rng.random((40, 4, 4, 1)).astype("float32")


def dense(units, activation=None):
    return Sequential([layers.Dense(6, activation="relu"), layers.Dense(units, activation=activation)])


def per_step(units, activation=None):
    """Return a model with one output per step of a sequence, or per pixel of an image."""
    return Sequential([layers.Dense(units, activation=activation)])


def examine(model, loss, x=X, y=None, weight=None, class_weight=None, shuffle=True, batch_size=None):
    """Return the findings before the first step."""
    model.compile("sgd", loss)
    feed = feeding.feed_of(x, y, weight, batch_size=batch_size, shuffle=shuffle, class_weight=class_weight)
    return exam.before_training(model, compiling.program_for(model, feed.example(), "train"), feed)


def alarms(findings):
    return [finding.code for finding in findings if finding.alarm]
