"""Losses against Keras 3 and PyTorch: values under every reduction, gradients, awkward shapes, weights, masks."""

import inspect
from typing import Any

import jax
import numpy as np
import pytest

from ranvier import losses
from ranvier.state import masking, scope
from ranvier.state.scope import Scope
from tests.losses.recorded import by_class, read, same_signature

RECORD = read("losses")
CASES = by_class(RECORD)
REDUCTIONS = ("sum_over_batch_size", "mean", "sum", "mean_with_sample_weight", "none")
INPUTS = ("y_true", "y_pred", "weight", "mask")
# Each program runs once: compiling it well would cost more than running it badly.
QUICKLY = {"xla_backend_optimization_level": 0}


def evaluate(loss: Any, arrays: dict[str, Any], y_pred: Any) -> Any:
    """The loss within a pass where the outputs carry the recorded mask."""
    with scope.entered(Scope()):
        masking.attach(y_pred, arrays.get("mask"))
        return loss(arrays["y_true"], y_pred, arrays.get("weight"))


def compute(case: dict[str, Any], arrays: dict[str, Any]) -> dict[str, Any]:
    """Everything that was recorded of a case, from its inputs."""
    make, config = getattr(losses, case["class"]), case["config"]
    found = {
        reduction: evaluate(make(**config, reduction=reduction), arrays, arrays["y_pred"])
        for reduction in REDUCTIONS
        if reduction in case["arrays"][0]
    }
    return found | {"gradient": jax.grad(lambda p: evaluate(make(**config), arrays, p))(arrays["y_pred"])}


@pytest.mark.parametrize("name", sorted(CASES))
def test_values_and_gradients_are_theirs(name: str) -> None:
    # One program for all cases of a loss: most of the time would go into compiling many small ones.
    inputs = [{key: case["arrays"][0].get(key) for key in INPUTS} for case in CASES[name]]
    program = jax.jit(
        lambda batches: [compute(case, arrays) for case, arrays in zip(CASES[name], batches, strict=True)],
        compiler_options=QUICKLY,
    )
    for number, (case, found) in enumerate(zip(CASES[name], program(inputs), strict=True)):
        for key, value in found.items():
            expected = case["arrays"][0][key]
            place = f"{number} {case['source']} {case['config']} {key}"
            assert value.shape == expected.shape, place
            np.testing.assert_allclose(value, expected, rtol=2e-5, atol=2e-6, err_msg=place)


@pytest.mark.parametrize("name", sorted(RECORD["signatures"]))
def test_arguments_are_keras_s(name: str) -> None:
    cls = getattr(losses, name)
    same_signature(cls, RECORD["signatures"][name], list(inspect.signature(cls).parameters.values()))
    assert cls().name == RECORD["names"][name]


def test_every_loss_was_recorded() -> None:
    classes = {name for name in losses.__all__ if inspect.isclass(getattr(losses, name))} - {"Loss"}
    assert classes == set(CASES)
    assert {case["source"] for cases in CASES.values() for case in cases} == {"keras", "torch"}
