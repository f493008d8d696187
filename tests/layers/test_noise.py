"""GaussianNoise, GaussianDropout, AlphaDropout: what they draw, when, and from what seed."""

from __future__ import annotations

import json
import math
import pathlib
from typing import Any

import jax
import numpy as np
import pytest

from ranvier import layers, random
from tests.layers.masks_and_draws import NOISES, sample, statistics

RECORDED = np.load(pathlib.Path(__file__).parents[1] / "oracle" / "layers.npz")
MAKERS = [
    lambda **given: layers.GaussianNoise(0.5, **given),
    lambda **given: layers.GaussianDropout(0.4, **given),
    lambda **given: layers.AlphaDropout(0.3, **given),
    lambda **given: layers.SpatialDropout1D(0.3, **given),
]
by_maker = pytest.mark.parametrize("make", MAKERS, ids=["noise", "gaussian", "alpha", "spatial"])


@pytest.mark.parametrize(("name", "arguments"), NOISES, ids=[name for name, _ in NOISES])
def test_statistics_are_keras(name: str, arguments: dict[str, Any]) -> None:
    x = sample()
    y = np.asarray(getattr(layers, name)(**arguments, seed=1)(x, training=True))
    # 80 000 numbers, 4000 channels: five standard errors of the spread of what is drawn least often.
    np.testing.assert_allclose(statistics(x, y), RECORDED[f"noise/{name}"], atol=0.04)


def test_gaussian_noise_adds_and_gaussian_dropout_multiplies() -> None:
    x = np.full((300, 300), 2.0, "float32")
    added = np.asarray(layers.GaussianNoise(0.25, seed=1)(x, training=True))
    assert added.mean() == pytest.approx(2.0, abs=0.005) and added.std() == pytest.approx(0.25, rel=0.02)
    scaled = np.asarray(layers.GaussianDropout(0.2, seed=1)(x, training=True))
    assert scaled.mean() == pytest.approx(2.0, abs=0.02) and scaled.std() == pytest.approx(1.0, rel=0.02)
    assert len(np.unique(added)) > 80000 < len(np.unique(scaled))


def test_alpha_dropout_keeps_mean_and_variance_and_switches_off_to_one_value() -> None:
    x = np.random.default_rng(0).normal(size=(300, 300)).astype("float32")
    y = np.asarray(layers.AlphaDropout(0.3, seed=1)(x, training=True))
    assert y.mean() == pytest.approx(0.0, abs=0.02) and y.std() == pytest.approx(1.0, abs=0.02)
    low = -1.0507009873554805 * 1.6732632423543772
    a = 1 / math.sqrt(0.7 * (1 + 0.3 * low**2))
    off = np.isclose(y, a * low - a * low * 0.3, atol=1e-6)
    assert off.mean() == pytest.approx(0.3, abs=0.01)
    np.testing.assert_allclose(y[~off], a * x[~off] - a * low * 0.3, rtol=1e-5, atol=1e-6)
    rows = np.asarray(layers.AlphaDropout(0.5, noise_shape=(None, 1), seed=1)(np.ones((50, 6)), training=True))
    assert all(len(set(row)) == 1 for row in rows) and len(set(rows[:, 0])) == 2


@by_maker
def test_nothing_happens_without_training(make: Any) -> None:
    x = np.random.default_rng(0).normal(size=(2, 3, 4)).astype("float32")
    np.testing.assert_array_equal(make()(x), x)
    np.testing.assert_array_equal(make()(x, training=False), x)
    assert make().weights == []


@by_maker
def test_seeds_repeat_the_stream(make: Any) -> None:
    x = np.ones((20, 3, 4))
    first, second = make(seed=3), make(seed=3)
    for _ in range(2):
        np.testing.assert_array_equal(first(x, training=True), second(x, training=True))
    assert not np.array_equal(first(x, training=True), make(seed=3)(x, training=True))
    assert not np.array_equal(make(seed=3)(x, training=True), make(seed=4)(x, training=True))
    own = make(seed=random.SeedGenerator(1))
    again = type(own).from_config(json.loads(json.dumps(own.get_config())))
    np.testing.assert_array_equal(own(x, training=True), again(x, training=True))


def test_half_types_draw_in_their_own_type() -> None:
    x = np.ones((8, 4))
    for make in MAKERS[:3]:
        for policy in ("bfloat16", "mixed_float16"):
            layer = make(dtype=policy)
            assert layer(x, training=True).dtype == jax.numpy.dtype(policy.removeprefix("mixed_"))


@pytest.mark.parametrize("wrong", [-0.1, 1.5, True, "a", None, float("nan")])
def test_rates_are_shares(wrong: Any) -> None:
    kinds = (layers.GaussianNoise, layers.GaussianDropout, layers.AlphaDropout, layers.SpatialDropout2D)
    for kind in kinds:
        with pytest.raises(ValueError, match=r"(?s)share.*received"):
            kind(wrong)


def test_rate_one_is_refused_where_the_variance_would_be_infinite() -> None:
    for kind in (layers.GaussianDropout, layers.AlphaDropout):
        with pytest.raises(ValueError, match=r"\[0, 1\)"):
            kind(1.0)
    assert layers.GaussianNoise(1.0).stddev == 1.0
    with pytest.raises(ValueError, match="noise_shape"):
        layers.AlphaDropout(0.5, noise_shape=(1,))(np.ones((2, 3)), training=True)
