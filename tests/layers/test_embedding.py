"""Embedding: exact integers, wrong integers, given tables."""

from __future__ import annotations

import numpy as np

from ranvier import layers


def test_embedding_keeps_large_integers_exact_and_shows_wrong_ones() -> None:
    layer = layers.Embedding(2**24 + 3, 1, embeddings_initializer="zeros", dtype="mixed_bfloat16")
    layer.build()
    assert layer(np.array([2**24 + 1])).dtype == "bfloat16"
    table = layers.Embedding(3, 1, weights=np.array([[1.0], [2.0], [3.0]]))
    np.testing.assert_array_equal(table([0, 2])[:, 0], [1.0, 3.0])
    assert np.isnan(table([3])).all()
    assert "weights" not in table.get_config()
    assert layers.Embedding(3, 1, input_length=7).input_dim == 3
