"""Softmax cross-entropy's native code against its reference."""

import hypothesis
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import strategies as st

from ranvier.kernels import cross_entropy as module
from ranvier.kernels.cross_entropy import KERNEL, cross_entropy
from tests.kernels.checks import check, check_not_a_number, check_transformations, needs_library

pytestmark = needs_library


@pytest.fixture(autouse=True)
def any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few classes are not worth native code, but must be right there."""
    monkeypatch.setattr(module, "_LEAST_CLASSES", 1)


def operands(rows: int, classes: int) -> list[np.ndarray]:
    draw = np.random.default_rng(rows * 1000 + classes)
    # One label below and one above the classes, where there is room.
    labels = draw.integers(-1, classes + 1, rows) if rows > 1 else np.zeros(rows)
    return [(4 * draw.normal(size=(rows, classes))).astype(np.float32), labels.astype(np.int32)]


@pytest.mark.parametrize(("rows", "classes"), [(1, 1), (3, 10), (40, 16), (9, 33), (700, 64)])
def test_numbers(rows: int, classes: int) -> None:
    check(KERNEL, operands(rows, classes), None)


@pytest.mark.slow
@hypothesis.given(st.integers(1, 300), st.integers(1, 300))
@hypothesis.settings(
    max_examples=25, deadline=None, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture]
)
def test_numbers_of_any_shape(rows: int, classes: int) -> None:
    check(KERNEL, operands(rows, classes), None)


def test_transformations() -> None:
    check_transformations(KERNEL, operands(5, 7), None)


def test_not_a_number() -> None:
    check_not_a_number(KERNEL, operands(3, 18), None)


def test_large_logits() -> None:
    logits = jnp.asarray([[1e30, -1e30], [88.0, 100.0]], jnp.float32)
    losses = jax.jit(cross_entropy)(logits, jnp.asarray([0, 0], jnp.int32))
    np.testing.assert_allclose(losses, [0.0, 12.000006], rtol=1e-6)


def test_axes_before_the_classes_are_kept() -> None:
    logits, labels = operands(6, 5)
    together = cross_entropy(logits.reshape(2, 3, 5), labels.reshape(2, 3))
    np.testing.assert_allclose(jnp.ravel(together), cross_entropy(logits, labels), rtol=1e-6)
