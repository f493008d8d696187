"""Old ways around training: a rate that decays and can be set, names of reductions, and how states are forgotten."""

from __future__ import annotations

import copy
import pickle
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ranvier
from ranvier import layers, optimizers
from ranvier.callbacks import LearningRateScheduler, ReduceLROnPlateau
from ranvier.compat import backend
from ranvier.compat.spelling import MODULES, installed
from ranvier.models import Sequential, load_model

X = np.random.default_rng(0).normal(size=(24, 4)).astype("float32")
Y = (X[:, :1] > 0).astype("float32")


@pytest.fixture
def notes() -> Iterator[list[warnings.WarningMessage]]:
    """Install the old spellings; collect what is said."""
    with warnings.catch_warnings(record=True) as caught, installed():
        warnings.simplefilter("always")
        yield caught


def about(notes: list[warnings.WarningMessage], text: str) -> bool:
    return any(text in str(entry.message) for entry in notes)


def test_the_rate_of_a_decaying_optimizer_can_be_set(notes: list[warnings.WarningMessage], tmp_path: Path) -> None:
    model = Sequential([layers.Dense(1, input_dim=4)])
    model.compile(optimizers.SGD(lr=0.5, decay=1.0), "mse")
    seen = [LearningRateScheduler(lambda epoch, rate: rate / 2), ReduceLROnPlateau(monitor="loss")]
    history = model.fit(X, Y, epochs=2, batch_size=12, callbacks=seen, verbose=0)
    assert history.history["lr"] == pytest.approx([0.25, 0.125])
    assert backend.get_value(model.optimizer.lr) == pytest.approx(0.125)
    backend.set_value(model.optimizer.lr, 0.0)
    before = model.get_weights()
    model.fit(X, Y, verbose=0)
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    model.optimizer.lr = 0.5
    model.save(tmp_path / "model.keras")
    again = load_model(tmp_path / "model.keras").optimizer
    assert isinstance(again, optimizers.SGD) and (float(again.learning_rate), again.get_config()["decay"]) == (0.5, 1.0)


@pytest.mark.usefixtures("notes")
def test_a_decaying_optimizer_is_copied_with_its_decay() -> None:
    optimizer = optimizers.SGD(lr=1.0, decay=1.0)
    w = ranvier.Variable(4.0)
    optimizer.apply_gradients([(1.0, w)])
    for copied in (copy.deepcopy(optimizer), pickle.loads(pickle.dumps(optimizer))):  # noqa: S301
        assert isinstance(copied, optimizers.SGD) and copied.get_config() == optimizer.get_config()
        assert int(copied.iterations) == 1


def test_decay_beside_an_update_of_ones_own(notes: list[warnings.WarningMessage]) -> None:
    class Own(optimizers.Optimizer):
        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
            variable.assign_sub(learning_rate * gradient)

    w = ranvier.Variable(4.0)
    optimizer = Own(1.0, decay=1.0)
    for _ in range(2):
        optimizer.apply_gradients([(1.0, w)])
    assert float(w) == pytest.approx(4.0 - 1.0 - 0.5)


def test_reductions_and_resets_by_their_old_names(notes: list[warnings.WarningMessage]) -> None:
    reduction = MODULES["keras.losses"]["Reduction"]
    assert [reduction.NONE, reduction.SUM] == ["none", "sum"]
    assert reduction.AUTO == reduction.SUM_OVER_BATCH_SIZE == "sum_over_batch_size"
    assert ranvier.losses.MeanSquaredError(reduction=reduction.NONE)([[1.0], [2.0]], [[0.0], [0.0]]).tolist() == [1, 4]
    metric = ranvier.metrics.Sum()
    metric.update_state([1.0, 2.0])
    metric.reset_states()
    assert float(metric.result()) == 0 and about(notes, "reset_state()") and about(notes, "Reduction.NONE")
    layer = layers.SimpleRNN(2, stateful=True)
    model = Sequential([ranvier.Input(batch_shape=(1, 3, 1)), layer])
    model.predict(np.ones((1, 3, 1)), verbose=0)
    assert np.any(np.asarray(layer.states[0]))
    model.reset_states()
    assert not np.any(np.asarray(layer.states[0])) and about(notes, "model.reset_states()")
