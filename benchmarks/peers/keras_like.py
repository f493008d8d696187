"""Ranvier and Keras 3: one text for both, because both speak the same interface."""

import importlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.networks import keras_text
from benchmarks.peers.contract import Ended, Floats, unheard
from benchmarks.workloads import LATENT, Workload


class KerasLike:
    """`compile` with `metrics=["accuracy"]` where there are classes, `fit` on arrays: what the guides show."""

    def __init__(self, module: str) -> None:
        self.module = module
        self.keras: Any = importlib.import_module(module)
        self.model: Any = None
        self.work: Any = None
        self.batch = 0
        self.metrics: list[Any] = ["accuracy"]

    def threads(self) -> int | None:
        """Not said by the Keras interface."""
        return None

    def build(self, workload: Workload, weights: list[Floats], batch: int, dropout: bool) -> None:
        """Build, compile and load the weights."""
        metrics = [] if workload.loss == "mse" else self.metrics
        self.model = keras_text.build(self.keras, workload, weights, dropout, metrics)
        self.work, self.batch = workload, batch

    def measure_more(self) -> None:
        """Let the next network measure three things."""
        metrics = self.keras.metrics
        self.metrics = ["accuracy", metrics.SparseTopKCategoricalAccuracy(3), metrics.SparseCategoricalCrossentropy()]

    def fit(self, x: Any, y: Any, epochs: int, shuffle: bool, ended: Ended = unheard, **more: Any) -> list[float]:
        """`model.fit`, silent; `more` goes to it. A callback hears the ends of epochs."""
        if ended is not unheard:
            more["callbacks"] = [self.keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: ended())]
        history = self.model.fit(x, y, batch_size=self.batch, epochs=epochs, shuffle=shuffle, verbose=0, **more)
        return [float(loss) for loss in history.history["loss"]]

    def fit_stream(self, stream: Any) -> None:
        """One epoch over batches that come from outside: a generator, a loader, a data set."""
        self.model.fit(stream, epochs=1, verbose=0)

    def evaluate(self, x: Any, y: Any) -> float:
        """`model.evaluate` with its default batch size."""
        return float(np.ravel(self.model.evaluate(x, y, verbose=0))[0])

    def predict(self, x: Any) -> NDArray[Any]:
        """`model.predict` with its default batch size."""
        return np.asarray(self.model.predict(self._asked(x), verbose=0))

    def call(self, x: Any) -> NDArray[Any]:
        """`model(x)`, brought to NumPy so that the answer is really there."""
        return np.asarray(self.keras.ops.convert_to_numpy(self.model(self._asked(x))))

    def _asked(self, x: Any) -> Any:
        """A trained pair of adversaries is asked for pictures out of noise."""
        return x[1][:, :LATENT] if self.work.family == "gan" else x


make = KerasLike
