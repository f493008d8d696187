"""What the programs of this folder share: fixed data, fixed weights, and what is kept of a trained model.

A program is a function of the `keras` module and runs unchanged on Keras 3 (when it is recorded) and on Ranvier (when
the record is replayed). It returns a nest of dicts and lists of numbers, arrays and strings.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["CLASSES", "COLUMNS", "ROWS", "WEIGHTS", "X", "Y", "classifier", "fixed", "outcome", "regressor"]

ROWS, COLUMNS, CLASSES = 22, 4, 3
_DRAWS = np.random.default_rng(11)
X = _DRAWS.normal(size=(ROWS, COLUMNS)).astype("float32")
Y = (np.arange(ROWS) * 7 % CLASSES).astype("int32")
WEIGHTS = _DRAWS.uniform(0.2, 2.0, ROWS).astype("float32")


def fixed(model: Any, seed: int = 3) -> Any:
    """Give every weight of a built model fixed values; counters and statistics keep theirs."""
    draws = np.random.default_rng(seed)
    weights = []
    for array in model.get_weights():
        drawn = draws.normal(size=array.shape) * 0.5
        statistic = array.ndim <= 1 and bool(np.all(array == 1) or array.dtype.kind in "iu")
        weights.append(array if statistic else drawn.astype(array.dtype))
    model.set_weights(weights)
    return model


def classifier(keras: Any, *layers: Any) -> Any:
    """Return a small classifier with fixed weights: the given hidden layers, then a softmax."""
    hidden = layers or (keras.layers.Dense(5, activation="tanh"),)
    head = keras.layers.Dense(CLASSES, activation="softmax")
    return fixed(keras.Sequential([keras.Input((COLUMNS,)), *hidden, head]))


def regressor(keras: Any, units: int = 1) -> Any:
    """Return a small regression network with fixed weights."""
    hidden = keras.layers.Dense(5, activation="tanh")
    return fixed(keras.Sequential([keras.Input((COLUMNS,)), hidden, keras.layers.Dense(units)]))


def outcome(model: Any, history: Any = None, **more: Any) -> dict[str, Any]:
    """Return what is compared: History with the order of its keys, weights, steps, and `more`."""
    kept: dict[str, Any] = {"weights": model.get_weights(), **more}
    if history is not None:
        kept |= {"keys": list(history.history), "history": dict(history.history), "epoch": list(history.epoch)}
    if getattr(model, "optimizer", None) is not None:
        kept["iterations"] = int(np.asarray(model.optimizer.iterations))
    return kept
