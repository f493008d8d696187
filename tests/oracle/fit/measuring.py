"""Programs about targets, weights and metrics: one output and several."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.oracle.fit.common import CLASSES, COLUMNS, ROWS, WEIGHTS, X, Y, classifier, fixed, outcome, regressor

__all__ = ["PROGRAMS"]

SPARSE = "sparse_categorical_crossentropy"
ONE_HOT = np.eye(CLASSES, dtype="float32")[Y]
BINARY = (Y > 0).astype("int32")
CLASS_WEIGHT = {0: 1.0, 1: 3.0, 2: 0.5}


def class_weight(keras: Any) -> dict[str, Any]:
    """Class weights with labels and with one-hot rows give the same; plain metrics do not see them."""
    found = {}
    for name, loss, targets in (("sparse", SPARSE, Y), ("one_hot", "categorical_crossentropy", ONE_HOT)):
        model = classifier(keras)
        model.compile(keras.optimizers.SGD(0.1), loss, metrics=["accuracy"], weighted_metrics=["acc"])
        history = model.fit(X, targets, 8, 2, shuffle=False, verbose=0, class_weight=CLASS_WEIGHT)
        found[name] = outcome(model, history)
    return found


def sample_weight(keras: Any) -> dict[str, Any]:
    """Sample weights in training, validation and evaluation."""
    model = classifier(keras)
    model.compile(keras.optimizers.SGD(0.1), SPARSE, metrics=["accuracy"], weighted_metrics=[SPARSE, "accuracy"])
    held = (X[:9], Y[:9], WEIGHTS[:9])
    history = model.fit(X, Y, 8, 2, shuffle=False, verbose=0, sample_weight=WEIGHTS, validation_data=held)
    evaluated = model.evaluate(X, Y, batch_size=8, sample_weight=WEIGHTS, verbose=0, return_dict=True)
    return outcome(model, history, evaluated=evaluated)


def binary(keras: Any) -> dict[str, Any]:
    """A sigmoid unit with targets of shape (n,) and (n, 1), and every metric of a binary classifier."""
    found = {}
    for name, targets in (("flat", BINARY), ("column", BINARY[:, None])):
        layers = [keras.Input((COLUMNS,)), keras.layers.Dense(1, activation="sigmoid")]
        model = fixed(keras.Sequential(layers))
        classes = ("Precision", "Recall", "AUC")
        own = [getattr(keras.metrics, cls)(name=cls.lower()) for cls in classes]
        model.compile("sgd", "binary_crossentropy", metrics=["accuracy", *own, "binary_accuracy", "mse"])
        history = model.fit(X, targets, 8, 2, shuffle=False, verbose=0, validation_split=0.3)
        found[name] = outcome(model, history, evaluated=model.evaluate(X, targets, verbose=0))
    return found


def regression(keras: Any) -> dict[str, Any]:
    """A regression with targets of shape (n,) and (n, 1), and its metrics by name, function and object."""
    found = {}
    targets = X.sum(1)
    for name, shaped in (("flat", targets), ("column", targets[:, None])):
        model = regressor(keras)
        measured = [
            "mae",
            keras.losses.mean_squared_error,
            keras.metrics.RootMeanSquaredError(),
            keras.metrics.R2Score(),
        ]
        model.compile("sgd", keras.losses.Huber(), metrics=measured)
        history = model.fit(X, shaped, 8, 2, shuffle=False, verbose=0)
        found[name] = outcome(model, history, predicted=model.predict(X, verbose=0))
    return found


def repeated_names(keras: Any) -> dict[str, Any]:
    """Names of metrics as written: acc, accuracy, a function of one's own twice."""

    def distance(y_true: Any, y_pred: Any) -> Any:
        return keras.ops.mean(keras.ops.abs(y_true - y_pred), axis=-1)

    model = classifier(keras)
    model.compile("sgd", "categorical_crossentropy", metrics=["acc", "accuracy", distance, distance])
    history = model.fit(X, ONE_HOT, 8, 1, shuffle=False, verbose=0)
    return outcome(model, history, evaluated=model.evaluate(X, ONE_HOT, verbose=0, return_dict=True))


def own_metric(keras: Any) -> dict[str, Any]:
    """A Metric subclass with its own variables."""

    class Positives(keras.metrics.Metric):
        def __init__(self) -> None:
            super().__init__(name="positives")
            self.total = self.add_weight(name="total", initializer="zeros")

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            self.total.assign(self.total + keras.ops.sum(keras.ops.cast(y_pred > 0.5, "float32")))

        def result(self) -> Any:
            return self.total.value

    model = classifier(keras)
    model.compile("sgd", SPARSE, metrics=[Positives()])
    history = model.fit(X, Y, 8, 2, shuffle=False, verbose=0, validation_split=0.25)
    return outcome(model, history, evaluated=model.evaluate(X, Y, verbose=0))


def _two_heads(keras: Any) -> Any:
    first, second = keras.Input((COLUMNS,), name="first"), keras.Input((2,), name="second")
    joined = keras.layers.Concatenate()([keras.layers.Dense(4, activation="tanh")(first), second])
    kind = keras.layers.Dense(CLASSES, activation="softmax", name="kind")(joined)
    size = keras.layers.Dense(1, name="size")(joined)
    return fixed(keras.Model([first, second], [kind, size]))


