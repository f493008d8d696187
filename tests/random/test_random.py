"""Draws: Keras's numbers for equal seeds, statistics, streams, and randomness inside compiled passes."""

import pathlib
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ranvier import random
from ranvier._errors import InvalidArgument, WrongType
from ranvier.random import host
from ranvier.random.seeds import key_of
from ranvier.state import rng, scope, threefry
from ranvier.state.scope import Scope
from ranvier.state.symbolic import KerasTensor
from tests.random.cases import DRAWS

RECORDED = np.load(pathlib.Path(__file__).parents[1] / "oracle" / "initializers.npz")


# These three take seconds to compile.
SLOW = {"gamma", "beta", "binomial"}


@pytest.mark.parametrize(
    "index",
    [
        pytest.param(i, id=f"{i}-{case[0]}", marks=[pytest.mark.slow] if case[0] in SLOW else [])
        for i, case in enumerate(DRAWS)
    ],
)
def test_an_integer_seed_gives_the_numbers_of_keras(index: int) -> None:
    name, arguments, keywords = DRAWS[index]
    values, expected = getattr(random, name)(*arguments, **keywords), RECORDED[f"random/{index}"]
    assert values.dtype == expected.dtype and values.shape == expected.shape
    np.testing.assert_allclose(values, expected, rtol=1e-6)


def test_every_draw_has_a_recorded_case() -> None:
    assert {name for name, *_ in DRAWS} | {"SeedGenerator"} == set(random.__all__)


def test_a_generators_stream_is_that_of_keras() -> None:
    stream = random.SeedGenerator(5)
    draws = np.stack([random.normal((3,), seed=stream) for _ in range(3)])
    np.testing.assert_allclose(draws, RECORDED["random/stream"], rtol=1e-6)
    assert stream.state.tolist() == [5, 3] and stream.get_config() == {"seed": 5}


def test_a_pass_decides_over_generators_but_seeds_tell_them_apart() -> None:
    one, two, free = random.SeedGenerator(1), random.SeedGenerator(2), random.SeedGenerator()

    @jax.jit
    def draw(key: Any) -> Any:
        with scope.entered(Scope(key=key)):
            return jnp.stack([random.uniform((), seed=s) for s in (one, two, free, one, None)])

    first, again, other = (np.asarray(draw(jax.random.key(k))) for k in (0, 0, 1))
    assert np.array_equal(first, again) and len(set(first.tolist())) == 5
    assert not set(first.tolist()) & set(other.tolist())
    assert one.state.tolist() == [1, 0]


def test_a_generator_without_a_seed_follows_the_global_one() -> None:
    def draw() -> list[float]:
        rng.reset_global(3)
        stream = random.SeedGenerator()
        return [float(random.normal((), seed=stream)), float(random.normal((), seed=stream)), float(random.normal(()))]

    assert draw() == draw() and len(set(draw())) == 3


def test_keys_and_key_data_are_seeds_too() -> None:
    key = jax.random.key(3)
    assert np.array_equal(random.normal((2,), seed=key), random.normal((2,), seed=jax.random.key_data(key)))
    for wrong in ("a", 1.5, True, np.ones(3)):
        with pytest.raises(WrongType, match="bad-seed"):
            key_of(wrong)  # type: ignore[arg-type]
    with pytest.raises(WrongType):
        random.SeedGenerator("a")  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [0, 1, 7, (1 << 14) + 3])
@pytest.mark.parametrize("seed", [0, 12345, 2**32 - 1])
def test_the_bits_of_the_host_are_those_of_jax(size: int, seed: int) -> None:
    key = np.array([seed, seed ^ 0xABCDEF], np.uint32)
    expected = jax.random.bits(jax.random.wrap_key_data(key, impl=threefry.IMPLEMENTATION), (size,))
    np.testing.assert_array_equal(host.bits(key, size), expected)


def test_draws_of_the_host_stay_in_their_ranges() -> None:
    key = np.array([1, 2], np.uint32)
    u = host.uniform(key, (1 << 16,), -1.0, 3.0)
    assert u.dtype == np.float32 and u.min() >= -1 and u.max() < 3 and abs(u.mean() - 1) < 0.03
    t = host.truncated_normal(key, (1 << 16,), 0.0, 1.0)
    assert abs(t).max() < 2 and abs(t.std() - 0.8796) < 0.01
    n = host.normal(key, (1 << 16,), 1.0, 2.0)
    assert np.isfinite(n).all() and abs(n.mean() - 1) < 0.05 and abs(n.std() - 2) < 0.05


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_dropout_keeps_the_mean(rate: float) -> None:
    y = np.asarray(random.dropout(jnp.ones((400, 100)), rate, seed=0))
    assert set(np.unique(y)) == {0.0, np.float32(1 / (1 - rate))}
    assert abs((y == 0).mean() - rate) < 5 * np.sqrt(rate * (1 - rate) / y.size)


def test_dropout_of_everything_and_of_a_row() -> None:
    assert not random.dropout(jnp.ones(3), 1.0).any()
    rows = np.asarray(random.dropout(jnp.ones((50, 4)), 0.5, noise_shape=(None, 1), seed=1))
    assert (rows == rows[:, :1]).all()
    with pytest.raises(InvalidArgument):
        random.dropout(jnp.ones(3), 1.5)


def test_symbolic_draws_have_shapes() -> None:
    x = KerasTensor((None, 4))
    assert random.dropout(x, 0.5).shape == (None, 4) and random.shuffle(x).shape == (None, 4)
    assert random.categorical(x, 3).shape == (None, 3)


def test_types() -> None:
    assert random.normal((2,), dtype="bfloat16").dtype == jnp.bfloat16
    assert random.randint((2,), 0, 5, dtype="uint8").dtype == jnp.uint8


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_draws_are_those_of_jax(dtype: str) -> None:
    key = jax.random.key(4)
    pairs = [
        (random.uniform((5, 3), dtype=dtype, seed=key), jax.random.uniform(key, (5, 3), dtype)),
        (random.normal((5, 3), dtype=dtype, seed=key), jax.random.normal(key, (5, 3), dtype)),
        (random.truncated_normal((7,), dtype=dtype, seed=key), jax.random.truncated_normal(key, -2, 2, (7,), dtype)),
    ]
    for ours, theirs in pairs:
        assert ours.dtype == theirs.dtype
        np.testing.assert_allclose(ours.astype("float32"), theirs.astype("float32"), rtol=2e-6, atol=1e-7)
    kept = random.dropout(jnp.ones((9, 5)), 0.3, seed=key) != 0
    np.testing.assert_array_equal(kept, jax.random.bernoulli(key, 0.7, (9, 5)))


def test_parameters_may_be_arrays() -> None:
    values = random.normal((4, 2), mean=jnp.array([0.0, 100.0]), stddev=0.1, seed=0)
    assert abs(values.mean(0) - jnp.array([0.0, 100.0])).max() < 1
