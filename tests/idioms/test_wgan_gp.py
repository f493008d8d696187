"""WGAN-GP: the penalty is a gradient of a gradient, by nested tapes and by jax.grad, against numbers in float64."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import ranvier as keras
from ranvier import layers, ops
from ranvier.compat import install
from ranvier.engine import compiled
from tests.idioms.weights import moved, trained, values

ROWS, FEATURES, HIDDEN = 6, 4, 5
RNG = np.random.default_rng(1)
REAL, FAKE = RNG.normal(size=(2, ROWS, FEATURES)).astype("float32")
ALPHA = RNG.uniform(size=(ROWS, 1)).astype("float32")
KERNELS = RNG.normal(size=(FEATURES, HIDDEN)).astype("float32"), RNG.normal(size=(HIDDEN, 1)).astype("float32")
BIASES = RNG.normal(size=HIDDEN).astype("float32"), np.zeros(1, "float32")


def critic() -> Any:
    hidden = layers.Dense(HIDDEN, activation="tanh")
    model = keras.Sequential([keras.Input((FEATURES,)), hidden, layers.Dense(1)], name="critic")
    model.set_weights([KERNELS[0], BIASES[0], KERNELS[1], BIASES[1]])
    return model


def by_hand() -> list[np.ndarray]:
    """Return the penalty mean((|g| - 1)^2), g = d critic / d x, and its gradient for the weights, in float64.

    critic(x) = v . tanh(x W + b): g = W (v s) with s = 1 - tanh^2; and d s / d a = -2 tanh s for a = x W + b.
    """
    w, b, v = (np.asarray(array, "float64") for array in (KERNELS[0], BIASES[0], KERNELS[1][:, 0]))
    x = REAL.astype("float64") + ALPHA * (FAKE.astype("float64") - REAL)
    t = np.tanh(x @ w + b)
    s = 1 - t**2
    g = (v * s) @ w.T  # [row, feature]
    norm = np.sqrt((g**2).sum(1, keepdims=True))
    of_g = 2 * (norm - 1) * g / norm / len(x)  # d penalty / d g
    of_vs = of_g @ w  # [row, unit]
    of_a = of_vs * v * (-2 * t * s)
    of_w = x.T @ of_a + of_g.T @ (v * s)
    return [((norm - 1) ** 2).mean(), of_w, of_a.sum(0), (of_vs * s).sum(0)[:, None]]


def close(found: Any, expected: Any) -> None:
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(np.asarray(one), other, rtol=2e-5, atol=2e-6)


def penalty_by_tapes(tf: Any, judge: Any) -> list[Any]:
    interpolated = REAL + ALPHA * (FAKE - REAL)
    with tf.GradientTape() as outer:
        x = tf.constant(interpolated)
        with tf.GradientTape() as gp_tape:
            gp_tape.watch(x)
            pred = judge(x, training=True)
        grads = gp_tape.gradient(pred, [x])[0]
        norm = tf.sqrt(tf.reduce_sum(tf.square(grads), axis=[1]))
        gp = tf.reduce_mean((norm - 1.0) ** 2)
    return [gp, *outer.gradient(gp, judge.trainable_variables, unconnected_gradients="zero")]


def test_the_penalty_and_its_gradient_by_nested_tapes_eager_and_compiled() -> None:
    with install():
        import tensorflow as tf
    judge, expected = critic(), [*by_hand(), np.zeros(1)]
    before = values(judge)
    close(penalty_by_tapes(tf, judge), expected)
    close(tf.function(lambda: penalty_by_tapes(tf, judge))(), expected)
    assert moved(before, judge) == set()


def test_the_penalty_and_its_gradient_by_jax() -> None:
    judge = critic()

    def penalty(weights: Any) -> Any:
        x = jnp.asarray(REAL + ALPHA * (FAKE - REAL))
        slope = jax.grad(lambda x: jnp.sum(judge.stateless_call(weights, [], x)[0]))(x)
        return jnp.mean((jnp.sqrt(jnp.sum(slope**2, 1)) - 1) ** 2)

    found = jax.jit(jax.value_and_grad(penalty))([v.value for v in judge.trainable_variables])
    close([found[0], *found[1]], [*by_hand(), np.zeros(1)])


def wgan(critic_rate: float, generator_rate: float) -> Any:
    """WGAN-GP as keras.io's guide writes it: two critic steps per generator step, tapes within tapes, in fit."""
    with install():
        import tensorflow as tf
        from tensorflow import keras

    class WGAN(keras.Model):
        def __init__(self, discriminator: Any, generator: Any, latent_dim: int, discriminator_extra_steps: int) -> None:
            super().__init__()
            self.discriminator = discriminator
            self.generator = generator
            self.latent_dim = latent_dim
            self.d_steps = discriminator_extra_steps
            self.gp_weight = 10.0

        def compile(self, d_optimizer: Any, g_optimizer: Any) -> None:
            super().compile()
            self.d_optimizer = d_optimizer
            self.g_optimizer = g_optimizer

        def gradient_penalty(self, batch_size: Any, real_images: Any, fake_images: Any) -> Any:
            alpha = tf.random.uniform([batch_size, 1], 0.0, 1.0)
            interpolated = real_images + alpha * (fake_images - real_images)
            with tf.GradientTape() as gp_tape:
                gp_tape.watch(interpolated)
                pred = self.discriminator(interpolated, training=True)
            grads = gp_tape.gradient(pred, [interpolated])[0]
            return tf.reduce_mean((tf.sqrt(tf.reduce_sum(tf.square(grads), axis=[1])) - 1.0) ** 2)

        def train_step(self, real_images: Any) -> dict[str, Any]:
            if isinstance(real_images, tuple):
                real_images = real_images[0]
            batch_size = tf.shape(real_images)[0]
            for _ in range(self.d_steps):
                random_latent_vectors = tf.random.normal(shape=(batch_size, self.latent_dim))
                with tf.GradientTape() as tape:
                    fake_images = self.generator(random_latent_vectors, training=True)
                    fake_logits = self.discriminator(fake_images, training=True)
                    real_logits = self.discriminator(real_images, training=True)
                    d_cost = tf.reduce_mean(fake_logits) - tf.reduce_mean(real_logits)
                    gp = self.gradient_penalty(batch_size, real_images, fake_images)
                    d_loss = d_cost + gp * self.gp_weight
                d_gradient = tape.gradient(d_loss, self.discriminator.trainable_variables)
                self.d_optimizer.apply_gradients(zip(d_gradient, self.discriminator.trainable_variables, strict=True))
            random_latent_vectors = tf.random.normal(shape=(batch_size, self.latent_dim))
            with tf.GradientTape() as tape:
                generated = self.generator(random_latent_vectors, training=True)
                g_loss = -tf.reduce_mean(self.discriminator(generated, training=True))
            gen_gradient = tape.gradient(g_loss, self.generator.trainable_variables)
            self.g_optimizer.apply_gradients(zip(gen_gradient, self.generator.trainable_variables, strict=True))
            return {"d_loss": d_loss, "g_loss": g_loss, "gp": gp}

    keras.utils.set_random_seed(2)
    make = keras.Sequential([keras.Input((2,)), keras.layers.Dense(FEATURES)], name="generator")
    gan = WGAN(critic(), make, 2, discriminator_extra_steps=2)
    gan.compile(keras.optimizers.Adam(critic_rate), keras.optimizers.Adam(generator_rate))
    return gan


