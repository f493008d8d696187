"""Records what Keras's callbacks do on many sequences of logs: when they stop, save, reduce, and what they write.

Run with a Python that has Keras and JAX: `python scripts/record_oracles/callbacks.py`.
Writes tests/oracle/callbacks.json (cases, outcomes, versions).
"""

import json
import os
import pathlib
import platform
import tempfile
import warnings
from types import SimpleNamespace
from typing import Any

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np
from keras import callbacks

SEED = 5
EPOCHS = 12
rng = np.random.default_rng(SEED)


class Recorder:
    """Stands in for a model: weights count the epochs, and files are noted."""

    def __init__(self) -> None:
        self.optimizer = SimpleNamespace(learning_rate=0.5)
        self.metrics: list[Any] = []
        self.stop_training = False
        self.weights = [np.zeros(1)]
        self.saved: list[str] = []

    def get_weights(self) -> list[np.ndarray]:
        return self.weights

    def set_weights(self, weights: list[np.ndarray]) -> None:
        self.weights = weights

    def save(self, path: str, overwrite: bool = True) -> None:
        self.saved.append(os.path.basename(path))


def series() -> list[float]:
    """Return values on a grid of 1/8, so that ties occur and every comparison is exact in float32."""
    return (np.round(8 * (np.linspace(1, 0.25, EPOCHS) + rng.normal(0, 0.25, EPOCHS))) / 8).tolist()


def tell(callback: Any, values: list[float], name: str, steps: int) -> dict[str, Any]:
    model = Recorder()
    callback.set_model(model)
    callback.set_params({"verbose": 0, "epochs": EPOCHS, "steps": steps})
    callback.on_train_begin()
    logs_seen = []
    for epoch, value in enumerate(values):
        model.weights = [np.array([float(epoch)])]
        callback.on_epoch_begin(epoch)
        for batch in range(steps):
            callback.on_train_batch_end(batch, {"loss": 1.0})
        logs = {name: value}
        callback.on_epoch_end(epoch, logs)
        logs_seen.append(logs)
        if model.stop_training:
            break
    callback.on_train_end()
    return {
        "epochs": epoch + 1,
        "weights": float(model.weights[0][0]),
        "rate": [float(logs.get("learning_rate", 0.0)) for logs in logs_seen] + [float(model.optimizer.learning_rate)],
        "saved": model.saved,
        "attributes": {
            key: getattr(callback, key)
            for key in ("best", "wait", "stopped_epoch", "cooldown_counter")
            if hasattr(callback, key)
        },
    }


def cases() -> list[tuple[str, dict[str, Any], str, int]]:
    stopping = [
        {"patience": p, "min_delta": d, "restore_best_weights": r, "baseline": b, "start_from_epoch": s}
        for p, d, r, b, s in [
            (0, 0, False, None, 0),
            (1, 0, True, None, 0),
            (2, 0.125, True, None, 0),
            (3, 0, True, 0.5, 0),
            (2, 0, False, None, 4),
            (20, 0, True, None, 0),
        ]
    ]
    reducing = [
        {"factor": 0.5, "patience": p, "cooldown": c, "min_delta": d, "min_lr": m}
        for p, c, d, m in [(1, 0, 0, 0.0), (2, 0, 0.25, 0.0), (1, 2, 0, 0.0), (0, 0, 0, 0.125)]
    ]
    saving = [{"save_best_only": True}, {"save_best_only": True, "initial_value_threshold": 0.5}, {"save_freq": 4}]
    found = []
    for mode, name in (("min", "val_loss"), ("max", "val_accuracy")):
        common = {"monitor": name, "mode": mode}
        found += [("EarlyStopping", {**options, **common}, name, 0) for options in stopping]
        found += [("ReduceLROnPlateau", {**options, **common}, name, 0) for options in reducing]
        found += [("ModelCheckpoint", {**options, **common}, name, 3) for options in saving]
    return found


def outcome(kind: str, options: dict[str, Any], values: list[float], name: str, steps: int) -> dict[str, Any]:
    arguments = dict(options)
    if kind == "ModelCheckpoint":
        template = "{epoch}-{batch}.keras" if "save_freq" in options else "{epoch}.keras"
        arguments["filepath"] = template
    return tell(getattr(callbacks, kind)(**arguments), values, name, steps)


def csv_text(append: bool) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "log.csv"
        for _ in range(2):
            logger = callbacks.CSVLogger(str(path), append=append)
            logger.set_model(Recorder())
            logger.on_train_begin()
            for epoch in range(2):
                logger.on_epoch_end(epoch, {"loss": 1.5 - epoch, "acc": 0.25, "recall": np.array([0.5, 1.0])})
            logger.on_train_end()
        return path.read_bytes().decode()


def averaged(swap_on_epoch: bool) -> dict[str, Any]:
    """Return what a run with moving averages measures, and the weights after each epoch and at the end."""
    x = np.arange(24, dtype="float32").reshape(12, 2) / 24
    y = x.sum(1)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="zeros")])
    model.compile(keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.75), "mse")
    seen: list[Any] = []
    later = callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(model.get_weights()[0].tolist()))
    swap = callbacks.SwapEMAWeights(swap_on_epoch)
    history = model.fit(
        x, y, batch_size=4, epochs=3, shuffle=False, verbose=0, validation_data=(x, y), callbacks=[swap, later]
    )
    return {"history": history.history, "seen": seen, "weights": model.get_weights()[0].tolist()}


def main() -> None:
    averages = {"swap": averaged(True), "plain": averaged(False)}
    warnings.simplefilter("error")
    recorded = []
    for kind, options, name, steps in cases():
        for _ in range(3):
            values = series()
            recorded.append(
                {"kind": kind, "options": options, "monitor": name, "steps": steps, "values": values,
                 "outcome": outcome(kind, options, values, name, steps)}
            )  # fmt: skip
    facts = {"keras": keras.__version__, "python": platform.python_version(), "seed": SEED}
    texts = {"append": csv_text(True), "anew": csv_text(False)}
    found = {"versions": facts, "cases": recorded, "csv": texts, "averages": averages}
    target = pathlib.Path(__file__).parents[2] / "tests" / "oracle" / "callbacks.json"
    target.write_text(json.dumps(found, default=float) + "\n")


if __name__ == "__main__":
    main()
