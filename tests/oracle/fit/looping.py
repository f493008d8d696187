"""Programs about the loop: validation, steps, epochs, sources of batches, hooks, single batches, own steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tests.oracle.fit.common import COLUMNS, WEIGHTS, X, Y, classifier, fixed, outcome, regressor

__all__ = ["PROGRAMS"]

SPARSE = "sparse_categorical_crossentropy"
QUIET: dict[str, Any] = {"shuffle": False, "verbose": 0}


def _compiled(keras: Any) -> Any:
    model = classifier(keras)
    model.compile(keras.optimizers.SGD(0.1), SPARSE, metrics=["accuracy"])
    return model


def validation(keras: Any) -> dict[str, Any]:
    """How often and on what is validated."""
    found = {}
    held = (X[:9], Y[:9])
    for name, options in {
        "split": {"validation_split": 0.3, "validation_batch_size": 4},
        "second": {"validation_data": held, "validation_freq": 2},
        "listed": {"validation_data": held, "validation_freq": [1, 3], "validation_steps": 1},
    }.items():
        model = _compiled(keras)
        found[name] = outcome(model, model.fit(X, Y, 8, 3, **QUIET, **options))
    return found


def steps(keras: Any) -> dict[str, Any]:
    """An epoch of fewer steps than one pass, a later first epoch, a look at a part of the data."""
    found = {}
    for name, options in {
        "one": {"steps_per_epoch": 2, "epochs": 1},
        "later": {"initial_epoch": 2, "epochs": 4},
    }.items():
        model = _compiled(keras)
        found[name] = outcome(model, model.fit(X, Y, 8, **QUIET, **options))
    model = _compiled(keras)
    found["looked"] = {
        "evaluated": model.evaluate(X, Y, batch_size=4, steps=2, verbose=0),
        "predicted": model.predict(X, batch_size=4, steps=2, verbose=0),
    }
    return found


def _batches(passes: int, weighted: bool = False) -> Iterator[tuple[Any, ...]]:
    for _ in range(passes):
        for first in range(0, len(X), 8):
            part = slice(first, first + 8)
            yield (X[part], Y[part], WEIGHTS[part]) if weighted else (X[part], Y[part])


def generators(keras: Any) -> dict[str, Any]:
    """Python generators, with and without weights; the next epoch goes on where the last one stopped."""
    found = {}
    for name, weighted in (("plain", False), ("weighted", True)):
        model = _compiled(keras)
        history = model.fit(_batches(9, weighted), epochs=3, steps_per_epoch=2, verbose=0)
        evaluated = model.evaluate(_batches(1, weighted), verbose=0)
        predicted = model.predict(_batches(1), verbose=0)
        found[name] = outcome(model, history, evaluated=evaluated, predicted=predicted)
    return found


def sequence(keras: Any) -> dict[str, Any]:
    """An indexable sequence of batches with a short last one; class weights apply to it."""

    class Batches(getattr(keras.utils, "PyDataset", object)):  # type: ignore[misc]
        def __len__(self) -> int:
            return 3

        def __getitem__(self, index: int) -> tuple[Any, Any]:
            part = slice(index * 8, index * 8 + 8)
            return X[part], Y[part]

    model = _compiled(keras)
    history = model.fit(Batches(), epochs=2, class_weight={0: 2.0}, validation_data=Batches(), **QUIET)
    return outcome(model, history, evaluated=model.evaluate(Batches(), verbose=0))


def hooks(keras: Any) -> dict[str, Any]:
    """Every hook in its order, with its number and its logs."""
    calls: list[Any] = []

    def noted(name: str) -> Callable[..., None]:
        def hook(self: Any, *args: Any, **kwargs: Any) -> None:
            number = [arg for arg in args if isinstance(arg, (int, np.integer))]
            logs = next((arg for arg in (*args, *kwargs.values()) if isinstance(arg, dict)), {})
            calls.append([name, [int(n) for n in number], {k: v for k, v in logs.items() if k != "outputs"}])

        return hook

    spots = [f"{kind}_{what}" for kind in ("train", "test") for what in ("", "batch_")]
    names = [f"on_{spot.rstrip('_')}_{end}" for spot in [*spots, "epoch_"] for end in ("begin", "end")]
    spy = type("Spy", (keras.callbacks.Callback,), {name: noted(name) for name in names})()
    model = _compiled(keras)
    model.fit(X, Y, 8, 2, **QUIET, validation_data=(X[:9], Y[:9]), callbacks=[spy])
    model.evaluate(X, Y, batch_size=16, verbose=0, callbacks=[spy])
    return {"calls": [f"{name} {numbers}" for name, numbers, _ in calls], "logs": [logs for *_, logs in calls]}


def stopped_early(keras: Any) -> dict[str, Any]:
    """EarlyStopping with the best weights restored, and a callback that stops inside an epoch."""
    model = regressor(keras)
    model.compile(keras.optimizers.SGD(0.3), "mse")
    early = keras.callbacks.EarlyStopping(monitor="val_loss", patience=2, restore_best_weights=True)
    history = model.fit(X, Y, 8, 12, **QUIET, validation_split=0.3, callbacks=[early])
    facts = [int(early.stopped_epoch), int(early.best_epoch)]

    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.model.stop_training = batch == 1

    stopped = regressor(keras)
    stopped.compile("sgd", "mse")
    second = stopped.fit(X, Y, 8, 5, **QUIET, callbacks=[Stop()])
    return {"early": outcome(model, history, facts=facts), "inside": outcome(stopped, second)}


def single_batches(keras: Any) -> dict[str, Any]:
    """train_on_batch and test_on_batch report their own batch alone; the optimizer goes on."""
    model = classifier(keras)
    model.compile("adam", SPARSE, metrics=["accuracy"])
    logs = [model.train_on_batch(X[i : i + 5], Y[i : i + 5], return_dict=True) for i in (0, 5, 3)]
    logs += [model.test_on_batch(X[:6], Y[:6], return_dict=True), model.test_on_batch(X[:6], Y[:6], WEIGHTS[:6], True)]
    logs += [model.train_on_batch(X[:4], Y[:4], class_weight={1: 2.0}, return_dict=True)]
    ordered = [model.test_on_batch(X[:6], Y[:6]), model.train_on_batch(X[:6], Y[:6])]
    return outcome(model, logs=logs, ordered=ordered, predicted=model.predict_on_batch(X[:3]))


def own_loss(keras: Any) -> dict[str, Any]:
    """A subclassed model with its own compute_loss, counted in its own metric, compiled with metrics too."""

    class Own(keras.Model):  # type: ignore[name-defined,misc]
        def __init__(self) -> None:
            super().__init__()
            self.head = keras.layers.Dense(1)
            self.tracker = keras.metrics.Mean(name="scaled")

        def call(self, x: Any) -> Any:
            return self.head(x)

        def compute_loss(self, x: Any = None, y: Any = None, y_pred: Any = None, *_: Any, **__: Any) -> Any:
            loss = keras.ops.mean(keras.ops.abs(y - y_pred[:, 0]))
            self.tracker.update_state(loss * 10)
            return loss

    model = Own()
    model(X[:2])
    fixed(model)
    model.compile(keras.optimizers.SGD(0.1), metrics=["mse"])
    history = model.fit(X, X.sum(1), 8, 2, **QUIET)
    return outcome(model, history)


def stateless_step(keras: Any) -> dict[str, Any]:
    """Keras's idiom for JAX: train_step(self, state, data) of pure functions."""
    import jax

    class Pure(keras.Model):  # type: ignore[name-defined,misc]
        def __init__(self) -> None:
            super().__init__()
            self.head = keras.layers.Dense(1)

        def call(self, x: Any, training: bool = False) -> Any:
            return self.head(x)

        def loss_and_state(self, trained: Any, others: Any, x: Any, y: Any) -> Any:
            y_pred, others = self.stateless_call(trained, others, x, training=True)
            return keras.ops.mean((y - y_pred[:, 0]) ** 2), others

        def train_step(self, state: Any, data: Any) -> Any:
            trained, others, optimizer, measured = state
            x, y = data
            gradient = jax.value_and_grad(self.loss_and_state, has_aux=True)
            (loss, others), grads = gradient(trained, others, x, y)
            trained, optimizer = self.optimizer.stateless_apply(optimizer, grads, trained)
            tracker = self.metrics[0]
            measured = tracker.stateless_update_state(measured, loss)
            return {"loss": tracker.stateless_result(measured)}, (trained, others, optimizer, measured)

    model = Pure()
    model(X[:2])
    fixed(model)
    model.compile(keras.optimizers.Adam(0.05))
    return outcome(model, model.fit(X, X.sum(1), 8, 2, **QUIET))


