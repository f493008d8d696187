"""The report on layers inside the loop: it covers what slides or changes the edges, and its figures are of one step."""

from __future__ import annotations

import jax.numpy as jnp
import pytest

from benchmarks import in_the_loop
from ranvier import layers
from ranvier.layers.convolving import Convolving
from ranvier.layers.spatial import Spatial


def test_every_convolution_has_a_row() -> None:
    found = {name for name, _, _ in in_the_loop.ROWS}
    assert found >= {name for name, cls in layers.TABLE.items() if issubclass(cls, Convolving)}
    assert all(issubclass(layers.TABLE[name], Spatial) for name in found)


def test_a_row_is_measured_as_a_function_of_weights_and_inputs() -> None:
    function, weights = in_the_loop.of_layer("Conv1D", {"filters": 1, "kernel_size": 2}, (2, 3, 1))
    assert function([2 * jnp.ones((2, 1, 1)), jnp.ones(1)], jnp.ones((2, 3, 1))).tolist() == [[[5.0]] * 2] * 2
    row = in_the_loop.measured(function, weights, (2, 3, 1), rounds=1)
    assert row["ratio"] == pytest.approx(row["loop_ms"] / row["alone_ms"]) and row["alone_ms"] > 0
