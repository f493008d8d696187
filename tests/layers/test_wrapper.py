"""Wrapper and SpectralNormalization: what is held, kept, divided and refused."""

from __future__ import annotations

import json
from typing import Any

import jax
import numpy as np
import pytest

from ranvier import layers, utils


class Doubled(layers.Wrapper):
    """Twice what the layer returns."""

    def call(self, inputs: Any) -> Any:
        return self.layer(inputs) * 2


class Own(layers.Layer):
    """A layer of a user, known by custom_objects only."""

    def call(self, inputs: Any) -> Any:
        return inputs + 1


def test_a_wrapper_builds_holds_and_remakes_its_layer() -> None:
    wrapper = Doubled(layers.Dense(2, kernel_initializer="ones"))
    np.testing.assert_array_equal(wrapper([[1.0, 2.0]]), [[6.0, 6.0]])
    assert [v.path for v in wrapper.weights] == [v.path for v in wrapper.layer.weights]
    twin = Doubled.from_config(json.loads(json.dumps(wrapper.get_config())))
    assert twin.layer.units == 2 and twin.layer is not wrapper.layer
    own = Doubled.from_config(json.loads(json.dumps(Doubled(Own()).get_config())), custom_objects={"Own": Own})
    np.testing.assert_array_equal(own([[1.0]]), [[4.0]])


def test_a_wrapper_refuses_what_is_no_layer() -> None:
    with pytest.raises(ValueError, match="wraps a layer"):
        layers.Wrapper("dense")  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match=r"no call\(\)"):
        layers.Wrapper(layers.Dense(1))(np.ones((1, 2)))


def spectral(**more: Any) -> Any:
    utils.set_random_seed(1)
    layer = layers.SpectralNormalization(layers.Dense(4), **more)
    layer.build((None, 6))
    return layer


def largest(layer: Any) -> float:
    return float(np.linalg.norm(layer.layer.kernel.numpy(), 2))


def test_the_largest_singular_value_comes_to_one() -> None:
    layer = spectral(power_iterations=30)
    layer.kernel.assign(layer.kernel.value * 7)
    layer(np.ones((1, 6)))
    assert largest(layer) > 2
    layer(np.ones((1, 6)), training=True)
    assert largest(layer) == pytest.approx(1.0, rel=1e-3)


def test_a_kernel_of_zeros_stays_and_has_a_gradient() -> None:
    layer = spectral()
    layer.kernel.assign(np.zeros((6, 4)))
    u = layer.vector_u.numpy()
    assert not np.any(layer(np.ones((1, 6)), training=True))
    np.testing.assert_array_equal(layer.vector_u, u)
    fixed = [v.stored for v in layer.non_trainable_variables]

    def loss(trainable: Any) -> Any:
        return layer.stateless_call(trainable, fixed, np.ones((1, 6), "float32"), training=True)[0].sum()

    gradients = jax.grad(loss)([v.stored for v in layer.trainable_variables])
    assert all(np.isfinite(g).all() for g in gradients)


def test_a_frozen_layer_computes_alike_and_keeps_its_weights() -> None:
    layer, frozen = spectral(), spectral()
    frozen.set_weights(layer.get_weights())
    frozen.trainable = False
    before = frozen.get_weights()
    x = np.random.default_rng(0).normal(size=(2, 6)).astype("float32")
    np.testing.assert_allclose(frozen(x, training=True), layer(x, training=True), rtol=1e-6)
    for a, b in zip(before, frozen.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_an_embedding_stays_a_table_of_floats() -> None:
    layer = layers.SpectralNormalization(layers.Embedding(5, 3))
    assert layer(np.array([[1, 2]]), training=True).dtype == "float32"


def test_layers_without_a_kernel_are_refused() -> None:
    for wrapped in (layers.Flatten(), layers.Dense(2, lora_rank=1)):
        with pytest.raises(ValueError, match="singular value"):
            layers.SpectralNormalization(wrapped).build((None, 3))
    with pytest.raises(ValueError, match="positive"):
        layers.SpectralNormalization(layers.Dense(1), power_iterations=0)
