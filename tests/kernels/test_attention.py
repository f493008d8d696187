"""Attention's native code against its reference."""

from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from ranvier.kernels import attention as module
from ranvier.kernels.attention import KERNEL, Attention, attention
from tests.kernels.checks import check, check_not_a_number, check_transformations, needs_library

pytestmark = needs_library


@pytest.fixture(autouse=True)
def any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few places are not worth native code, but must be right there."""
    monkeypatch.setattr(module, "_LEAST_PLACES", 1)


# batch, queries, keys, heads, groups, size, depth
SHAPES = [(1, 8, 8, 1, 1, 1, 1), (2, 33, 17, 2, 1, 5, 19), (1, 70, 150, 2, 2, 16, 16), (1, 141, 9, 3, 1, 7, 33)]
MASKS = ["none", "keys", "queries and keys", "all"]


def operands(shape: tuple[int, ...], mask: str = "none") -> list[np.ndarray]:
    batch, queries, keys, heads, groups, size, depth = shape
    draw = np.random.default_rng(sum(shape) + len(mask))
    sizes = [(batch, queries, heads, size), (batch, keys, groups, size), (batch, keys, groups, depth)]
    arrays: list[Any] = [draw.normal(size=s).astype(np.float32) for s in sizes]
    masked = {
        "keys": (batch, 1, 1, keys),
        "queries and keys": (1, 1, queries, keys),
        "all": (batch, heads, queries, keys),
    }
    if mask != "none":
        seen = draw.random(masked[mask]) < 0.6
        seen[..., 0] = False
        seen[0, 0, 0] = False  # the first query, or the first row's, may look nowhere
        arrays.append(seen)
    return arrays


@pytest.mark.parametrize(("shape", "mask", "causal"), zip(SHAPES, MASKS, [True, False, True, True], strict=True))
def test_numbers(shape: tuple[int, ...], mask: str, causal: bool) -> None:
    check(KERNEL, operands(shape, mask), Attention(shape[5] ** -0.5, causal, mask != "none"), tolerance=5e-5)


@pytest.mark.slow
@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("mask", MASKS)
@hypothesis.given(
    st.tuples(
        st.integers(1, 2), st.integers(1, 150), st.integers(1, 280), st.integers(1, 2), st.just(1), st.integers(1, 40),
        st.integers(1, 40),
    )
)  # fmt: skip
@hypothesis.settings(
    max_examples=8, deadline=None, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture]
)
def test_numbers_of_any_shape(mask: str, causal: bool, shape: tuple[int, ...]) -> None:
    check(KERNEL, operands(shape, mask), Attention(0.3, causal, mask != "none"), tolerance=1e-4)


def test_transformations() -> None:
    check_transformations(KERNEL, operands((2, 9, 8, 2, 1, 3, 4), "keys"), Attention(0.5, True, True))


@pytest.mark.parametrize("mask", ["none", "all"])
def test_not_a_number(mask: str) -> None:
    check_not_a_number(KERNEL, operands((1, 40, 40, 2, 2, 3, 3), mask), Attention(0.5, True, mask != "none"))


def test_nothing_goes_by_the_reference() -> None:
    assert attention(*operands((0, 8, 8, 1, 1, 2, 2)), None, 1.0, False).shape == (0, 8, 1, 2)
