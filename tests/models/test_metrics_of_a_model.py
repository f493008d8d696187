"""The metric objects of a model, beside the logs that they give."""

from __future__ import annotations

from typing import Any

import numpy as np

import ranvier as keras
from ranvier import layers
from ranvier.engine import compiled


def test_metrics_keep_what_the_logs_told() -> None:
    """As in Keras: after `fit` and `evaluate` the metric objects hold the last state, the loss among them."""
    model = keras.Sequential([layers.Dense(1, input_shape=(3,))])
    metric = keras.metrics.MeanAbsoluteError()
    model.compile("sgd", "mse", metrics=[metric])
    x = np.random.default_rng(1).normal(size=(40, 3)).astype(np.float32)
    history = model.fit(x, x[:, :1], verbose=0).history
    assert float(metric.result()) == history["mean_absolute_error"][-1]
    assert float(model.metrics[0].result()) == history["loss"][-1]
    measured = model.evaluate(x, x[:, :1], verbose=0)
    assert [float(m.result()) for m in model.metrics] == measured


def test_metrics_can_be_read_between_batches() -> None:
    """A callback sees in the objects what it sees in the logs."""

    class Reader(keras.callbacks.Callback):
        pairs: list[tuple[float, float]] = []  # noqa: RUF012

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.pairs.append((float(self.model.metrics[0].result()), logs["loss"]))

    model = keras.Sequential([layers.Dense(1, input_shape=(3,))])
    model.compile("sgd", "mse")
    x = np.random.default_rng(1).normal(size=(40, 3)).astype(np.float32)
    model.fit(x, x[:, :1], batch_size=16, verbose=0, callbacks=[Reader()])
    assert len(Reader.pairs) == 3
    assert all(mine == told for mine, told in Reader.pairs)


def test_a_second_fit_compiles_nothing_new() -> None:
    """What the metrics hold is data: it is no part of a program's key."""
    model = keras.Sequential([layers.Dense(1, input_shape=(3,))])
    model.compile("sgd", "mse", metrics=["mae", keras.metrics.RootMeanSquaredError()])
    x = np.random.default_rng(1).normal(size=(40, 3)).astype(np.float32)
    for _ in range(2):
        model.fit(x, x[:, :1], verbose=0)
        model.evaluate(x, x[:, :1], verbose=0)
        before = compiled.shared.compilations
    model.fit(x, x[:, :1], verbose=0)
    assert compiled.shared.compilations == before


def test_a_weighted_metric_of_one_of_several_outputs_is_named_as_in_keras() -> None:
    x = keras.Input((3,))
    model = keras.Model(x, [layers.Dense(1, name="p")(x), layers.Dense(1, name="q")(x)])
    model.compile("sgd", "mse", metrics={"p": ["mae"]}, weighted_metrics={"p": ["mae"], "q": ["mae"]})
    rows = np.ones((8, 3), np.float32)
    logs = model.evaluate(rows, [rows[:, :1]] * 2, verbose=0, return_dict=True)
    assert {name for name in logs if name.endswith("mae")} == {"p_mae", "p_weighted_mae", "q_mae"}
