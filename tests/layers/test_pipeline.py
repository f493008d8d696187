"""Pipeline: layers in a layer."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from ranvier import layers
from ranvier.models import Sequential
from ranvier.state import masking, scope
from ranvier.state.scope import Scope


def test_layers_run_in_order_and_are_built_with_it() -> None:
    pipeline = layers.Pipeline([layers.Dense(2), layers.RepeatVector(3)], name="both")
    pipeline.build((None, 4))
    assert [layer.built for layer in pipeline.layers] == [True, True] and pipeline.count_params() == 10
    assert pipeline.compute_output_shape((None, 4)) == (None, 3, 2)
    assert set(pipeline.get_config()) == {"name", "layers"} and pipeline.name == "both"
    assert layers.Pipeline([layers.Masking(9.0), layers.Permute((2, 1))])(np.full((1, 2, 3), 9)).shape == (1, 3, 2)
    again = layers.deserialize(layers.serialize(pipeline))
    again(np.ones((1, 4)))
    assert [v.shape for v in again.weights] == [(4, 2), (2,)]


def test_integers_pass_and_training_reaches_the_layers() -> None:
    chosen = layers.Pipeline([layers.Embedding(20000, 1, embeddings_initializer="ones"), layers.Flatten()])
    assert chosen(np.array([[16777217 % 20000]]))[0, 0] == 1
    noisy = layers.Pipeline([layers.GaussianNoise(0.5)])
    x = np.zeros((3, 2))
    assert np.asarray(noisy(x)).std() > 0 and np.asarray(noisy(x, training=True)).std() > 0
    assert np.asarray(noisy(x, training=False)).std() == 0
    model = Sequential([layers.Input((2,)), noisy])
    assert np.asarray(model(x)).std() == 0 and np.asarray(model(x, training=True)).std() > 0


def test_masks_go_from_layer_to_layer() -> None:
    pipeline = layers.Pipeline([layers.Identity(), layers.Softmax()])
    assert pipeline.supports_masking and not layers.Pipeline([layers.Flatten()]).supports_masking
    y = pipeline(np.zeros((1, 2)), mask=np.array([[True, False]]))
    np.testing.assert_array_equal(y, [[1.0, 0.0]])
    with scope.entered(Scope()):
        x = jnp.array([[[9.0], [1.0]]])
        steps = layers.Pipeline([layers.Masking(9.0), layers.Dense(1)])(x)
        np.testing.assert_array_equal(masking.of(steps), [[False, True]])


@pytest.mark.parametrize("wrong", [[], None, [lambda x: x], layers.Flatten()])
def test_only_layers(wrong: Any) -> None:
    with pytest.raises(ValueError, match="consists of layers"):
        layers.Pipeline(wrong)
    with pytest.raises(ValueError, match="consists of layers"):
        layers.Pipeline.from_config({"name": "p"})
