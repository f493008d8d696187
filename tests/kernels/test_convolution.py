"""The convolution's native code, and that of its transpose, against their references."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import hypothesis
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import strategies as st

from ranvier.kernels import convolution, convolution_transpose
from ranvier.kernels.convolution import KERNEL, Setting
from ranvier.kernels.windows import Window
from tests.kernels.checks import check, check_not_a_number, check_transformations, needs_library

pytestmark = needs_library


def window(length: int, size: int, stride: int = 1, dilation: int = 1, low: int = 0, high: int = 0) -> Window:
    places = (length + low + high - dilation * (size - 1) - 1) // stride + 1
    return Window(size, stride, dilation, low, high, places)


def operands(rows: int, sides: Sequence[int], sizes: Sequence[int], channels: int, own: int, filters: int) -> list[Any]:
    draw = np.random.default_rng(math.prod(sides) + filters)
    shapes = [(rows, *sides, channels), (*sizes, own, filters), (filters,)]
    return [draw.normal(size=shape).astype(np.float32) for shape in shapes]


CASES = {
    "one place": ([1, (1, 1), (1, 1), 1, 1, 1], [(), ()], False),
    "first layer": ([2, (7, 6), (3, 3), 1, 1, 33], [(), ()], True),
    "strides, dilation and margins": ([3, (9, 8), (2, 3), 5, 5, 17], [(2, 1, 1, 0), (1, 2, 2, 1)], True),
    "a window larger than the inputs": ([1, (2, 2), (3, 4), 3, 3, 4], [(1, 1, 2, 1), (3, 1, 3, 3)], False),
    "groups": ([2, (5, 4), (3, 2), 6, 2, 9], [(1, 1, 1, 1), (1, 2, 1, 0)], False),
    "one tap": ([3, (5, 7), (1, 1), 16, 16, 40], [(), ()], True),
    "one tap, strides": ([2, (5, 7), (1, 1), 4, 4, 16], [(2,), (2,)], False),
    "margins cut off": ([2, (8, 8), (3, 3), 2, 2, 16], [(1, 1, -1, 0), (1, 1, 0, -2)], False),
    "sequence": ([2, (13,), (3,), 8, 8, 32], [(1, 2, 4, 0)], True),
    "each channel by itself": ([2, (6, 7), (3, 3), 19, 1, 19], [(1, 1, 1, 1), (2, 1, 0, 1)], True),
    "each by itself, two filters": ([2, (6, 5), (2, 3), 5, 1, 10], [(1, 1, 0, 1), (1, 2, 1, 1)], False),
    "each by itself, three taps": ([2, (9, 14), (2, 3), 17, 1, 17], [(1, 1, 0, 1), (1, 1, 1, 1)], True),
    "as many places as inputs": ([3, (6, 13), (3, 3), 7, 7, 18], [(1, 1, 1, 1), (1, 1, 1, 1)], True),
}


def given(name: str) -> tuple[list[Any], Setting]:
    shapes, slides, relu = CASES[name]
    windows = (window(*both, *slide) for *both, slide in zip(shapes[1], shapes[2], slides, strict=True))
    return operands(*shapes), Setting(tuple(windows), relu)


@pytest.mark.parametrize(
    "name", [name if n % 3 else pytest.param(name, marks=pytest.mark.slow) for n, name in enumerate(CASES, 1)]
)
def test_numbers(name: str) -> None:
    arrays, static = given(name)
    check(KERNEL, arrays, static)


@pytest.mark.slow
@hypothesis.given(st.data())
@hypothesis.settings(max_examples=30, deadline=None)
def test_numbers_of_any_shape(data: st.DataObject) -> None:
    draw = data.draw
    rank, groups, channels = draw(st.integers(1, 2)), draw(st.integers(1, 3)), draw(st.sampled_from([1, 3, 8, 16, 17]))
    filters = groups * draw(st.sampled_from([1, 4, 15, 16, 17, 31, 33, 48]))
    sizes, windows, sides = [], [], []
    for _ in range(rank):
        size, dilation = draw(st.integers(1, 4)), draw(st.integers(1, 2))
        side = draw(st.integers(1, 12)) + dilation * (size - 1)
        margins = draw(st.integers(0, 2)), draw(st.integers(0, 2))
        windows.append(window(side, size, draw(st.integers(1, 3)), dilation, *margins))
        sizes.append(size)
        sides.append(side)
    arrays = operands(draw(st.integers(1, 5)), sides, sizes, groups * channels, channels, filters)
    check(KERNEL, arrays[: draw(st.integers(2, 3))], Setting(tuple(windows), draw(st.booleans())))


@pytest.mark.slow
def test_many_rows_and_long_sequences_are_cut_into_pieces() -> None:
    check(KERNEL, operands(70, (3, 3), (2, 2), 3, 3, 5), Setting((window(3, 2), window(3, 2)), True))
    check(KERNEL, operands(2, (40, 130), (3, 3), 17, 17, 20), Setting((window(40, 3, low=1), window(130, 3)), True))
    check(KERNEL, operands(1, (5000,), (2,), 16, 16, 16), Setting((window(5000, 2, low=1),)), tolerance=1e-4)


def test_transformations() -> None:
    check_transformations(KERNEL, *given("strides, dilation and margins"))


def test_not_a_number() -> None:
    check_not_a_number(KERNEL, *given("first layer"))
    check_not_a_number(KERNEL, *given("each by itself, three taps"))
    check_not_a_number(KERNEL, *given("as many places as inputs"))


def test_an_infinite_weight_reaches_no_further_than_its_tap() -> None:
    (x, w, _), static = given("as many places as inputs")
    w[0, 0, 2, 3] = np.inf
    slopes = [
        jax.grad(lambda x, run=run: jnp.sum(run(x)))(x)
        for run in (
            lambda x: KERNEL(x, w, static=static._replace(relu=False))[0],
            lambda x: KERNEL.reference(x, w, static=static._replace(relu=False), saving=False)[0],
        )
    ]
    assert np.isinf(slopes[0]).any()
    np.testing.assert_array_equal(*map(np.isfinite, slopes))


def test_the_gradient_is_the_same_every_time() -> None:
    arrays, static = given("first layer")
    arrays[0] = np.tile(arrays[0], (40, 1, 1, 1))
    slope = jax.jit(jax.grad(lambda w, x, b: jnp.sum(jnp.sin(KERNEL(x, w, b, static=static)[0]))))
    first = np.asarray(slope(arrays[1], arrays[0], arrays[2]))
    for _ in range(20):
        np.testing.assert_array_equal(slope(arrays[1], arrays[0], arrays[2]), first)


def test_what_native_code_does_not_serve_goes_by_the_reference() -> None:
    x, w, _ = operands(2, (4, 4, 4), (2, 2, 2), 3, 3, 5)
    assert "3 spatial axes" in KERNEL.why_reference(x, w, static=Setting((window(4, 2),) * 3))
    assert convolution.convolve(x, w, [window(4, 2)] * 3).shape == (2, 3, 3, 3, 5)
    arrays, static = given("one place")
    assert "float32" in KERNEL.why_reference(*(a.astype(np.float16) for a in arrays), static=static)
    assert KERNEL(*[arrays[0][:0], *arrays[1:]], static=static)[0].shape == (0, 1, 1, 1)


# --- the transpose ---------------------------------------------------------------------------------------------------

TRANSPOSED = {
    "sequence": ((2, 5, 3), (4, 6, 3), [(4, 2, 1, 0, 0, 5)], [12]),
    "picture": ((2, 3, 4, 17), (3, 2, 5, 17), [(3, 2, 1, 1, 0, 3), (2, 1, 2, 0, 0, 4)], [6, 6]),
}


@pytest.mark.parametrize("name", TRANSPOSED)
def test_numbers_of_the_transpose(name: str) -> None:
    x, w, windows, sides = TRANSPOSED[name]
    draw = np.random.default_rng(3)
    arrays = [draw.normal(size=shape).astype(np.float32) for shape in (x, w)]
    static = convolution_transpose.Setting(tuple(Window(*one) for one in windows), tuple(sides))
    check(convolution_transpose.KERNEL, arrays, static)
    if name == "sequence":
        check_transformations(convolution_transpose.KERNEL, arrays, static)


@pytest.mark.slow
@hypothesis.given(st.data())
@hypothesis.settings(max_examples=25, deadline=None)
def test_numbers_of_the_transpose_of_any_shape(data: st.DataObject) -> None:
    draw, windows, sides, sizes = data.draw, [], [], []
    for _ in range(draw(st.integers(1, 2))):
        size, stride, dilation, low = (draw(st.integers(1, 3)) for _ in range(4))
        sides.append(draw(st.integers(1, 11)) + dilation * (size - 1))
        windows.append(window(sides[-1], size, stride, dilation, low))
        sizes.append(size)
    channels, filters = (draw(st.sampled_from([1, 7, 8, 16, 17, 33])) for _ in range(2))
    shapes = [(draw(st.integers(1, 4)), *(one.places for one in windows), channels), (*sizes, filters, channels)]
    made = np.random.default_rng(channels * 100 + filters)
    arrays = [made.normal(size=shape).astype(np.float32) for shape in shapes]
    static = convolution_transpose.Setting(tuple(windows), tuple(sides))
    check(convolution_transpose.KERNEL, arrays, static)


def test_not_a_number_of_the_transpose() -> None:
    x, w, windows, sides = TRANSPOSED["sequence"]
    arrays = [np.ones(shape, np.float32) for shape in (x, w)]
    static = convolution_transpose.Setting(tuple(Window(*one) for one in windows), tuple(sides))
    check_not_a_number(convolution_transpose.KERNEL, arrays, static)


def test_the_transpose_is_the_transpose() -> None:
    (x, w, _), static = given("strides, dilation and margins")
    y = KERNEL(x, w, static=Setting(static.windows))[0]
    z = np.random.default_rng(1).normal(size=y.shape).astype(np.float32)
    back = functools.partial(convolution_transpose.convolve_transposed, windows=static.windows, sides=x.shape[1:-1])
    assert float(jnp.vdot(y, z)) == pytest.approx(float(jnp.vdot(x, back(z, w))), rel=1e-4)
