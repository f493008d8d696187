"""The dense layer's native code against its reference."""

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from ranvier.kernels import dense as module
from ranvier.kernels.dense import ACTIVATIONS, KERNEL, Dense, dense
from tests.kernels.checks import check, check_not_a_number, check_transformations, needs_library

pytestmark = needs_library


@pytest.fixture(autouse=True)
def any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small shapes are not worth native code, but must be right there."""
    monkeypatch.setattr(module, "_LEAST_WORK", 0)
    monkeypatch.setattr(module, "_LEAST_UNITS", 1)


def operands(rows: int, features: int, units: int, biased: bool = True) -> list[np.ndarray]:
    draw = np.random.default_rng(rows * 1000 + features * 10 + units)
    shapes = [(rows, features), (features, units), (units,)][: 2 + biased]
    scales = [1.0, features**-0.5, 1.0]
    return [(draw.normal(size=s) * scale).astype(np.float32) for s, scale in zip(shapes, scales, strict=False)]


@pytest.mark.parametrize(
    ("shape", "activation", "biased"),
    [
        ((1, 1, 1), "linear", False),
        ((7, 33, 65), "relu", True),
        ((131, 5, 17), "gelu", True),
        ((1100, 3, 7), "silu", True),
        ((97, 16, 32), "gelu_tanh", False),
    ],
)
def test_numbers(shape: tuple[int, int, int], activation: str, biased: bool) -> None:
    check(KERNEL, operands(*shape, biased), Dense(activation, biased), tolerance=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("activation", list(ACTIVATIONS))
@hypothesis.given(st.integers(1, 2500), st.integers(1, 70), st.integers(1, 140), st.booleans())
@hypothesis.settings(
    max_examples=8, deadline=None, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture]
)
def test_numbers_of_any_shape(activation: str, rows: int, features: int, units: int, biased: bool) -> None:
    check(KERNEL, operands(rows, features, units, biased), Dense(activation, biased), tolerance=2e-4)


def test_transformations() -> None:
    check_transformations(KERNEL, operands(5, 7, 9), Dense("gelu", True))


@pytest.mark.parametrize("activation", ["relu", "gelu", "silu"])
def test_not_a_number(activation: str) -> None:
    check_not_a_number(KERNEL, operands(3, 5, 18), Dense(activation, True))


def test_axes_before_the_features_are_kept() -> None:
    x, kernel, bias = operands(6, 4, 5)
    np.testing.assert_allclose(dense(x.reshape(2, 3, 4), kernel, bias), (x @ kernel + bias).reshape(2, 3, 5), atol=1e-5)


def test_no_rows_go_by_the_reference() -> None:
    assert dense(*operands(0, 4, 3)).shape == (0, 3)
