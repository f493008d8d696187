"""The subclassing guides: a Model of one's own with call, then with train_step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import ranvier as keras
from ranvier import layers, ops
from tests.guides.blobs import blobs


class CustomModel(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.hidden = layers.Dense(16, activation="relu")
        self.dropout = layers.Dropout(0.1)
        self.classify = layers.Dense(3, activation="softmax")

    def call(self, inputs: Any, training: bool = False) -> Any:
        x = self.hidden(inputs)
        if training:
            x = self.dropout(x, training=training)
        return self.classify(x)


class CustomStep(CustomModel):
    def __init__(self) -> None:
        super().__init__()
        self.loss_tracker = keras.metrics.Mean(name="loss")
        self.acc_metric = keras.metrics.SparseCategoricalAccuracy(name="acc")

    def train_step(self, data: Any) -> dict[str, Any]:
        x, y = data
        with keras.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = ops.mean(keras.losses.sparse_categorical_crossentropy(y, y_pred))
        trainable_vars = self.trainable_variables
        gradients = tape.gradient(loss, trainable_vars)
        self.optimizer.apply_gradients(zip(gradients, trainable_vars, strict=True))
        self.loss_tracker.update_state(loss)
        self.acc_metric.update_state(y, y_pred)
        return {m.name: m.result() for m in self.metrics}

    def test_step(self, data: Any) -> dict[str, Any]:
        x, y = data
        y_pred = self(x, training=False)
        self.loss_tracker.update_state(ops.mean(keras.losses.sparse_categorical_crossentropy(y, y_pred)))
        self.acc_metric.update_state(y, y_pred)
        return {m.name: m.result() for m in self.metrics}

    @property
    def metrics(self) -> list[Any]:
        return [self.loss_tracker, self.acc_metric]


@pytest.mark.parametrize("kind", [CustomModel, CustomStep])
def test_a_subclassed_model_trains_and_reports(kind: type) -> None:
    keras.utils.set_random_seed(3)
    x, y = blobs(320, 4, 3)
    model = kind()
    if kind is CustomStep:
        model.compile(optimizer=keras.optimizers.Adam(0.01))
    else:
        accuracy = keras.metrics.SparseCategoricalAccuracy(name="acc")
        model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=[accuracy])
    history = model.fit(x, y, epochs=10, batch_size=32, verbose=0, validation_split=0.2)
    assert set(history.history) == {"loss", "acc", "val_loss", "val_acc"}
    assert history.history["val_acc"][-1] > 0.9
    found = model.evaluate(x, y, verbose=0, return_dict=True)
    assert found["acc"] == pytest.approx(np.mean(model.predict(x).argmax(1) == y), abs=1e-6)
    assert int(model.optimizer.iterations) == 80
    assert model.count_params() == 4 * 16 + 16 + 16 * 3 + 3
