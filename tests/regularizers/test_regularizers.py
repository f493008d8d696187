"""Penalties: Keras's values and gradients, names, configurations, refusals."""

import pathlib
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ranvier import regularizers
from ranvier._errors import InvalidArgument, NotReady
from ranvier.state.variable import Variable
from tests.regularizers.cases import REGULARIZERS

RECORDED = np.load(pathlib.Path(__file__).parents[1] / "oracle" / "initializers.npz")


@pytest.mark.parametrize("index", range(len(REGULARIZERS)), ids=[f"{i}-{c[0]}" for i, c in enumerate(REGULARIZERS)])
def test_as_keras(index: int) -> None:
    name, keywords, weights = REGULARIZERS[index]
    value, gradient = jax.jit(jax.value_and_grad(getattr(regularizers, name)(**keywords)))(jnp.asarray(weights))
    np.testing.assert_allclose(value, RECORDED[f"regularizers/{index}/value"], rtol=1e-5)
    np.testing.assert_allclose(gradient, RECORDED[f"regularizers/{index}/gradient"], rtol=2e-5, atol=1e-6)


def test_by_hand() -> None:
    x = jnp.array([1.0, -2.0])
    assert float(regularizers.l1(0.5)(x)) == 1.5 and float(regularizers.l2(0.5)(x)) == 2.5
    assert float(regularizers.l1_l2(l1=0.5, l2=0.5)(Variable(x))) == 4.0


@pytest.mark.parametrize("name", ["L1", "L2", "L1L2", "OrthogonalRegularizer"])
def test_configuration_comes_back(name: str) -> None:
    one = getattr(regularizers, name)()
    again = regularizers.deserialize(regularizers.serialize(one))
    assert type(again) is type(one) and again.get_config() == one.get_config()


def test_names_of_keras() -> None:
    assert regularizers.get("l2").l2 == 0.01 and regularizers.get("l1").l1 == 0.01
    assert {type(regularizers.get(name)) for name in ("l1_l2", "l1l2", "L1L2")} == {regularizers.L1L2}
    assert regularizers.get(None) is None
    assert isinstance(regularizers.get("orthogonal_regularizer"), regularizers.OrthogonalRegularizer)
    assert regularizers.L2 is regularizers.l2


def test_a_users_function_is_a_regularizer() -> None:
    def squared(x: Any) -> Any:
        return (x**2).sum()

    assert regularizers.get(squared) is squared


def test_the_penalty_has_the_type_of_the_weight() -> None:
    assert regularizers.L1L2(0.1, 0.1)(jnp.ones(3, "bfloat16")).dtype == jnp.bfloat16


def test_orthogonal_vectors_cost_nothing_and_zero_rows_have_a_finite_gradient() -> None:
    one = regularizers.OrthogonalRegularizer(factor=1.0)
    assert float(one(jnp.eye(3))) == 0.0
    assert np.isfinite(jax.jit(jax.grad(one))(jnp.zeros((2, 2)))).all()


@pytest.mark.parametrize("factor", [-1.0, float("nan"), float("inf"), "0.1", True, [0.1]])
def test_a_factor_is_a_number_from_zero_up(factor: Any) -> None:
    with pytest.raises(InvalidArgument, match="not negative"):
        regularizers.L2(factor)


def test_refusals() -> None:
    with pytest.raises(InvalidArgument, match="rows, columns"):
        regularizers.OrthogonalRegularizer(mode="diagonals")
    with pytest.raises(InvalidArgument, match="matrix"):
        regularizers.OrthogonalRegularizer()(jnp.ones(3))
    with pytest.raises(NotReady):
        regularizers.Regularizer()(jnp.ones(3))
