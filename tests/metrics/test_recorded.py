"""Metrics against Keras 3: the value after each of several uneven batches, with weights and masks."""

import inspect
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from ranvier import metrics
from ranvier.metrics.choose import get
from ranvier.state import masking, scope
from ranvier.state.scope import Scope
from tests.losses.recorded import by_class, read, same_signature

RECORD = read("metrics")
CASES = by_class(RECORD)


@pytest.mark.parametrize("name", sorted(CASES))
def test_stream_gives_their_values(name: str) -> None:
    for number, case in enumerate(CASES[name]):
        metric = getattr(metrics, name)(**case["config"])
        for step, arrays in enumerate(case["arrays"]):
            inputs = [jnp.asarray(arrays[key]) for key in ("y_true", "y_pred") if key in arrays]
            with scope.entered(Scope()):
                masking.attach(inputs[-1], arrays.get("mask"))
                metric.update_state(*inputs, sample_weight=arrays.get("weight"))
            found, expected = metric.result(), arrays["result"]
            assert found.shape == expected.shape and found.dtype == jnp.float32
            place = f"{number} {case['config']} step {step} {[(k, v.shape) for k, v in arrays.items()]}"
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