@pytest.mark.slow
def test_in_fit_each_optimizer_moves_its_own_network_in_one_program() -> None:
    gan, data = wgan(1e-2, 1e-2), np.tile(REAL, (4, 1))
    networks = gan.discriminator, gan.generator
    known = []
    for rates, who in [((1e-2, 1e-2), (0, 1)), ((0.0, 1e-2), (1,)), ((1e-2, 0.0), (0,))]:
        gan.d_optimizer.learning_rate, gan.g_optimizer.learning_rate = rates
        before = values(*networks)
        gan.fit(data, batch_size=ROWS, epochs=1, verbose=0)
        # The last bias of the critic has no part in the difference of two means, nor in a slope.
        wanted = {path for number in who for path in trained(before, number)} - {"0/dense_1/bias"}
        assert moved(before, *networks) - {"0/dense_1/bias"} == wanted
        known.append(compiled.shared.compilations)
    assert len(set(known)) == 1
    assert int(gan.d_optimizer.iterations) == 2 * int(gan.g_optimizer.iterations) == 2 * 3 * 4


@pytest.mark.slow
def test_the_penalty_pulls_the_slopes_to_one() -> None:
    keras.utils.set_random_seed(0)
    gan = wgan(5e-3, 0.0)
    gan.discriminator.set_weights([3 * weight for weight in gan.discriminator.get_weights()])
    data = np.random.default_rng(0).normal(2, 1, (512, FEATURES)).astype("float32")
    history = gan.fit(data, batch_size=64, epochs=30, verbose=0)
    assert history.history["gp"][-1] < 0.2 * history.history["gp"][0]
    noise = np.random.default_rng(1).normal(size=(200, 2)).astype("float32")
    middle = jnp.asarray((data[:200] + gan.generator.predict(noise)) / 2)
    slopes = jax.vmap(jax.grad(lambda x: ops.sum(gan.discriminator(x[None]))))(middle)
    assert 0.5 < float(jnp.mean(jnp.linalg.norm(slopes, axis=1))) < 1.5