def shared_layers(keras: Any) -> dict[str, Any]:
    """A shared layer, a nested model and a residual connection; one model's training shows in the other."""
    inner = keras.Sequential([keras.Input((COLUMNS,)), keras.layers.Dense(COLUMNS, activation="tanh", name="shared")])
    first, second = keras.Input((COLUMNS,)), keras.Input((COLUMNS,))
    added = keras.layers.Add()([inner(first), inner(second), first])
    model = fixed(keras.Model([first, second], keras.layers.Dense(1)(keras.layers.LayerNormalization()(added))))
    model.compile(keras.optimizers.SGD(0.1), "mse")
    history = model.fit([X, X[::-1].copy()], X[:, 0], 8, 2, **QUIET)
    return outcome(model, history, inner=inner.predict(X, verbose=0))


def built_by_data(keras: Any) -> dict[str, Any]:
    """A Sequential without input shape is built by `fit`; normalization is adapted beforehand."""
    scale = keras.layers.Normalization()
    scale.adapt(X * 3 + 1)
    zeros = {"kernel_initializer": "zeros", "bias_initializer": "ones"}
    model = keras.Sequential([scale, keras.layers.Dense(3, activation="tanh", **zeros), keras.layers.Dense(1, **zeros)])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    history = model.fit(X * 3 + 1, X[:, 1], 8, 2, **QUIET)
    return outcome(model, history, predicted=model.predict(X, verbose=0), count=model.count_params())


PROGRAMS: dict[str, Callable[[Any], dict[str, Any]]] = {
    f.__name__: f
    for f in (
        validation,
        steps,
        generators,
        sequence,
        hooks,
        stopped_early,
        single_batches,
        own_loss,
        stateless_step,
        shared_layers,
        built_by_data,
    )
}
