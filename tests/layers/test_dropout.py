"""Dropout: shares, independence, seeds."""

from __future__ import annotations

import json

import jax
import numpy as np
import pytest

from ranvier import layers, random
from ranvier.layers.dropout import keep_mask


def test_dropout_keeps_the_expected_share_and_the_mean() -> None:
    y = np.asarray(layers.Dropout(0.3, seed=1)(np.ones((400, 501)), training=True))
    assert (y == 0).mean() == pytest.approx(0.3, abs=0.005)
    assert np.unique(y[y != 0]) == pytest.approx([1 / 0.7])
    assert y.mean() == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("shape", [(), (1,), (7,), (3, 1), (2, 3, 5), (64, 65)])
def test_keep_mask_is_bernoulli_of_any_shape(shape: tuple[int, ...]) -> None:
    key = jax.random.key(0)
    for probability in (0.1, 0.5, 0.8, 1 - 2**-24):
        expected = jax.random.bernoulli(key, np.float32(probability), shape)
        np.testing.assert_array_equal(keep_mask(key, probability, shape), expected)


def test_neighbours_are_dropped_independently() -> None:
    keep = np.asarray(keep_mask(jax.random.key(0), 0.5, (2000, 40)), float) - 0.5
    correlations = np.corrcoef(keep.T) - np.eye(40)
    assert np.abs(correlations).max() < 0.12


def test_dropout_draws_by_seed_noise_shape_and_generator() -> None:
    x = np.ones((4, 6))
    first, second = layers.Dropout(0.5, seed=3), layers.Dropout(0.5, seed=3)
    np.testing.assert_array_equal(first(x, training=True), second(x, training=True))
    assert not np.array_equal(first(x, training=True), layers.Dropout(0.5, seed=3)(x, training=True))
    rows = np.asarray(layers.Dropout(0.5, noise_shape=(None, 1), seed=1)(np.ones((50, 6)), training=True))
    assert all(len(set(row)) == 1 for row in rows) and len(set(rows[:, 0])) == 2
    own = layers.Dropout(0.5, seed=random.SeedGenerator(1))
    again = layers.Dropout.from_config(json.loads(json.dumps(own.get_config())))
    np.testing.assert_array_equal(own(x, training=True), again(x, training=True))
    with pytest.raises(ValueError, match="axes"):
        layers.Dropout(0.5, noise_shape=(1,))(x, training=True)
    for rate in (-0.1, 1.1, True):
        with pytest.raises(ValueError, match="share"):
            layers.Dropout(rate)


@pytest.mark.parametrize(
    ("layer", "shape", "channels"),
    [
        (layers.SpatialDropout1D(0.5, seed=1), (8, 3, 6), -1),
        (layers.SpatialDropout2D(0.5, seed=1), (8, 3, 2, 6), -1),
        (layers.SpatialDropout2D(0.5, "channels_first", seed=1), (8, 6, 3, 2), 1),
        (layers.SpatialDropout3D(0.5, seed=1), (8, 3, 2, 2, 6), -1),
        (layers.SpatialDropout3D(0.5, data_format="channels_first", seed=1), (8, 6, 2, 3, 2), 1),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_spatial_dropout_drops_whole_channels(layer: layers.Dropout, shape: tuple[int, ...], channels: int) -> None:
    y = np.moveaxis(np.asarray(layer(np.ones(shape), training=True)), channels, 1).reshape(8, 6, -1)
    assert (y == y[..., :1]).all() and set(np.unique(y)) == {0.0, 2.0}
    assert 0.2 < (y[..., 0] == 0).mean() < 0.8 and isinstance(layer, layers.Dropout)
    assert set(layer.get_config()) <= {"rate", "seed", "name", "dtype", "data_format"}
    with pytest.raises(ValueError, match="axes"):
        layer(np.ones(shape[1:]))
