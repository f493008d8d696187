"""Metrics against Keras 3: the value after each of several uneven batches, with weights and masks."""

import inspect
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ranvier import metrics
from ranvier.metrics.choose import get
from ranvier.metrics.confusion import CountingMetric
from ranvier.state import masking, scope
from ranvier.state.scope import Scope
from tests.losses.recorded import by_class, read, same_signature

RECORD = read("metrics")
CASES = by_class(RECORD)
# Each program runs once: compiling it well would cost more than running it badly.
QUICKLY = {"xla_backend_optimization_level": 0}


def stream(metric: metrics.Metric, batches: list[dict[str, Any]]) -> list[Any]:
    """The metric's value after each batch, whose outputs carry the recorded mask."""
    totals, results = metric.zero(), []
    for batch in batches:
        inputs = [batch[key] for key in ("y_true", "y_pred") if key in batch]
        with scope.entered(Scope()):
            masking.attach(inputs[-1], batch.get("mask"))
            totals = metric.add(totals, *inputs, sample_weight=batch.get("weight"))
        results.append(metric.value(totals))
    return results


@pytest.mark.parametrize("name", sorted(CASES))
def test_stream_gives_their_values(name: str) -> None:
    made, inputs = [], []
    for case in CASES[name]:
        inputs.append([{key: a for key, a in batch.items() if key != "result"} for batch in case["arrays"]])
        made.append(getattr(metrics, name)(**case["config"]))
        made[-1].prepare(*(inputs[-1][0][key] for key in ("y_true", "y_pred") if key in inputs[-1][0]))

    def all_streams(streams: list[Any]) -> list[list[Any]]:
        return [stream(*each) for each in zip(made, streams, strict=True)]

    # One program for all cases of a metric is cheaper than many small ones, except where counting is compiled anyway.
    counting = isinstance(made[0], (metrics.AUC, CountingMetric))
    run = all_streams if counting else jax.jit(all_streams, compiler_options=QUICKLY)
    for number, (case, results) in enumerate(zip(CASES[name], run(inputs), strict=True)):
        for step, (arrays, found) in enumerate(zip(case["arrays"], results, strict=True)):
            expected = arrays["result"]
            place = f"{number} {case['config']} step {step} {[(k, v.shape) for k, v in arrays.items()]}"
            assert found.shape == expected.shape and found.dtype == jnp.float32, place
            np.testing.assert_allclose(found, expected, rtol=2e-5, atol=2e-6, err_msg=place)


@pytest.mark.parametrize("name", sorted(RECORD["signatures"]))
def test_arguments_are_keras_s(name: str) -> None:
    cls = getattr(metrics, name)
    same_signature(cls, RECORD["signatures"][name], list(inspect.signature(cls).parameters.values()))


@pytest.mark.parametrize("name", sorted(RECORD["signatures"]))
def test_names_are_keras_s(name: str) -> None:
    default: Any = dict(RECORD["signatures"][name])["name"]
    if default is not None:
        assert get(name).name == default


@pytest.mark.parametrize(("y_true", "y_pred", "expected"), RECORD["accuracies"])
def test_accuracy_means_what_keras_takes(y_true: list[int], y_pred: list[int], expected: str) -> None:
    metric = metrics.resolve("accuracy", tuple(y_true), tuple(y_pred))
    assert type(metric).__name__ == expected and metric.name == "accuracy"


def test_every_metric_was_recorded() -> None:
    classes = {name for name in metrics.__all__ if inspect.isclass(getattr(metrics, name))}
    assert classes - {"Metric", "MeanMetricWrapper"} == set(CASES)
