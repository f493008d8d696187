"""LSTM's native code against its reference."""

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from ranvier.kernels.lstm import KERNEL
from ranvier.kernels.recurrent import Way
from tests.kernels.checks import check, check_not_a_number, check_transformations, needs_library

pytestmark = needs_library
EVERY, LAST = Way(every=True), Way(every=False)
MASKED = Way(every=True, masked=True, backwards=True, zero_masked=True)
AWKWARD = [
    (1, 2, 1, 1, LAST),
    (3, 4, 5, 17, EVERY),
    (13, 2, 1, 7, Way(every=False, backwards=True)),
    (5, 6, 9, 33, Way(every=True, masked=True)),
    (7, 4, 3, 12, Way(every=False, masked=True, backwards=True)),
    (70, 3, 31, 64, EVERY),
]


def operands(batch: int, steps: int, features: int, units: int, way: Way) -> list[np.ndarray]:
    draw = np.random.default_rng(batch * 1000 + units)
    shapes = [(batch, steps, features), (features, 4 * units), (units, 4 * units), (4 * units,)]
    arrays = [draw.normal(size=shape).astype(np.float32) for shape in [*shapes, (batch, units), (batch, units)]]
    arrays[2] /= np.sqrt(np.float32(units))
    return [*arrays, draw.random((batch, steps)) < 0.6] if way.masked else arrays


def test_numbers() -> None:
    check(KERNEL, operands(14, 3, 5, 17, MASKED), MASKED, tolerance=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize(("batch", "steps", "features", "units", "way"), AWKWARD)
def test_numbers_of_awkward_shapes(batch: int, steps: int, features: int, units: int, way: Way) -> None:
    check(KERNEL, operands(batch, steps, features, units, way), way, tolerance=1e-4)


@pytest.mark.slow
@hypothesis.given(
    st.integers(1, 70), st.integers(2, 9), st.integers(1, 40), st.integers(1, 70), st.tuples(*[st.booleans()] * 4)
)
@hypothesis.settings(max_examples=25, deadline=None)
def test_numbers_of_any_shape(batch: int, steps: int, features: int, units: int, flags: tuple[bool, ...]) -> None:
    check(KERNEL, operands(batch, steps, features, units, Way(*flags)), Way(*flags), tolerance=2e-4)


@pytest.mark.slow
@pytest.mark.parametrize("way", [EVERY, Way(every=False, masked=True)])
def test_transformations(way: Way) -> None:
    check_transformations(KERNEL, operands(3, 4, 2, 5, way), way)


def test_not_a_number() -> None:
    check_not_a_number(KERNEL, operands(2, 2, 1, 18, EVERY), EVERY)


def test_no_rows_go_by_the_reference() -> None:
    assert KERNEL(*operands(0, 3, 2, 4, EVERY), static=EVERY)[0].shape == (0, 3, 4)


def test_single_steps_and_other_types_go_by_the_reference() -> None:
    assert KERNEL.why_reference(*operands(3, 1, 2, 4, EVERY), static=EVERY)
    wide = [operand.astype(np.float16) for operand in operands(3, 4, 2, 4, EVERY)]
    assert KERNEL.why_reference(*wide, static=EVERY)
