"""ReversibleEmbedding: the way back, masks, types."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from ranvier import layers
from ranvier.state import masking, scope
from ranvier.state.scope import Scope
from ranvier.state.symbolic import KerasTensor

VECTORS = np.random.default_rng(0).normal(size=(2, 4, 3)).astype("float32")


def test_the_way_back_scores_every_row() -> None:
    tied = layers.ReversibleEmbedding(5, 3)
    tied.build()
    np.testing.assert_allclose(tied(VECTORS, reverse=True), VECTORS @ tied.embeddings.numpy().T, rtol=1e-6, atol=1e-6)
    free = layers.ReversibleEmbedding(5, 3, tie_weights=False, logit_soft_cap=0.1)
    free.build()
    scores = VECTORS @ free.reverse_embeddings.numpy()
    np.testing.assert_allclose(free(VECTORS, reverse=True), np.tanh(scores / 0.1) * 0.1, rtol=1e-5, atol=1e-6)
    assert [v.name for v in free.weights] == ["embeddings", "reverse_embeddings"]
    assert free(KerasTensor((None, 4, 3)), reverse=True).shape == (None, 4, 5)


def test_the_way_back_has_its_own_type() -> None:
    layer = layers.ReversibleEmbedding(5, 3, reverse_dtype="bfloat16")
    assert layer(VECTORS, reverse=True).dtype == "bfloat16"
    assert layer(np.array([[1]])).dtype == "float32"


def test_only_integers_have_a_mask() -> None:
    layer = layers.ReversibleEmbedding(5, 3, mask_zero=True)
    with scope.entered(Scope()):
        rows = layer(jnp.array([[1, 0]]))
        np.testing.assert_array_equal(masking.of(rows), [[True, False]])
        assert masking.of(layer(rows, reverse=True)) is None


def test_given_weights_fill_the_tied_table() -> None:
    table = np.arange(6.0).reshape(3, 2)
    layer = layers.ReversibleEmbedding(3, 2, weights=table)
    np.testing.assert_array_equal(layer([2])[0], [4.0, 5.0])
