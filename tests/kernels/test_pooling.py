"""Pooling's native code against its reference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import hypothesis
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import strategies as st

from ranvier.kernels.pooling import AVERAGE, MAX, can
from ranvier.kernels.windows import Window
from tests.kernels.checks import check, check_not_a_number, check_transformations, needs_library

pytestmark = needs_library

CASES = {
    "halves": ((2, 7, 6, 17), [(2, 2, 0, 0), (2, 2, 0, 0)]),
    "overlaps and margins": ((2, 6, 5, 33), [(3, 2, 1, 1), (3, 1, 1, 0)]),
    "gaps": ((1, 7, 8, 3), [(2, 3, 0, 0), (1, 2, 0, 0)]),
    "sequence": ((3, 9, 16), [(4, 2, 2, 1)]),
}


@pytest.fixture(autouse=True, scope="module")
def whatever_can_go_by_native_code_goes():
    with pytest.MonkeyPatch.context() as patch:
        for kernel in (MAX, AVERAGE):
            patch.setattr(kernel, "native", kernel.native._replace(fits=can))
        yield


def given(name: str) -> tuple[np.ndarray, tuple[Window, ...]]:
    shape, slides = CASES[name]
    return array(shape), windows(shape, slides)


def array(shape: Sequence[int]) -> np.ndarray:
    return np.random.default_rng(sum(shape)).normal(size=shape).astype(np.float32)


def windows(shape: Sequence[int], slides: Sequence[Any]) -> tuple[Window, ...]:
    return tuple(
        Window(size, stride, 1, low, high, (length + low + high - size) // stride + 1)
        for length, (size, stride, low, high) in zip(shape[1:-1], slides, strict=True)
    )


@pytest.mark.parametrize("name", CASES)
def test_numbers(name: str) -> None:
    x, static = given(name)
    check(MAX, [x], static)
    check(AVERAGE, [x], static)


@pytest.mark.slow
@hypothesis.given(st.data())
@hypothesis.settings(max_examples=30, deadline=None)
def test_numbers_of_any_shape(data: st.DataObject) -> None:
    draw = data.draw
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=2))
    margin = [st.integers(0, size - 1) for size in sizes]
    slides = [(size, draw(st.integers(1, 4)), draw(m), draw(m)) for size, m in zip(sizes, margin, strict=True)]
    sides = [draw(st.integers(size, 11)) for size in sizes]
    x = array((draw(st.integers(1, 4)), *sides, draw(st.sampled_from([1, 7, 8, 16, 17, 33]))))
    check(MAX, [x], windows(x.shape, slides))
    check(AVERAGE, [x], windows(x.shape, slides))


@pytest.mark.parametrize("name", ["halves", "overlaps and margins", "sequence"])
def test_of_equal_numbers_the_reference_and_native_code_choose_the_same(name: str) -> None:
    x, static = given(name)
    x = np.round(x)
    x[0] = -np.inf
    slope = lambda f, **how: jax.grad(lambda x: jnp.sum(jnp.exp(f(x, static=static, **how)[0])))(x)  # noqa: E731
    assert MAX.why_reference(x, static=static) == ""
    np.testing.assert_allclose(slope(MAX), slope(MAX.reference, saving=False), rtol=1e-6)


def test_the_reference_keeps_the_same_winners() -> None:
    x, static = given("overlaps and margins")
    x = np.round(x)
    x[0, 0, 0] = np.nan
    winners = jax.jit(lambda x: MAX.native.forward(x, static=static, saving=True))(x)[1]
    np.testing.assert_array_equal(winners, MAX.reference(x, static=static, saving=True)[1])


def test_transformations() -> None:
    check_transformations(MAX, [given("sequence")[0]], given("sequence")[1])
    check_transformations(AVERAGE, [given("sequence")[0]], given("sequence")[1])


def test_not_a_number() -> None:
    check_not_a_number(MAX, [given("halves")[0]], given("halves")[1])
    check_not_a_number(AVERAGE, [given("overlaps and margins")[0]], given("overlaps and margins")[1])


def test_what_native_code_does_not_serve_goes_by_the_reference() -> None:
    x = array((1, 20, 20, 1))
    assert "255 taps" in MAX.why_reference(x, static=windows(x.shape, [(16, 16, 0, 0)] * 2))
    assert "float32" in MAX.why_reference(x.astype(np.int32), static=windows(x.shape, [(2, 2, 0, 0)] * 2))
    assert MAX(x[:0], static=windows(x.shape, [(2, 2, 0, 0)] * 2))[0].shape == (0, 10, 10, 1)
