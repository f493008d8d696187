"""Names, configurations and laws of the activations."""

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ranvier import activations, ops
from ranvier._config import custom_object_scope
from ranvier._errors import InvalidArgument, WrongType
from ranvier.state.symbolic import KerasTensor
from tests.activations.cases import CALLS

FUNCTIONS = sorted(set(activations.__all__) - {"get", "serialize", "deserialize"})
ROWS = arrays.arrays(np.float32, (3, 5), elements=st.floats(-50, 50, width=32))


def test_every_activation_has_a_recorded_case() -> None:
    assert set(FUNCTIONS) - {name for name, _ in CALLS} == {"swish", "hard_swish", "sparsemax"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_name_finds_the_function_and_comes_back(name: str) -> None:
    found = activations.get(name)
    assert found is getattr(activations, name)
    assert activations.get(activations.serialize(found)) is found


def test_aliases_serialize_under_the_first_name() -> None:
    assert activations.serialize(activations.swish) == "silu"
    assert activations.serialize(activations.hard_swish) == "hard_silu"


def test_none_is_linear() -> None:
    assert activations.get(None) is activations.linear


def test_keras_function_configuration() -> None:
    config = {"module": "builtins", "class_name": "function", "config": "relu", "registered_name": "function"}
    assert activations.get(config) is activations.relu
    assert activations.deserialize("gelu") is activations.gelu


def test_a_callable_stays_itself_and_custom_objects_are_found() -> None:
    def twice(x: object) -> object:
        return x

    assert activations.get(twice) is twice
    with custom_object_scope({"twice": twice}):
        assert activations.get("twice") is twice
    assert activations.deserialize("twice", custom_objects={"twice": twice}) is twice


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(InvalidArgument, match="softmax") as caught:
        activations.get("rellu")
    assert caught.value.code == "unknown-activation"


def test_a_number_is_no_activation() -> None:
    with pytest.raises(WrongType):
        activations.get(3)


@pytest.mark.parametrize("name", [n for n in FUNCTIONS if n != "threshold"])
def test_symbolic_shape(name: str) -> None:
    y = getattr(activations, name)(KerasTensor((None, 6)))
    assert y.shape == ((None, 3) if name == "glu" else (None, 6)) and y.dtype == "float32"


@settings(max_examples=40, deadline=None)
@given(ROWS)
def test_softmax_is_a_distribution_and_ignores_shifts(x: np.ndarray) -> None:
    p = np.asarray(activations.softmax(x))
    np.testing.assert_allclose(p.sum(-1), 1, rtol=1e-5)
    np.testing.assert_allclose(p, activations.softmax(x + 3), atol=1e-5)
    np.testing.assert_allclose(p, np.exp(activations.log_softmax(x)), atol=1e-5)


@settings(max_examples=40, deadline=None)
@given(ROWS)
def test_sparsemax_is_the_nearest_distribution(x: np.ndarray) -> None:
    p = np.asarray(activations.sparsemax(x), np.float64)
    np.testing.assert_allclose(p.sum(-1), 1, atol=2e-5)
    assert (p >= 0).all()
    # Projection onto the simplex: x - p is one number on the support, and no larger anywhere else.
    for row, q in zip(x.astype(np.float64), p, strict=True):
        tau = (row - q)[q > 1e-4]
        np.testing.assert_allclose(tau, tau[0], atol=1e-3)
        assert (row[q <= 1e-4] <= tau[0] + 1e-3).all()


def test_sparsemax_along_another_axis() -> None:
    x = jnp.array([[0.7, 3.0], [-0.2, 0.0]])
    np.testing.assert_allclose(activations.sparsemax(x, axis=0), [[0.95, 1.0], [0.05, 0.0]], atol=1e-6)


def test_relu_of_minus_infinity_with_a_threshold_is_zero() -> None:
    assert activations.relu(jnp.array([-jnp.inf, 2.0]), threshold=1.0).tolist() == [0.0, 2.0]


def test_the_default_gelu_is_exact_but_the_op_is_not() -> None:
    assert float(activations.gelu(1.0)) != float(ops.gelu(1.0))
    assert float(activations.gelu(1.0)) == float(ops.gelu(1.0, approximate=False))
