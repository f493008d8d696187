"""Projections: Keras's values, laws, names, configurations."""

import pathlib
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ranvier import constraints
from ranvier._errors import NotReady
from ranvier.state.variable import Variable
from tests.constraints.cases import CONSTRAINTS

RECORDED = np.load(pathlib.Path(__file__).parents[1] / "oracle" / "initializers.npz")
MATRICES = arrays.arrays(np.float32, (3, 2), elements=st.floats(-100, 100, width=32, allow_subnormal=False))


@pytest.mark.parametrize("index", range(len(CONSTRAINTS)), ids=[f"{i}-{c[0]}" for i, c in enumerate(CONSTRAINTS)])
def test_as_keras(index: int) -> None:
    name, keywords, weights = CONSTRAINTS[index]
    projected = getattr(constraints, name)(**keywords)(weights)
    np.testing.assert_allclose(projected, RECORDED[f"constraints/{index}"], rtol=1e-6)


@pytest.mark.parametrize("name", ["MaxNorm", "NonNeg", "UnitNorm", "MinMaxNorm"])
def test_configuration_comes_back(name: str) -> None:
    one = getattr(constraints, name)()
    again = constraints.deserialize(constraints.serialize(one))
    assert type(again) is type(one) and again.get_config() == one.get_config()


@pytest.mark.parametrize(
    ("text", "cls"),
    [("max_norm", "MaxNorm"), ("non_neg", "NonNeg"), ("unit_norm", "UnitNorm"), ("MinMaxNorm", "MinMaxNorm")],
)
def test_names_of_keras(text: str, cls: str) -> None:
    assert type(constraints.get(text)) is getattr(constraints, cls)
    assert constraints.get(None) is None


def norms(w: Any) -> np.ndarray:
    return np.linalg.norm(np.asarray(w, np.float64), axis=0)


@settings(max_examples=50, deadline=None)
@given(MATRICES)
def test_max_norm_is_never_exceeded_and_twice_is_once(w: np.ndarray) -> None:
    once = constraints.MaxNorm(2.0)(w)
    assert (norms(once) <= 2 + 1e-5).all()
    np.testing.assert_allclose(constraints.MaxNorm(2.0)(once), once, rtol=1e-5, atol=2e-7)


@settings(max_examples=50, deadline=None)
@given(MATRICES)
def test_unit_norm_is_one_and_keeps_the_direction(w: np.ndarray) -> None:
    once = constraints.UnitNorm()(w)
    long = norms(w) > 1e-2
    np.testing.assert_allclose(norms(once)[long], 1, atol=2e-5)
    np.testing.assert_allclose((once * norms(w))[:, long], w[:, long], rtol=1e-3, atol=1e-30)


@settings(max_examples=50, deadline=None)
@given(MATRICES)
def test_non_neg_keeps_what_is_positive(w: np.ndarray) -> None:
    assert np.array_equal(constraints.NonNeg()(w), np.maximum(w, 0))


@settings(max_examples=50, deadline=None)
@given(MATRICES)
def test_min_max_norm_lies_between_its_bounds(w: np.ndarray) -> None:
    once = norms(constraints.MinMaxNorm(0.5, 2.0)(w))
    long = norms(w) > 1e-2
    assert (once[long] >= 0.5 - 1e-4).all() and (once <= 2 + 1e-4).all()


def test_a_variable_and_a_half_precision_weight() -> None:
    assert constraints.NonNeg()(Variable(np.array([-1.0, 2.0], "float32"))).tolist() == [0.0, 2.0]
    assert constraints.MaxNorm()(jnp.ones((2, 2), "bfloat16")).dtype == jnp.bfloat16


def test_the_base_class_wants_a_call() -> None:
    with pytest.raises(NotReady):
        constraints.Constraint()(jnp.ones(2))
