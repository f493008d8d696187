"""Layer normalization's native code against its reference."""

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from ranvier.kernels.layer_norm import KERNEL, layer_norm
from tests.kernels.checks import check, check_not_a_number, check_transformations, needs_library

pytestmark = needs_library
EPSILON = 1e-3


def operands(rows: int, features: int) -> list[np.ndarray]:
    draw = np.random.default_rng(rows * 1000 + features)
    shapes = [(rows, features), (features,), (features,)]
    return [draw.normal(size=shape).astype(np.float32) for shape in shapes]


@pytest.mark.parametrize(("rows", "features"), [(1, 1), (3, 17), (40, 33)])
def test_numbers(rows: int, features: int) -> None:
    check(KERNEL, operands(rows, features), EPSILON, tolerance=1e-4)


@pytest.mark.slow
@hypothesis.given(st.integers(1, 70), st.integers(1, 140))
@hypothesis.settings(max_examples=25, deadline=None)
def test_numbers_of_any_shape(rows: int, features: int) -> None:
    check(KERNEL, operands(rows, features), EPSILON, tolerance=1e-4)


def test_transformations() -> None:
    check_transformations(KERNEL, operands(5, 7), EPSILON)


def test_not_a_number() -> None:
    check_not_a_number(KERNEL, operands(3, 18), EPSILON)


def test_no_rows_go_by_the_reference() -> None:
    assert layer_norm(*operands(0, 4), EPSILON).shape == (0, 4)
