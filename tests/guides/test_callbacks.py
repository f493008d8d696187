"""Learning-rate schedules, callbacks with files, callbacks of one's own."""

from __future__ import annotations

import csv
import math
import pathlib
from typing import Any

import numpy as np
import pytest

import ranvier as keras
from ranvier import callbacks, layers
from tests.guides.blobs import blobs


@pytest.fixture
def data() -> tuple[np.ndarray, np.ndarray]:
    return blobs(128, 4, 3)


def network(optimizer: Any = "adam") -> Any:
    model = keras.Sequential([keras.Input((4,)), layers.Dense(8, activation="relu"), layers.Dense(3)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=optimizer, loss=loss, metrics=["accuracy"])
    return model


def test_a_schedule_inside_the_optimizer(data: tuple[np.ndarray, np.ndarray]) -> None:
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, decay_steps=8, decay_rate=0.5, staircase=True)
    model = network(keras.optimizers.SGD(learning_rate=schedule))
    history = model.fit(*data, epochs=4, batch_size=32, verbose=0)
    assert int(model.optimizer.iterations) == 16
    assert float(model.optimizer.learning_rate) == pytest.approx(0.025)
    assert history.history["loss"][-1] < history.history["loss"][0]


def test_a_scheduler_callback(data: tuple[np.ndarray, np.ndarray]) -> None:
    def scheduler(epoch: int, lr: float) -> float:
        return lr if epoch < 2 else lr * math.exp(-0.1)

    model = network(keras.optimizers.SGD(0.01))
    history = model.fit(*data, epochs=4, verbose=0, callbacks=[callbacks.LearningRateScheduler(scheduler)])
    expected = [0.01, 0.01, 0.01 * math.exp(-0.1), 0.01 * math.exp(-0.2)]
    assert history.history["learning_rate"] == pytest.approx(expected, rel=1e-6)


def test_a_plateau_lowers_the_rate(data: tuple[np.ndarray, np.ndarray]) -> None:
    plateau = callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.2, patience=1, min_lr=1e-4, min_delta=100)
    model = network(keras.optimizers.Adam(0.01))
    history = model.fit(*data, epochs=4, verbose=0, validation_split=0.25, callbacks=[plateau])
    assert history.history["learning_rate"] == pytest.approx([0.01, 0.01, 0.002, 4e-4], rel=1e-5)
    assert float(model.optimizer.learning_rate) == pytest.approx(1e-4)


def test_files_of_callbacks(data: tuple[np.ndarray, np.ndarray], tmp_path: pathlib.Path) -> None:
    model = network()
    kept = [
        callbacks.CSVLogger(str(tmp_path / "training.log")),
        callbacks.ModelCheckpoint(filepath=str(tmp_path / "model.{epoch:02d}-{val_loss:.2f}.keras")),
        callbacks.ModelCheckpoint(filepath=str(tmp_path / "ckpt.weights.h5"), save_weights_only=True),
        callbacks.TerminateOnNaN(),
    ]
    history = model.fit(*data, epochs=3, verbose=0, validation_split=0.25, callbacks=kept)
    with open(tmp_path / "training.log", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["epoch", "accuracy", "loss", "val_accuracy", "val_loss"]
    assert [float(row["val_loss"]) for row in rows] == pytest.approx(history.history["val_loss"])
    losses = history.history["val_loss"]
    names = {f"model.{epoch:02d}-{loss:.2f}.keras" for epoch, loss in enumerate(losses, 1)}
    assert {path.name for path in tmp_path.glob("model.*")} == names
    fresh = network()
    fresh.load_weights(str(tmp_path / "ckpt.weights.h5"))
    np.testing.assert_array_equal(fresh.predict(data[0]), model.predict(data[0]))


def test_a_callback_of_ones_own(data: tuple[np.ndarray, np.ndarray]) -> None:
    class LossHistory(callbacks.Callback):
        def on_train_begin(self, logs: Any = None) -> None:
            self.losses: list[float] = []

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.losses.append(logs.get("loss"))

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if logs["accuracy"] > 0.9:
                self.model.stop_training = True

    own = LossHistory()
    history = network(keras.optimizers.Adam(0.05)).fit(*data, epochs=50, batch_size=32, verbose=0, callbacks=[own])
    assert len(history.epoch) < 50 and history.history["accuracy"][-1] > 0.9
    assert len(own.losses) == 4 * len(history.epoch)
    assert own.losses[3::4] == pytest.approx(history.history["loss"])


def test_a_lambda_callback(data: tuple[np.ndarray, np.ndarray]) -> None:
    seen: list[int] = []
    note = callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(epoch))
    network().fit(*data, epochs=3, verbose=0, callbacks=[note])
    assert seen == [0, 1, 2]
