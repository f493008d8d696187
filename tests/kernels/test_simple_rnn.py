"""SimpleRNN's native code against its reference."""

import numpy as np
import pytest

from ranvier.kernels.kernel import Kernel
from ranvier.kernels.recurrent import Way
from ranvier.kernels.simple_rnn import RELU, TANH
from tests.kernels.checks import check, check_not_a_number, check_transformations, needs_library

pytestmark = needs_library
EVERY = Way(every=True)
MASKED = Way(every=False, masked=True, backwards=True)


def operands(batch: int, steps: int, features: int, units: int, way: Way) -> list[np.ndarray]:
    draw = np.random.default_rng(batch * 1000 + units)
    shapes = [(batch, steps, features), (features, units), (units, units), (units,), (batch, units)]
    arrays = [draw.normal(size=shape).astype(np.float32) for shape in shapes]
    arrays[2] /= np.sqrt(np.float32(units))
    return [*arrays, draw.random((batch, steps)) < 0.6] if way.masked else arrays


@pytest.mark.parametrize(("kernel", "way"), [(RELU, EVERY), (TANH, MASKED)])
def test_numbers(kernel: Kernel, way: Way) -> None:
    check(kernel, operands(5, 3, 4, 17, way), way, tolerance=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("kernel", [RELU, TANH])
def test_transformations(kernel: Kernel) -> None:
    check_transformations(kernel, operands(3, 4, 2, 5, EVERY), EVERY)


def test_not_a_number() -> None:
    check_not_a_number(RELU, operands(2, 2, 1, 18, EVERY), EVERY)
