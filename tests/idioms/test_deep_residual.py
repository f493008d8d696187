"""Fifty layers: with sums past them gradients arrive and the network learns; plain sigmoids stand still."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import ranvier as keras
from ranvier import layers

DEPTH, SIZE = 50, 8
RNG = np.random.default_rng(0)
X = RNG.normal(size=(256, 4)).astype("float32")
Y = (X[:, 0] * X[:, 1] > 0).astype("int32")  # not linear: a line gets half of it


def residual(depth: int = DEPTH) -> Any:
    """The plain layers with x + f(x) in the place of f(x), Source: He et al., 2016."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input((4,))
    x = layers.Dense(SIZE, name="layer_0")(inputs)
    small = keras.initializers.VarianceScaling(0.1)
    for number in range(1, depth - 1):
        y = layers.Dense(SIZE, activation="tanh", kernel_initializer=small, name=f"layer_{number}")(x)
        x = layers.Add()([x, y])
    return keras.Model(inputs, layers.Dense(1, name="last")(x))


def plain(activation: str = "sigmoid", depth: int = DEPTH) -> Any:
    keras.utils.set_random_seed(0)
    parts = [layers.Dense(SIZE, activation=activation, name=f"layer_{number}") for number in range(depth - 1)]
    return keras.Sequential([keras.Input((4,)), *parts, layers.Dense(1, name="last")])


def gradient_norms(model: Any) -> list[float]:
    """Return the norm of the loss's gradient for each kernel of Dense, the first layer's first."""
    kernels = [n for n, v in enumerate(model.trainable_variables) if v.path.endswith("kernel")]
    loss = keras.losses.BinaryCrossentropy(from_logits=True)

    def of(weights: Any) -> Any:
        fixed = [v.value for v in model.non_trainable_variables]
        return loss(Y[:32], model.stateless_call(weights, fixed, jnp.asarray(X[:32]), training=True)[0][:, 0])

    found = jax.jit(jax.grad(of))([v.value for v in model.trainable_variables])
    return [float(jnp.linalg.norm(found[n])) for n in kernels]


def trained(model: Any, epochs: int) -> list[float]:
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(5e-3), loss)
    return model.fit(X, Y, batch_size=32, epochs=epochs, verbose=0, seed=0).history["loss"]


def test_gradients_arrive_at_the_first_of_fifty_residual_layers_and_not_of_fifty_sigmoids() -> None:
    norms = gradient_norms(plain())
    assert len(norms) == DEPTH
    # A sigmoid's slope is at most 1/4: over 49 of them nothing is left, even where weights are larger than here.
    assert norms[0] < 1e-12 * norms[-1] and norms[-1] > 1e-2
    assert all(early < late for early, late in zip(norms[1:25], norms[10:35], strict=False) if late > 0)
    norms = gradient_norms(residual())
    assert len(norms) == DEPTH
    assert min(norms) > 1e-3 * max(norms) and norms[0] > 1e-2 * norms[-1]


@pytest.mark.slow
def test_the_residual_network_learns_and_the_plain_one_does_not() -> None:
    learned = trained(residual(), 40)
    assert learned[-1] < 0.3 < 0.6 < learned[0]
    stuck = trained(plain(), 40)
    chance = float(-(Y.mean() * np.log(Y.mean()) + (1 - Y.mean()) * np.log(1 - Y.mean())))
    assert stuck[-1] > 0.97 * chance, "the last bias is all that it learns"
    # Depth is what does it: five of these layers do learn something.
    assert trained(plain("tanh", 5), 40)[-1] < 0.5
