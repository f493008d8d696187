"""Normalization: adapting to data of any kind."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
import pandas
import polars
import pytest

from ranvier import config, layers

ROWS = np.array([[1.0, 10.0], [3.0, 30.0], [5.0, 80.0]])


@pytest.mark.parametrize(
    "data",
    [
        ROWS,
        ROWS.astype("int64"),
        ROWS.tolist(),
        jnp.asarray(ROWS),
        pandas.DataFrame(ROWS, columns=["a", "b"]),
        polars.DataFrame({"a": ROWS[:, 0], "b": ROWS[:, 1]}),
        (ROWS[:1], ROWS[1:]),
        iter([ROWS[:2], ROWS[2:]]),
    ],
    ids=["numpy", "integers", "list", "jax", "pandas", "polars", "parts", "iterator"],
)
def test_normalization_adapts_to_data_of_any_kind(data: Any) -> None:
    layer = layers.Normalization()
    layer.adapt(data)
    np.testing.assert_allclose(layer.mean, [[3.0, 40.0]], rtol=1e-6)
    np.testing.assert_allclose(layer.variance, ROWS.var(0)[None], rtol=1e-6)
    np.testing.assert_allclose(np.asarray(layer(ROWS)).std(0), [1.0, 1.0], rtol=1e-6)


def test_normalization_adapts_anew_inverts_and_keeps_precision() -> None:
    layer = layers.Normalization(axis=None)
    layer.adapt(np.zeros(4))
    layer.adapt(1e6 + np.arange(4.0))
    assert float(layer.variance[0]) == 1.25
    np.testing.assert_array_equal(layers.Normalization(axis=None, mean=1.0, variance=4.0, invert=True)([1.0]), [3.0])
    with pytest.raises(ValueError, match="given its statistics"):
        layers.Normalization(mean=1.0, variance=1.0).adapt(ROWS)
    with pytest.raises(ValueError, match="together"):
        layers.Normalization(mean=1.0)
    with pytest.raises(ValueError, match="no rows"):
        layers.Normalization().adapt(np.zeros((0, 2)))
    with pytest.raises(ValueError, match="other features"):
        made = layers.Normalization()
        made.adapt(ROWS)
        made.adapt(ROWS[:, :1])


def test_normalization_of_images_by_channel() -> None:
    images = np.random.default_rng(0).normal(size=(5, 4, 4, 3)) * [1, 2, 3] + [0, 5, 9]
    layer = layers.Normalization(axis=-1)
    layer.adapt(images)
    assert layer.weights[0].shape == (3,)
    np.testing.assert_allclose(np.asarray(layer(images)).mean((0, 1, 2)), 0, atol=1e-5)


def test_rescaling_by_channel_follows_the_configured_data_format() -> None:
    picture = np.ones((1, 3, 2, 2), "float32")
    before = config.image_data_format()
    config.set_image_data_format("channels_first")
    try:
        np.testing.assert_array_equal(layers.Rescaling([1.0, 2.0, 3.0])(picture)[0, :, 0, 0], [1.0, 2.0, 3.0])
    finally:
        config.set_image_data_format(before)
