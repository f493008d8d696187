"""Variational autoencoders: add_loss, a train_step of one's own, a Sampling layer with a SeedGenerator."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

import ranvier as keras
from ranvier import layers, ops
from ranvier._errors import NotReady
from ranvier.compat import install
from tests.idioms.weights import moved, trained, values

ROWS, FEATURES, LATENT = 32, 4, 2
DATA = np.random.default_rng(0).uniform(size=(ROWS, FEATURES)).astype("float32")


def divergence(mean: np.ndarray, log_var: np.ndarray) -> float:
    """Return the mean over rows of KL(N(mean, exp(log_var)) | N(0, 1)), in float64."""
    mean, log_var = np.asarray(mean, "float64"), np.asarray(log_var, "float64")
    return float((0.5 * (mean**2 + np.exp(log_var) - 1 - log_var)).sum(1).mean())


class Sampling(layers.Layer):
    """Draws z from the mean and the log of the variance, with a seed of its own; keeps what it drew last."""

    def __init__(self, seed: int | None = 1337, divergent: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seed, self.divergent = seed, divergent
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, mean_shape: Any, log_var_shape: Any) -> None:
        self.drawn = self.add_weight(name="drawn", shape=(ROWS, LATENT), initializer="zeros", trainable=False)

    def call(self, mean: Any, log_var: Any) -> Any:
        noise = keras.random.normal(ops.shape(mean), seed=self.seed_generator)
        self.drawn.assign(noise)
        if self.divergent:
            kl = -0.5 * ops.sum(1 + log_var - ops.square(mean) - ops.exp(log_var), axis=-1)
            self.add_loss(ops.mean(kl))
        return mean + ops.exp(0.5 * log_var) * noise


def encoder(sampling: Any) -> Any:
    inputs = keras.Input((FEATURES,), batch_size=ROWS)
    x = layers.Dense(6, activation="relu")(inputs)
    mean, log_var = layers.Dense(LATENT, name="z_mean")(x), layers.Dense(LATENT, name="z_log_var")(x)
    return keras.Model(inputs, [mean, log_var, sampling(mean, log_var)], name="encoder")


def decoder() -> Any:
    return keras.Sequential([keras.Input((LATENT,)), layers.Dense(FEATURES, activation="sigmoid")], name="decoder")


def by_add_loss(seed: int | None = 1337, doctor: str = "off") -> tuple[Any, Any]:
    keras.utils.set_random_seed(1)
    encode = encoder(Sampling(seed, divergent=True, name="sampling"))
    inputs = keras.Input((FEATURES,), batch_size=ROWS)
    _, _, z = encode(inputs)
    model = keras.Model(inputs, decoder()(z))
    model.compile(keras.optimizers.SGD(0.0), "mse", doctor=doctor)
    return model, encode


def test_the_loss_is_reconstruction_plus_the_divergence_in_closed_form() -> None:
    model, encode = by_add_loss()
    before = model.predict(DATA, batch_size=ROWS)
    history = model.fit(DATA, DATA, batch_size=ROWS, epochs=3, shuffle=False, verbose=0)
    mean, log_var, _ = encode.predict(DATA, batch_size=ROWS)
    drawn = np.asarray(encode.get_layer("sampling").drawn.value)  # what the last step drew
    z = mean + np.exp(0.5 * log_var) * drawn
    kernel, bias = model.layers[-1].get_weights()
    rebuilt = 1 / (1 + np.exp(-(z @ kernel + bias)))
    expected = ((rebuilt - DATA) ** 2).mean() + divergence(mean, log_var)
    assert history.history["loss"][-1] == pytest.approx(expected, rel=1e-5)
    # The rate is 0, so the epochs differ by their noise alone.
    assert len(set(history.history["loss"])) == 3
    assert divergence(mean, log_var) > 1e-3 and before.shape == DATA.shape
    model.compile(keras.optimizers.SGD(0.1), None)
    kl = [float(loss) for loss in model.fit(DATA, batch_size=ROWS, epochs=2, verbose=0).history["loss"]]
    assert kl[0] == pytest.approx(divergence(mean, log_var), rel=1e-5) and kl[1] < kl[0], "the divergence alone"


def test_noise_is_new_at_every_step_and_the_same_in_every_run() -> None:
    runs = []
    for seed in (1337, 1337, 7):
        model, encode = by_add_loss(seed)
        model.compile(keras.optimizers.Adam(1e-2), "mse")
        layer, drawn = encode.get_layer("sampling"), []

        def keep(batch: int, logs: Any, layer: Any = layer, drawn: list[bytes] = drawn) -> None:
            drawn.append(np.asarray(layer.drawn.value).tobytes())

        keeper = keras.callbacks.LambdaCallback(on_train_batch_end=keep)
        history = model.fit(
            np.tile(DATA, (3, 1)), np.tile(DATA, (3, 1)), batch_size=ROWS, verbose=0, callbacks=[keeper]
        )
        assert len(set(drawn)) == len(drawn) == 3
        runs.append((drawn, history.history["loss"], [w.tobytes() for w in model.get_weights()]))
    assert runs[0] == runs[1], "bit by bit"
    assert not set(runs[0][0]) & set(runs[2][0])


def trained_by_step(doctor: str = "report") -> Any:
    """The guide's VAE: three trackers, a tape, in `fit`."""
    with install():
        import tensorflow as tf

    class VAE(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.encoder, self.decoder = encoder(Sampling()), decoder()
            self.total_loss_tracker = keras.metrics.Mean(name="total_loss")
            self.reconstruction_loss_tracker = keras.metrics.Mean(name="reconstruction_loss")
            self.kl_loss_tracker = keras.metrics.Mean(name="kl_loss")

        @property
        def metrics(self) -> list[Any]:
            return [self.total_loss_tracker, self.reconstruction_loss_tracker, self.kl_loss_tracker]

        def train_step(self, data: Any) -> dict[str, Any]:
            with tf.GradientTape() as tape:
                z_mean, z_log_var, z = self.encoder(data)
                reconstruction = self.decoder(z)
                reconstruction_loss = tf.reduce_mean(
                    tf.reduce_sum(keras.losses.binary_crossentropy(data[..., None], reconstruction[..., None]), axis=1)
                )
                kl_loss = -0.5 * (1 + z_log_var - tf.square(z_mean) - tf.exp(z_log_var))
                kl_loss = tf.reduce_mean(tf.reduce_sum(kl_loss, axis=1))
                total_loss = reconstruction_loss + kl_loss
            grads = tape.gradient(total_loss, self.trainable_weights)
            self.optimizer.apply_gradients(zip(grads, self.trainable_weights, strict=True))
            self.total_loss_tracker.update_state(total_loss)
            self.reconstruction_loss_tracker.update_state(reconstruction_loss)
            self.kl_loss_tracker.update_state(kl_loss)
            return {metric.name: metric.result() for metric in self.metrics}

    keras.utils.set_random_seed(1)
    vae = VAE()
    vae.compile(keras.optimizers.Adam(1e-2))
    return vae


@pytest.mark.slow
def test_a_train_step_moves_every_weight_and_reports_its_parts() -> None:
    runs = []
    for _ in range(2):
        vae = trained_by_step()
        before = values(vae)
        mean, log_var, _ = vae.encoder.predict(DATA, batch_size=ROWS)
        history = vae.fit(DATA, batch_size=ROWS, epochs=2, verbose=0).history
        assert history["kl_loss"][0] == pytest.approx(divergence(mean, log_var), rel=1e-4)
        parts = np.add(history["kl_loss"], history["reconstruction_loss"])
        np.testing.assert_allclose(history["total_loss"], parts, rtol=1e-5)
        assert {path for path in trained(before, 0) if "encoder" in path or "decoder" in path} <= moved(before, vae)
        runs.append((history, [w.tobytes() for w in vae.get_weights()]))
    assert runs[0] == runs[1]


def test_the_divergence_of_two_normals_by_hand() -> None:
    mean, log_var = np.array([[0.0, 1.0]], "float32"), np.array([[0.0, np.log(2.0)]], "float32")
    layer = Sampling(divergent=True)
    with keras.StatelessScope(collect_losses=True) as inside:
        layer(jnp.tile(mean, (ROWS, 1)), jnp.tile(log_var, (ROWS, 1)))
        found = float(sum(inside.losses))
    # 0 for N(0, 1); (1 + 2 - 1 - ln 2) / 2 for N(1, 2).
    assert found == pytest.approx(divergence(mean, log_var)) == pytest.approx(1 - np.log(2) / 2)


def test_a_model_without_loss_and_without_add_loss_says_what_to_do() -> None:
    model = decoder()
    model.compile("adam", None)
    with pytest.raises(NotReady, match="add_loss"):
        model.fit(DATA[:, :LATENT], DATA, verbose=0)
