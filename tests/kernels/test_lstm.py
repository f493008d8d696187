"""LSTM's native code against its reference."""

from __future__ import annotations

import functools

import hypothesis
import numpy as np
import pytest

from ranvier.kernels.lstm import KERNEL
from ranvier.kernels.recurrent import Way
from tests.kernels import recurrent_cases
from tests.kernels.checks import check, check_not_a_number, check_transformations, needs_library
from tests.kernels.recurrent_cases import AWKWARD, EVERY, MASKED, SIZES, WAYS, Sizes

pytestmark = needs_library
operands = functools.partial(recurrent_cases.operands, gates=4, states=2)


def test_numbers() -> None:
    check(KERNEL, operands((14, 3, 5, 17), MASKED), MASKED, tolerance=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize(("sizes", "way"), AWKWARD)
def test_numbers_of_awkward_shapes(sizes: Sizes, way: Way) -> None:
    check(KERNEL, operands(sizes, way), way, tolerance=1e-4)


@pytest.mark.slow
@hypothesis.given(SIZES, WAYS)
@hypothesis.settings(max_examples=25, deadline=None)
def test_numbers_of_any_shape(sizes: Sizes, way: Way) -> None:
    check(KERNEL, operands(sizes, way), way, tolerance=2e-4)


@pytest.mark.slow
@pytest.mark.parametrize("way", [EVERY, Way(every=False, masked=True)])
def test_transformations(way: Way) -> None:
    check_transformations(KERNEL, operands((3, 4, 2, 5), way), way)


def test_not_a_number() -> None:
    check_not_a_number(KERNEL, operands((2, 2, 1, 18), EVERY), EVERY)


def test_no_rows_go_by_the_reference() -> None:
    assert KERNEL(*operands((0, 3, 2, 4), EVERY), static=EVERY)[0].shape == (0, 3, 4)


def test_single_steps_and_other_types_go_by_the_reference() -> None:
    assert KERNEL.why_reference(*operands((3, 1, 2, 4), EVERY), static=EVERY)
    wide = [operand.astype(np.float16) for operand in operands((3, 4, 2, 4), EVERY)]
    assert KERNEL.why_reference(*wide, static=EVERY)