def outputs_by_list(keras: Any) -> dict[str, Any]:
    """Two inputs and outputs, everything given in lists."""
    model = _two_heads(keras)
    model.compile("sgd", [SPARSE, "mse"], loss_weights=[1.0, 0.3], metrics=[["accuracy"], ["mae", "mse"]])
    inputs, targets = [X, X[:, :2]], [Y, X.sum(1)]
    history = model.fit(inputs, targets, 8, 2, shuffle=False, verbose=0, validation_data=(inputs, targets))
    evaluated = model.evaluate(inputs, targets, verbose=0)
    return outcome(model, history, evaluated=evaluated, predicted=model.predict(inputs, verbose=0))


def outputs_by_dict(keras: Any) -> dict[str, Any]:
    """Two inputs and outputs, everything given in dicts."""
    model = _two_heads(keras)
    model.compile(
        "sgd",
        {"kind": SPARSE, "size": "mae"},
        loss_weights={"kind": 0.5, "size": 2.0},
        metrics={"kind": ["accuracy"]},
        weighted_metrics={"size": ["mse"]},
    )
    inputs, targets = {"first": X, "second": X[:, :2]}, {"kind": Y, "size": X.sum(1)}
    history = model.fit(inputs, targets, 8, 2, shuffle=False, verbose=0, validation_split=0.25)
    evaluated = model.evaluate(inputs, targets, verbose=0, return_dict=True)
    return outcome(model, history, evaluated=evaluated)


def outputs_by_name(keras: Any) -> dict[str, Any]:
    """A model whose outputs are a dict."""
    entry = keras.Input((COLUMNS,))
    outputs = {"b": keras.layers.Dense(1)(entry), "a": keras.layers.Dense(2)(entry)}
    model = fixed(keras.Model(entry, outputs))
    model.compile("sgd", {"b": "mse", "a": "mae"}, metrics={"a": "mse"})
    weights = {"a": WEIGHTS, "b": np.ones(ROWS, "float32")}
    history = model.fit(X, {"a": X[:, :2], "b": X[:, 2:3]}, 8, 2, shuffle=False, verbose=0, sample_weight=weights)
    evaluated = model.evaluate(X, {"a": X[:, :2], "b": X[:, 2:3]}, verbose=0, return_dict=True)
    return outcome(model, history, evaluated=evaluated, predicted=model.predict(X, verbose=0))


def one_loss_for_all(keras: Any) -> dict[str, Any]:
    """One loss and one metric for two outputs, and weights for both."""
    entry = keras.Input((COLUMNS,))
    model = fixed(keras.Model(entry, [keras.layers.Dense(1, name="p")(entry), keras.layers.Dense(2, name="q")(entry)]))
    model.compile("sgd", "mse", metrics=[["mae"], ["mae"]])
    history = model.fit(X, [X[:, 0], X[:, :2]], 8, 2, shuffle=False, verbose=0, sample_weight=[WEIGHTS, WEIGHTS])
    return outcome(model, history, evaluated=model.evaluate(X, [X[:, 0], X[:, :2]], verbose=0))


def masked(keras: Any) -> dict[str, Any]:
    """The mask of an Embedding reaches loss and metrics; weights per step multiply it."""
    tokens = (np.arange(ROWS * 5).reshape(ROWS, 5) * 7 % 9).astype("int32")
    tokens[::3, 3:] = 0
    labels = tokens % CLASSES
    found = {}
    for name, weights in (("mask", None), ("weights", np.linspace(0.5, 2, ROWS * 5, dtype="float32").reshape(ROWS, 5))):
        embedding = keras.layers.Embedding(9, 3, mask_zero=True)
        head = keras.layers.Dense(CLASSES, activation="softmax")
        model = fixed(keras.Sequential([keras.Input((5,), dtype="int32"), embedding, head]))
        model.compile("sgd", SPARSE, metrics=["accuracy"], weighted_metrics=["accuracy"])
        history = model.fit(tokens, labels, 8, 2, shuffle=False, verbose=0, sample_weight=weights)
        evaluated = model.evaluate(tokens, labels, sample_weight=weights, verbose=0, return_dict=True)
        # Keras on JAX loses the mask of its training metrics: its history of the loss alone is an oracle.
        found[name] = outcome(model, losses=history.history["loss"], evaluated=evaluated)
    return found


def logits(keras: Any) -> dict[str, Any]:
    """Losses from logits and label smoothing, integer inputs, a layer that scales them."""
    layers = [keras.Input((COLUMNS,), dtype="uint8"), keras.layers.Rescaling(1 / 255), keras.layers.Dense(CLASSES)]
    model = fixed(keras.Sequential(layers))
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    model.compile("sgd", loss, metrics=["accuracy", keras.metrics.TopKCategoricalAccuracy(k=2)])
    pixels = (np.abs(X) * 100).astype("uint8")
    history = model.fit(pixels, ONE_HOT, 8, 2, shuffle=False, verbose=0)
    return outcome(model, history, evaluated=model.evaluate(pixels, ONE_HOT, verbose=0))


PROGRAMS: dict[str, Callable[[Any], dict[str, Any]]] = {
    f.__name__: f
    for f in (
        class_weight,
        sample_weight,
        binary,
        regression,
        repeated_names,
        own_metric,
        outputs_by_list,
        outputs_by_dict,
        outputs_by_name,
        one_loss_for_all,
        masked,
        logits,
    )
}
