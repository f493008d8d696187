"""SimpleRNN's native code against its reference."""

from __future__ import annotations

import functools

import hypothesis
import pytest

from ranvier.kernels.kernel import Kernel
from ranvier.kernels.recurrent import Way
from ranvier.kernels.simple_rnn import RELU, TANH
from tests.kernels import recurrent_cases
from tests.kernels.checks import check, check_not_a_number, check_transformations, needs_library
from tests.kernels.recurrent_cases import AWKWARD, EVERY, SIZES, WAYS, Sizes

pytestmark = needs_library
MASKED = Way(every=False, masked=True, backwards=True)
operands = functools.partial(recurrent_cases.operands, gates=1)


@pytest.mark.parametrize(("kernel", "way"), [(RELU, EVERY), (TANH, MASKED)])
def test_numbers(kernel: Kernel, way: Way) -> None:
    check(kernel, operands((5, 3, 4, 17), way), way, tolerance=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize(("sizes", "way"), AWKWARD)
def test_numbers_of_awkward_shapes(sizes: Sizes, way: Way) -> None:
    check(TANH, operands(sizes, way), way, tolerance=1e-4)


@pytest.mark.slow
@hypothesis.given(SIZES, WAYS)
@hypothesis.settings(max_examples=15, deadline=None)
def test_numbers_of_any_shape(sizes: Sizes, way: Way) -> None:
    check(TANH, operands(sizes, way), way, tolerance=2e-4)


@pytest.mark.slow
@pytest.mark.parametrize("kernel", [RELU, TANH])
def test_transformations(kernel: Kernel) -> None:
    check_transformations(kernel, operands((3, 4, 2, 5), EVERY), EVERY)


def test_not_a_number() -> None:
    check_not_a_number(RELU, operands((2, 2, 1, 18), EVERY), EVERY)
