"""What the recurrent kernels are tested with."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from ranvier.kernels.recurrent import Way

EVERY, LAST = Way(every=True), Way(every=False)
MASKED = Way(every=True, masked=True, backwards=True, zero_masked=True)

Sizes = tuple[int, int, int, int]
"""Batch, steps, features, units."""

AWKWARD: list[tuple[Sizes, Way]] = [
    ((1, 2, 1, 1), LAST),
    ((3, 4, 5, 17), EVERY),
    ((13, 2, 1, 7), Way(every=False, backwards=True)),
    ((5, 6, 9, 33), Way(every=True, masked=True)),
    ((7, 4, 3, 12), Way(every=False, masked=True, backwards=True)),
    ((70, 3, 31, 64), EVERY),
]
SIZES = st.tuples(st.integers(1, 70), st.integers(2, 9), st.integers(1, 40), st.integers(1, 70))
WAYS = st.builds(Way, *[st.booleans()] * 4)


def operands(sizes: Sizes, way: Way, gates: int, biases: int = 1, states: int = 1) -> list[np.ndarray]:
    """Return what a kernel with so many gates, rows of biases and states takes."""
    batch, steps, features, units = sizes
    draw, wide = np.random.default_rng(batch * 1000 + units), gates * units
    bias = (wide,) if biases == 1 else (biases, wide)
    shapes = [(batch, steps, features), (features, wide), (units, wide), bias, *[(batch, units)] * states]
    arrays = [draw.normal(size=shape).astype(np.float32) for shape in shapes]
    arrays[2] /= np.sqrt(np.float32(units))
    return [*arrays, draw.random((batch, steps)) < 0.6] if way.masked else arrays
