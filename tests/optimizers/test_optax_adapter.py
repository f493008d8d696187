"""An Optax transformation is taken as it is."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from ranvier import optimizers
from ranvier.optimizers import OptaxOptimizer
from ranvier.state.variable import Variable

PARAMS = {"a": jnp.array([1.0, -2.0]), "b": jnp.array(3.0)}
GRADS = {"a": jnp.array([0.5, 0.1]), "b": jnp.array(-2.0)}


@pytest.mark.parametrize(
    "transformation",
    [
        optax.sgd(0.1),
        optax.adamw(0.1),
        optax.chain(optax.clip(0.3), optax.ema(0.9), optax.scale(-0.1)),
        optax.MultiSteps(optax.adam(0.1), 2).gradient_transformation(),
        optax.masked(optax.sgd(0.1), {"a": True, "b": False}),
    ],
    ids=["sgd", "adamw", "chain", "multi", "masked"],
)
def test_steps_equal_those_of_optax(transformation: Any) -> None:
    optimizer = optimizers.get(transformation)
    assert isinstance(optimizer, OptaxOptimizer)
    ours = (PARAMS, optimizer.init(PARAMS))
    theirs, inner = PARAMS, transformation.init(PARAMS)
    for _ in range(5):
        ours = jax.jit(optimizer.update)(GRADS, *ours)
        updates, inner = transformation.update(GRADS, inner, theirs)
        theirs = optax.apply_updates(theirs, updates)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5), ours[0], theirs)


def test_injected_learning_rates_can_be_read_and_set() -> None:
    optimizer = OptaxOptimizer(optax.chain(optax.clip(1.0), optax.inject_hyperparams(optax.sgd)(learning_rate=0.5)))
    w = Variable(10.0)
    optimizer.build([w], ["w"])
    assert float(optimizer.learning_rate) == 0.5
    optimizer.learning_rate = 0.25
    optimizer.apply([1.0])
    assert float(w) == 9.75


def test_a_hidden_learning_rate_is_said_to_be_hidden() -> None:
    optimizer = OptaxOptimizer(optax.sgd(0.5))
    assert not hasattr(optimizer, "learning_rate")
    with pytest.raises(NotImplementedError, match="inject_hyperparams"):
        _ = optimizer.learning_rate


def test_constraints_and_slots_work_as_for_any_optimizer() -> None:
    optimizer = OptaxOptimizer(optax.adam(10.0))
    state = optimizer.init(PARAMS)
    assert set(state["slots"]) == {"optax"} and "0/mu/a" in state["slots"]["optax"]
    moved, _ = optimizer.update(GRADS, PARAMS, state, {"a": lambda w: jnp.maximum(w, 0.0)})
    assert np.all(moved["a"] >= 0) and float(moved["b"]) == pytest.approx(13.0, rel=1e-4)
