"""The written-out hash gives the bits of `jax.random`."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranvier.state import rng, threefry


@pytest.mark.parametrize("shape", [(), (1,), (7,), (32, 128), (3, 5, 2), (0,), (65_537,)])
@pytest.mark.parametrize("seed", [0, 1, 2**31, 2**63 + 11])
def test_bits_are_those_of_jax(shape: tuple[int, ...], seed: int) -> None:
    key = rng.base_key(seed)
    np.testing.assert_array_equal(threefry.bits(key, shape), jax.random.bits(key, shape, "uint32"))


def test_a_small_draw_is_not_hashed_again_by_what_reads_it() -> None:
    def rolled(*shape: int) -> bool:
        program = jax.jit(lambda key: threefry.bits(key, shape)).lower(rng.base_key(1))
        return "while" in program.as_text()

    assert rolled(64) and rolled(4096, 1, 1) and rolled(64, 2) and not rolled(32, 16)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**64 - 1), st.integers(0, 2**32 - 1))
def test_folding_is_that_of_jax(seed: int, number: int) -> None:
    key = rng.base_key(seed)
    ours, theirs = threefry.fold_in(key, number), jax.random.fold_in(key, np.uint32(number))
    np.testing.assert_array_equal(jax.random.key_data(ours), jax.random.key_data(theirs))


def test_a_key_of_jax_is_a_key_of_ours() -> None:
    np.testing.assert_array_equal(jax.random.key_data(rng.base_key(42)), jax.random.key_data(jax.random.key(42)))


def test_traced_numbers_fold_like_concrete_ones() -> None:
    key = rng.base_key(3)
    traced = jax.jit(lambda n: jax.random.key_data(threefry.fold_in(key, n)))(np.int32(17))
    np.testing.assert_array_equal(traced, jax.random.key_data(threefry.fold_in(key, 17)))
