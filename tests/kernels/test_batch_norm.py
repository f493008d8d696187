"""Batch normalization's native code against its reference."""

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from ranvier.kernels.batch_norm import KERNEL
from tests.kernels.checks import check, check_not_a_number, check_transformations, needs_library

pytestmark = needs_library
EPSILON = 1e-3


def operands(rows: int, channels: int, mean: float = 0.0) -> list[np.ndarray]:
    draw = np.random.default_rng(rows * 1000 + channels)
    shapes = [(rows, channels), (channels,), (channels,)]
    x, gamma, beta = (draw.normal(size=shape).astype(np.float32) for shape in shapes)
    return [x + np.float32(mean), gamma, beta]


@pytest.mark.parametrize(("rows", "channels"), [(1, 1), (17, 33), (700, 3)])
def test_numbers(rows: int, channels: int) -> None:
    check(KERNEL, operands(rows, channels), EPSILON, tolerance=1e-4)


@pytest.mark.slow
@hypothesis.given(st.integers(1, 400), st.integers(1, 70))
@hypothesis.settings(max_examples=25, deadline=None)
def test_numbers_of_any_shape(rows: int, channels: int) -> None:
    check(KERNEL, operands(rows, channels), EPSILON, tolerance=1e-4)


def test_a_mean_far_from_zero_does_not_eat_the_variance() -> None:
    x, gamma, beta = operands(5000, 5, mean=1000.0)
    variance = np.asarray(KERNEL(x, gamma, beta, static=EPSILON)[2])
    np.testing.assert_allclose(variance, x.astype(np.float64).var(axis=0), rtol=1e-4)


def test_transformations() -> None:
    check_transformations(KERNEL, operands(5, 7), EPSILON)


def test_not_a_number() -> None:
    check_not_a_number(KERNEL, operands(3, 18), EPSILON)
