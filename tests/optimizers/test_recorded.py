"""Ten steps of every optimizer and option equal those of Keras 3 and PyTorch."""

import warnings
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ranvier import optimizers
from ranvier.state.variable import Variable
from tests.optimizers.recorded import ARRAYS, NAMES, RECORD, flat, grads, params, split

KERAS: dict[str, dict[str, Any]] = RECORD["keras"]
TOLERANCE = {"rtol": 3e-6, "atol": 1e-7}


def make(case: dict[str, Any]) -> Any:
    return getattr(optimizers, case["class"]).from_config(case["kwargs"])


def constraints(case: dict[str, Any]) -> dict[str, Any]:
    return {name: lambda w: jnp.maximum(w, 0.0) for name in case.get("nonneg", ())}


def given(case: dict[str, Any], step: int) -> dict[str, Any]:
    overflowed = {name for name, steps in case.get("overflow", {}).items() if step in steps}
    found = {name: jnp.full_like(g, jnp.inf) if name in overflowed else g for name, g in grads("grads", step).items()}
    return {name: None if name in case.get("missing", ()) else g for name, g in found.items()}


@pytest.mark.parametrize("name", KERAS)
def test_ten_compiled_steps_equal_keras(name: str) -> None:
    case = KERAS[name]
    optimizer, w = make(case), params()
    if "exclude" in case:
        optimizer.exclude_from_weight_decay(var_names=case["exclude"])
    state = optimizer.init(w)
    update = jax.jit(lambda g, w, state: optimizer.update(g, w, state, constraints(case)))
    for step, expected in enumerate(ARRAYS[f"keras.{name}.trace"]):
        w, state = update(given(case, step), w, state)
        np.testing.assert_allclose(flat(w[key] for key in NAMES), expected, **TOLERANCE, err_msg=f"step {step}")
    assert update._cache_size() == 1


@pytest.mark.parametrize("name", KERAS)
def test_keras_variables_are_taken_over_and_handed_back(name: str) -> None:
    """The state that Keras saved half-way continues here, and ends as Keras's own, in Keras's order."""
    case, half = KERAS[name], RECORD["half"]
    start = split(ARRAYS[f"keras.{name}.trace"][half - 1], [ARRAYS[f"params.{key}"].shape for key in NAMES])
    model = [Variable(value, name=key) for key, value in zip(NAMES, start, strict=True)]
    for v in model:
        v.constraint = constraints(case).get(v.name)
    optimizer = make(case)
    if "exclude" in case:
        optimizer.exclude_from_weight_decay(var_names=case["exclude"])
    optimizer.build(model)
    shapes = [v.shape for v in optimizer.variables]
    stored = split(ARRAYS[f"keras.{name}.half"], shapes)
    optimizer.load_own_variables({str(i): value for i, value in enumerate(stored)})
    for step in range(half, 2 * half):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore" if "missing" in case else "error")
            optimizer.apply(list(given(case, step).values()), model)
    np.testing.assert_allclose(flat(model), ARRAYS[f"keras.{name}.trace"][-1], **TOLERANCE)
    written: dict[str, np.ndarray] = {}
    optimizer.save_own_variables(written)
    np.testing.assert_allclose(flat(written.values()), ARRAYS[f"keras.{name}.end"], **TOLERANCE)
    ours = [v.name for v in optimizer.variables]
    # Keras has no name of its own for Nadam's product: `variable`, numbered over the process.
    assert ours == [n if not n.startswith("variable") else "u_product" for n in case["variables"]]


@pytest.mark.parametrize("name", [name for name, case in KERAS.items() if "serialized" in case])
def test_the_serialized_form_is_that_of_keras(name: str) -> None:
    case = KERAS[name]
    optimizer = make(case)
    ours, theirs = optimizers.serialize(optimizer), case["serialized"]
    theirs["config"]["name"] = ours["config"]["name"]  # Keras numbers them over the process
    assert ours == theirs
    assert optimizers.deserialize(theirs).get_config() == optimizer.get_config()


@pytest.mark.parametrize("name", RECORD["torch"])
def test_ten_steps_equal_pytorch(name: str) -> None:
    case = RECORD["torch"][name]
    optimizer = getattr(optimizers, case["class"])(0.02, **case["kwargs"])
    w = params()
    state = optimizer.init(w)
    for step, expected in enumerate(ARRAYS[f"torch.{name}"]):
        w, state = optimizer.update(grads("gentle", step), w, state)
        np.testing.assert_allclose(
            flat(w[key] for key in NAMES), expected, rtol=2e-5, atol=2e-6, err_msg=f"step {step}"
        )
