"""Ranvier and Keras 3: one text for both, because both speak the same interface."""

import importlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.contract import Floats, Labels
from benchmarks.workloads import Workload


class KerasLike:
    """A Sequential network, `compile` with `metrics=["accuracy"]`, `fit` on arrays: what the guides show."""

    def __init__(self, module: str) -> None:
        self.module = module
        self.keras: Any = importlib.import_module(module)
        self.model: Any = None
        self.batch = 0
        self.metrics: list[Any] = ["accuracy"]

    def threads(self) -> int | None:
        """Not said by the Keras interface."""
        return None

    def build(self, workload: Workload, weights: list[Floats], batch: int, dropout: bool) -> None:
        """Build, compile and load the weights."""
        layers = self.keras.layers
        model = self.keras.Sequential([self.keras.Input((workload.sizes[0],))])
        for width in workload.sizes[1:-1]:
            model.add(layers.Dense(width, activation="relu"))
            if dropout and workload.dropout:
                model.add(layers.Dropout(workload.dropout))
        model.add(layers.Dense(workload.sizes[-1], activation="softmax"))
        model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=self.metrics)
        model.set_weights(weights)
        self.model, self.batch = model, batch

    def measure_more(self) -> None:
        """Let the next network measure three things."""
        metrics = self.keras.metrics
        self.metrics = ["accuracy", metrics.SparseTopKCategoricalAccuracy(3), metrics.SparseCategoricalCrossentropy()]

    def fit(self, x: Floats, y: Labels, epochs: int, shuffle: bool, **more: Any) -> list[float]:
        """`model.fit`, silent; `more` goes to it."""
        history = self.model.fit(x, y, batch_size=self.batch, epochs=epochs, shuffle=shuffle, verbose=0, **more)
        return [float(loss) for loss in history.history["loss"]]

    def predict(self, x: Floats) -> NDArray[Any]:
        """`model.predict` with its default batch size."""
        return np.asarray(self.model.predict(x, verbose=0))

    def call(self, x: Floats) -> NDArray[Any]:
        """`model(x)`, brought to NumPy so that the answer is really there."""
        return np.asarray(self.model(x))


make = KerasLike
