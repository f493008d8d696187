"""Losses against Keras 3 and PyTorch: values under every reduction, gradients, awkward shapes, weights, masks."""

import inspect
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ranvier import losses
from ranvier.state import masking, scope
from ranvier.state.scope import Scope
from tests.losses.recorded import by_class, read, same_signature

RECORD = read("losses")
CASES = by_class(RECORD)
REDUCTIONS = ("sum_over_batch_size", "mean", "sum", "mean_with_sample_weight", "none")


def evaluate(loss: Any, arrays: dict[str, Any], y_pred: Any) -> Any:
    """The loss within a pass where the outputs carry the recorded mask."""
    with scope.entered(Scope()):
        masking.attach(y_pred, arrays.get("mask"))
        return loss(arrays["y_true"], y_pred, arrays.get("weight"))


@pytest.mark.parametrize("name", sorted(CASES))
def test_values_and_gradients_are_theirs(name: str) -> None:
    for number, case in enumerate(CASES[name]):
        arrays, make = case["arrays"][0], getattr(losses, name)
        y_pred = jnp.asarray(arrays["y_pred"])
        found = {
            reduction: evaluate(make(**case["config"], reduction=reduction), arrays, y_pred)
            for reduction in REDUCTIONS
            if reduction in arrays
        }
        loss = make(**case["config"])
        found["gradient"] = jax.grad(lambda p, loss=loss, a=arrays: evaluate(loss, a, p))(y_pred)
        for key, value in found.items():
            place = f"{number} {case['source']} {case['config']} {key}"
            assert value.shape == arrays[key].shape, place
            np.testing.assert_allclose(value, arrays[key], rtol=2e-5, atol=2e-6, err_msg=place)


@pytest.mark.parametrize("name", sorted(RECORD["signatures"]))
def test_arguments_are_keras_s(name: str) -> None:
    cls = getattr(losses, name)
    same_signature(cls, RECORD["signatures"][name], list(inspect.signature(cls).parameters.values()))
    assert cls().name == RECORD["names"][name]


def test_every_loss_was_recorded() -> None:
    classes = {name for name in losses.__all__ if inspect.isclass(getattr(losses, name))} - {"Loss"}
    assert classes == set(CASES)
    assert {case["source"] for cases in CASES.values() for case in cases} == {"keras", "torch"}
