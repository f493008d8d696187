"""Programs about what is minimised and how: optimizers, schedules, clipping, averages, penalties."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.oracle.fit.common import COLUMNS, WEIGHTS, X, Y, classifier, fixed, outcome, regressor

__all__ = ["PROGRAMS"]

SPARSE = "sparse_categorical_crossentropy"


def _optimizer(name: str, **options: Any) -> Callable[[Any], dict[str, Any]]:
    def program(keras: Any) -> dict[str, Any]:
        model = classifier(keras)
        optimizer = getattr(keras.optimizers, name)(**options) if options else name.lower()
        model.compile(optimizer, SPARSE, metrics=["accuracy"])
        history = model.fit(X, Y, batch_size=8, epochs=3, shuffle=False, verbose=0)
        rate = float(np.asarray(model.optimizer.learning_rate))
        slots = [np.asarray(v) for v in model.optimizer.variables]
        return outcome(model, history, rate=rate, slots=slots)

    return program


def schedule(keras: Any) -> dict[str, Any]:
    """A schedule gives the rate of every step; the logs do not hold it."""
    model = regressor(keras)
    rate = keras.optimizers.schedules.ExponentialDecay(0.2, decay_steps=2, decay_rate=0.5, staircase=True)
    model.compile(keras.optimizers.SGD(rate), "mse")
    history = model.fit(X, Y, batch_size=8, epochs=3, shuffle=False, verbose=0)
    return outcome(model, history, rate=float(np.asarray(model.optimizer.learning_rate)))


def learning_rate_changes(keras: Any) -> dict[str, Any]:
    """A scheduler, a plateau and a hand that sets the rate; the rate stands in the logs of both callbacks."""

    class Hand(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            if epoch == 3:
                self.model.optimizer.learning_rate = 0.3

    scheduler = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.5 if epoch < 3 else rate)
    plateau = keras.callbacks.ReduceLROnPlateau(monitor="loss", factor=0.1, patience=1, min_delta=10.0)
    model = regressor(keras)
    model.compile(keras.optimizers.SGD(0.1), "mse")
    history = model.fit(X, Y, batch_size=8, epochs=6, shuffle=False, verbose=0, callbacks=[scheduler, plateau, Hand()])
    return outcome(model, history, rate=float(np.asarray(model.optimizer.learning_rate)))


def moving_average(keras: Any) -> dict[str, Any]:
    """With use_ema the weights after `fit` are the averages."""
    model = regressor(keras)
    model.compile(keras.optimizers.SGD(0.05, use_ema=True, ema_momentum=0.8), "mse")
    history = model.fit(X, Y, batch_size=8, epochs=2, shuffle=False, verbose=0)
    evaluated = model.evaluate(X, Y, verbose=0)
    return outcome(model, history, evaluated=evaluated)


def penalties(keras: Any) -> dict[str, Any]:
    """Kernel, bias and activity regularizers and a constraint; the penalty is part of `loss` and of `val_loss`."""
    hidden = keras.layers.Dense(
        5,
        activation="relu",
        kernel_regularizer=keras.regularizers.L1L2(0.01, 0.02),
        bias_regularizer="l2",
        activity_regularizer=keras.regularizers.L2(0.03),
        kernel_constraint=keras.constraints.MaxNorm(1.0),
    )
    model = classifier(keras, hidden)
    model.compile(keras.optimizers.SGD(0.1), SPARSE, metrics=["accuracy", SPARSE])
    history = model.fit(X, Y, batch_size=8, epochs=3, shuffle=False, verbose=0, validation_data=(X[:7], Y[:7]))
    return outcome(model, history, evaluated=model.evaluate(X, Y, batch_size=8, verbose=0))


def added_loss(keras: Any) -> dict[str, Any]:
    """A layer that calls add_loss, and a model that is trained by it alone."""

    class Spread(keras.layers.Layer):
        def call(self, x: Any) -> Any:
            self.add_loss(0.1 * keras.ops.mean(keras.ops.square(x)))
            return x

    def network() -> Any:
        return fixed(keras.Sequential([keras.Input((COLUMNS,)), keras.layers.Dense(2), Spread()]))

    with_loss, alone = network(), network()
    with_loss.compile(keras.optimizers.SGD(0.1), "mse")
    history = with_loss.fit(X, X[:, :2], batch_size=8, epochs=2, shuffle=False, verbose=0)
    alone.compile(keras.optimizers.SGD(0.1))
    lonely = alone.fit(X, batch_size=8, epochs=2, shuffle=False, verbose=0)
    return {
        "with": outcome(with_loss, history, evaluated=with_loss.evaluate(X, X[:, :2], verbose=0)),
        "alone": outcome(alone, lonely, evaluated=alone.evaluate(X, verbose=0)),
    }


def batch_normalization(keras: Any) -> dict[str, Any]:
    """Statistics over true batches, the short last one included; a frozen one uses its moving averages."""
    live = keras.layers.BatchNormalization(momentum=0.7)
    frozen = keras.layers.BatchNormalization(momentum=0.7)
    model = classifier(keras, keras.layers.Dense(5), live, frozen)
    frozen.trainable = False
    model.compile(keras.optimizers.SGD(0.1), SPARSE)
    history = model.fit(X, Y, batch_size=8, epochs=2, shuffle=False, verbose=0, validation_data=(X, Y))
    return outcome(model, history, predicted=model.predict(X, verbose=0))


def frozen_layer(keras: Any) -> dict[str, Any]:
    """A layer that was frozen before `compile` keeps its weights."""
    hidden = keras.layers.Dense(5, activation="tanh", trainable=False)
    model = classifier(keras, hidden)
    model.compile(keras.optimizers.Adam(0.1), SPARSE)
    history = model.fit(X, Y, batch_size=8, epochs=2, shuffle=False, verbose=0)
    counts = [len(model.trainable_weights), len(model.non_trainable_weights), len(model.optimizer.variables)]
    return outcome(model, history, counts=counts)


def accumulated(keras: Any) -> dict[str, Any]:
    """Gradients of two steps make one update."""
    model = regressor(keras)
    model.compile(keras.optimizers.Adam(0.05, gradient_accumulation_steps=2), "mse")
    history = model.fit(X, Y, batch_size=8, epochs=3, shuffle=False, verbose=0)
    return outcome(model, history)


def fitted_twice(keras: Any) -> dict[str, Any]:
    """A second `fit` goes on with the optimizer as it is; a second `compile` begins with a new one."""
    model = regressor(keras)
    model.compile("adam", "mse")
    first = model.fit(X, Y, batch_size=8, shuffle=False, verbose=0)
    second = model.fit(X, Y, batch_size=8, shuffle=False, verbose=0)
    after_two = outcome(model, second)
    model.compile("adam", "mae")
    third = model.fit(X, Y, batch_size=8, shuffle=False, verbose=0)
    return {"first": first.history, "second": after_two, "third": outcome(model, third)}


def summed_loss(keras: Any) -> dict[str, Any]:
    """A loss whose reduction is a sum, with weights."""
    model = regressor(keras)
    model.compile(keras.optimizers.SGD(0.01), keras.losses.MeanSquaredError(reduction="sum"))
    history = model.fit(X, Y, 8, 2, shuffle=False, verbose=0, sample_weight=WEIGHTS)
    return outcome(model, history, evaluated=model.evaluate(X, Y, batch_size=8, verbose=0))


PROGRAMS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "sgd": _optimizer("SGD", learning_rate=0.1, momentum=0.9, nesterov=True, clipnorm=0.1),
    "rmsprop": _optimizer("RMSprop"),
    "adagrad": _optimizer("Adagrad", learning_rate=0.1, clipvalue=0.02),
    "adam": _optimizer("Adam"),
    "adamw": _optimizer("AdamW", learning_rate=0.02, weight_decay=0.1, global_clipnorm=0.1),
    "nadam": _optimizer("Nadam"),
    **{
        f.__name__: f
        for f in (
            schedule,
            learning_rate_changes,
            moving_average,
            penalties,
            added_loss,
            batch_normalization,
            frozen_layer,
            accumulated,
            fitted_twice,
            summed_loss,
        )
    },
}
