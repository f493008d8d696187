"""What is computed twice from the same inputs is computed once, and nothing else changes."""

import re
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import Array

from ranvier.engine.merging import merged
from ranvier.kernels import choose

X = jnp.asarray([[0.5, -1.0, 2.0]])


def count(function: Any, operation: str, *arguments: Any) -> int:
    """How often the traced function has that operation."""
    return len(re.findall(rf"= {operation}\b", str(jax.make_jaxpr(function)(*arguments))))


def test_a_forward_pass_beside_its_gradient_is_made_once() -> None:
    def loss(w: Array) -> Array:
        return jnp.sum(jax.nn.leaky_relu(jnp.tanh(X @ w)))

    def step(w: Array) -> tuple[Array, Array]:
        return loss(w), jax.grad(loss)(w)

    w = jnp.ones((3, 2))
    assert count(step, "tanh", w) == 2
    assert count(merged(step), "tanh", w) == 1
    assert count(merged(step), "dot_general", w) == 2  # the product, and the gradient's
    for found, expected in zip(merged(step)(w), step(w), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_draws_of_one_key_are_made_once_and_of_two_keys_twice() -> None:
    def draws(first: Array, second: Array) -> list[Array]:
        return [jax.random.normal(key, (300,)) for key in (first, first, second)]

    keys = jax.random.key(1), jax.random.key(2)
    assert count(merged(draws), "erf_inv", *keys) == 2
    for found, expected in zip(merged(draws)(*keys), draws(*keys), strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("other", [-0.0, 1, np.float32(0)])
def test_constants_that_only_look_equal_stay_apart(other: Any) -> None:
    def step(x: Array) -> list[Array]:
        return [jnp.copysign(x, 0.0), jnp.copysign(x, other)]

    for found, expected in zip(merged(step)(X), step(X), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_what_has_effects_happens_as_often_as_it_is_written() -> None:
    seen: list[float] = []

    def step(x: Array) -> Array:
        for _ in range(2):
            jax.debug.callback(lambda value: seen.append(float(value)), x[0, 0])
        return x

    jax.block_until_ready(jax.jit(merged(step))(X))
    jax.effects_barrier()
    assert seen == [0.5, 0.5]


def test_loops_structures_and_names_stay() -> None:
    def step(tree: dict[str, Any]) -> dict[str, Any]:
        with jax.named_scope("layer_7"):
            total = jax.lax.fori_loop(0, 3, lambda i, v: v + tree["x"] * i, jnp.zeros_like(tree["x"]))
        return {"a": (total, tree["n"]), "none": None}

    tree = {"x": X, "n": jnp.asarray(4)}
    found = merged(step)(tree)
    assert found["none"] is None and int(found["a"][1]) == 4
    np.testing.assert_array_equal(found["a"][0], 3 * X)
    assert "layer_7" in jax.jit(merged(step)).lower(tree).as_text(debug_info=True)


def test_operation_by_operation_nothing_is_traced() -> None:
    def step(x: Array) -> float:
        return float(jnp.sum(x))  # fails where x is traced

    with jax.disable_jit():
        assert merged(step)(X) == 1.5


def test_choices_of_kernels_are_those_of_the_function() -> None:
    with choose.reference_only():
        assert merged(lambda x: x + x)(X).shape == X.shape
