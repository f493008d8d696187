"""L2, BatchNormalization, EarlyStopping and ModelCheckpoint('best_model.h5'), then load_model."""

from __future__ import annotations

import pathlib
from typing import Any

import numpy as np
import pytest

import ranvier as keras
from ranvier import regularizers
from ranvier.callbacks import EarlyStopping, ModelCheckpoint
from ranvier.layers import BatchNormalization, Dense, Dropout
from ranvier.models import Sequential, load_model
from ranvier.optimizers import Adam
from tests.guides.blobs import blobs


def network() -> Any:
    keras.utils.set_random_seed(2)
    model = Sequential(
        [
            Dense(16, activation="relu", kernel_regularizer=regularizers.l2(0.001), input_shape=(6,)),
            BatchNormalization(),
            Dropout(0.3),
            Dense(4, activation="softmax"),
        ]
    )
    model.compile(optimizer=Adam(0.05), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


@pytest.mark.parametrize("file", ["best_model.h5", "best_model.keras"])
def test_the_best_model_is_saved_and_loads(file: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    x, y = blobs(120, 6, 4, spread=3.0)
    model = network()
    early_stop = EarlyStopping(monitor="val_loss", patience=2, restore_best_weights=True)
    checkpoint = ModelCheckpoint(file, monitor="val_loss", save_best_only=True, verbose=0)
    history = model.fit(x, y, validation_split=0.2, epochs=40, callbacks=[early_stop, checkpoint], verbose=0)
    losses = history.history["val_loss"]
    assert 3 <= len(losses) < 40, "early stopping ended the run"
    assert int(np.argmin(losses)) == early_stop.best_epoch == len(losses) - 3
    held = x[96:], y[96:]
    loss, accuracy = model.evaluate(*held, verbose=0)
    assert loss == pytest.approx(min(losses), rel=1e-5), "the best weights are back"
    assert (tmp_path / file).exists()
    loaded = load_model(file)
    np.testing.assert_array_equal(loaded.predict(x), model.predict(x))
    assert loaded.evaluate(*held, verbose=0) == pytest.approx([loss, accuracy], rel=1e-6)
    loaded.fit(x[:96], y[:96], epochs=1, verbose=0)
    assert int(loaded.optimizer.iterations) > 1


def test_the_penalty_is_part_of_the_loss() -> None:
    x, y = blobs(64, 6, 4)
    model = network()
    kernel = model.layers[0].get_weights()[0]
    predicted = model.predict(x)
    plain = -np.log(predicted[np.arange(64), y]).mean()
    loss, _ = model.evaluate(x, y, verbose=0)
    assert loss == pytest.approx(plain + 0.001 * np.square(kernel).sum(), rel=1e-5)
