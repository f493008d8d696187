"""Convolution and pooling in one, against the reference."""

from __future__ import annotations

from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from ranvier.kernels import convolution
from ranvier.kernels.convolution_pooled import KERNEL, Setting, convolve_and_pool
from ranvier.kernels.windows import Window
from tests.kernels.checks import check, check_not_a_number, check_transformations, needs_library

pytestmark = needs_library

CASES = {
    "halves": ([(2, 9, 7, 1), (3, 3, 1, 33), (33,)], [(1, 0), (1, 0)], [(2, 2), (2, 2)], True),
    "margins and gaps": ([(3, 11, 12, 5), (3, 2, 5, 16), (16,)], [(1, 1), (2, 1)], [(2, 3), (3, 3)], False),
    "sequence": ([(1, 13, 4), (3, 4, 8), (8,)], [(1, 1)], [(2, 2)], True),
}


def given(name: str) -> tuple[list[Any], Setting]:
    shapes, slides, pools, relu = CASES[name]
    draw = np.random.default_rng(5)
    arrays = [draw.normal(size=shape).astype(np.float32) for shape in shapes]
    windows = tuple(
        Window(size, stride, 1, low, low, (length + 2 * low - size) // stride + 1)
        for length, size, (stride, low) in zip(shapes[0][1:], shapes[1][: len(slides)], slides, strict=False)
    )
    pool = tuple(Window(s, t, 1, 0, 0, (w.places - s) // t + 1) for w, (s, t) in zip(windows, pools, strict=True))
    return arrays, Setting(convolution.Setting(windows, relu), pool)


@pytest.mark.parametrize("name", CASES)
def test_numbers(name: str) -> None:
    check(KERNEL, *given(name))


@pytest.mark.slow
@hypothesis.given(st.data())
@hypothesis.settings(max_examples=25, deadline=None)
def test_numbers_of_any_shape(data: st.DataObject) -> None:
    draw, windows, pool, sides, sizes = data.draw, [], [], [], []
    for _ in range(draw(st.integers(1, 2))):
        size, stride, low, dilation = (draw(st.integers(1, 3)) for _ in range(4))
        tap = draw(st.integers(1, 3))
        side = draw(st.integers(1, 12)) + dilation * (size - 1) + (tap - 1) * stride
        places = (side + low - dilation * (size - 1) - 1) // stride + 1
        windows.append(Window(size, stride, dilation, low, 0, places))
        step = tap + draw(st.integers(0, 1))
        pool.append(Window(tap, step, 1, 0, 0, (places - tap) // step + 1))
        sides.append(side)
        sizes.append(size)
    channels, filters = draw(st.sampled_from([2, 5, 8, 16, 17])), draw(st.sampled_from([1, 7, 8, 16, 17, 33]))
    made = np.random.default_rng(channels * 100 + filters)
    shapes = [(draw(st.integers(1, 5)), *sides, channels), (*sizes, channels, filters), (filters,)]
    arrays = [made.normal(size=shape).astype(np.float32) for shape in shapes]
    first = convolution.Setting(tuple(windows), draw(st.booleans()))
    check(KERNEL, arrays[: draw(st.integers(2, 3))], Setting(first, tuple(pool)))


@pytest.mark.slow
def test_transformations() -> None:
    check_transformations(KERNEL, *given("sequence"))


def test_not_a_number() -> None:
    check_not_a_number(KERNEL, *given("halves"))


def test_windows_that_overlap_go_one_kernel_after_the_other() -> None:
    (x, w, b), static = given("sequence")
    overlapping = (Window(3, 2, 1, 0, 0, 6),)
    assert "overlap" in KERNEL.why_reference(x, w, b, static=static._replace(pool=overlapping))
    assert convolve_and_pool(x, w, static.first.windows, overlapping, b).shape == (1, 6, 8)
