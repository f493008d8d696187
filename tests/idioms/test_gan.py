"""GANs in the three idioms of the tutorials; each says bit by bit which weights move, and when."""

from __future__ import annotations

import math
import pathlib
import warnings
from typing import Any

import jax
import numpy as np
import pytest

import ranvier as keras
from ranvier import layers, ops
from ranvier.compat import install
from ranvier.engine import compiled
from tests.idioms.weights import moved, statistics, trained, values

LATENT, ROWS = 3, 8
RNG = np.random.default_rng(0)
NOISE = RNG.normal(size=(ROWS, LATENT)).astype("float32")
REAL = RNG.normal(3, 1, size=(4 * ROWS, 4)).astype("float32")


def generator() -> Any:
    parts = [keras.Input((LATENT,)), layers.Dense(5, activation="relu"), layers.BatchNormalization(), layers.Dense(4)]
    return keras.Sequential(parts, name="generator")


def critic() -> Any:
    look = [keras.Input((4,)), layers.Dense(5), layers.BatchNormalization(), layers.LeakyReLU(negative_slope=0.2)]
    return keras.Sequential([*look, layers.Dropout(0.2), layers.Dense(1, activation="sigmoid")], name="critic")


def of_images() -> tuple[Any, Any]:
    """Critic and generator as in DCGAN, small."""
    look = [keras.Input((4, 4, 1)), layers.Conv2D(4, 3, strides=2, padding="same"), layers.BatchNormalization()]
    judge = [layers.LeakyReLU(negative_slope=0.2), layers.Flatten(), layers.Dropout(0.2)]
    parts = [keras.Input((LATENT,)), layers.Dense(8), layers.BatchNormalization(), layers.LeakyReLU(negative_slope=0.2)]
    grow = [layers.Reshape((2, 2, 2)), layers.Conv2DTranspose(1, 4, strides=2, padding="same")]
    last = layers.Dense(1, activation="sigmoid")
    return keras.Sequential([*look, *judge, last]), keras.Sequential([*parts, *grow])


# --- 1: train_step with two optimizers ------------------------------------------------------------------------------


def overridden(critic_rate: float, generator_rate: float, images: bool) -> Any:
    """A GAN as keras.io's guide of DCGAN writes it, TensorFlow's names and all."""
    with install():
        import tensorflow as tf
        from tensorflow import keras

    class GAN(keras.Model):
        def __init__(self, discriminator: Any, generator: Any, latent_dim: int) -> None:
            super().__init__()
            self.discriminator = discriminator
            self.generator = generator
            self.latent_dim = latent_dim
            self.seed_generator = keras.random.SeedGenerator(1337)

        def compile(self, d_optimizer: Any, g_optimizer: Any, loss_fn: Any) -> None:
            super().compile()
            self.d_optimizer = d_optimizer
            self.g_optimizer = g_optimizer
            self.loss_fn = loss_fn
            self.d_loss_metric = keras.metrics.Mean(name="d_loss")
            self.g_loss_metric = keras.metrics.Mean(name="g_loss")

        @property
        def metrics(self) -> list[Any]:
            return [self.d_loss_metric, self.g_loss_metric]

        def train_step(self, real_images: Any) -> dict[str, Any]:
            batch_size = tf.shape(real_images)[0]
            random_latent_vectors = keras.random.normal((batch_size, self.latent_dim), seed=self.seed_generator)
            generated_images = self.generator(random_latent_vectors, training=True)
            combined_images = tf.concat([generated_images, real_images], axis=0)
            labels = tf.concat([tf.ones((batch_size, 1)), tf.zeros((batch_size, 1))], axis=0)
            labels += 0.05 * tf.random.uniform(tf.shape(labels))
            with tf.GradientTape() as tape:
                predictions = self.discriminator(combined_images, training=True)
                d_loss = self.loss_fn(labels, predictions)
            grads = tape.gradient(d_loss, self.discriminator.trainable_weights)
            self.d_optimizer.apply_gradients(zip(grads, self.discriminator.trainable_weights, strict=True))
            random_latent_vectors = keras.random.normal((batch_size, self.latent_dim), seed=self.seed_generator)
            misleading_labels = tf.zeros((batch_size, 1))
            with tf.GradientTape() as tape:
                fakes = self.generator(random_latent_vectors, training=True)
                predictions = self.discriminator(fakes, training=True)
                g_loss = self.loss_fn(misleading_labels, predictions)
            grads = tape.gradient(g_loss, self.generator.trainable_weights)
            self.g_optimizer.apply_gradients(zip(grads, self.generator.trainable_weights, strict=True))
            self.d_loss_metric.update_state(d_loss)
            self.g_loss_metric.update_state(g_loss)
            return {"d_loss": self.d_loss_metric.result(), "g_loss": self.g_loss_metric.result()}

    keras.utils.set_random_seed(5)
    gan = GAN(*(of_images() if images else (critic(), generator())), LATENT)
    kind = keras.optimizers.Adam if images else keras.optimizers.SGD  # which compiles faster
    gan.compile(kind(critic_rate), kind(generator_rate), keras.losses.BinaryCrossentropy())
    return gan


IMAGES = [pytest.param(False, id="rows"), pytest.param(True, id="images", marks=pytest.mark.slow)]


@pytest.mark.parametrize("images", IMAGES)
def test_each_optimizer_of_a_train_step_moves_its_own_network_and_all_of_it(images: bool) -> None:
    gan = overridden(1e-2, 1e-2, images)
    networks = gan.discriminator, gan.generator
    real = np.tile(REAL, 4).reshape(-1, 4, 4, 1) if images else REAL
    steps, runs = len(REAL) // ROWS, []
    for critic_rate, generator_rate, who in [
        (1e-2, 1e-2, {0, 1}),
        (0.0, 1e-2, {1}),
        (1e-2, 0.0, {0}),
        (0.0, 0.0, set()),
    ]:
        gan.d_optimizer.learning_rate, gan.g_optimizer.learning_rate = critic_rate, generator_rate
        before = values(*networks)
        history = gan.fit(real[: steps * ROWS], batch_size=ROWS, epochs=1, verbose=0)
        changed = moved(before, *networks)
        for number in (0, 1):
            assert trained(changed, number) == (trained(before, number) if number in who else set())
            # Both networks ran with training=True: statistics follow, whether or not weights do.
            assert statistics(changed, number) == statistics(before, number)
        runs.append(compiled.shared.compilations)
    assert len(set(runs)) == 1, "a rate is data: no other program"
    assert int(gan.d_optimizer.iterations) == int(gan.g_optimizer.iterations) == 4 * steps
    assert set(history.history) == {"d_loss", "g_loss"}


# --- 2: compile D, freeze D, compile the stack ----------------------------------------------------------------------


def stacked() -> tuple[Any, Any, Any]:
    keras.utils.set_random_seed(5)
    make, judge = generator(), critic()
    judge.compile(keras.optimizers.Adam(1e-2, beta_1=0.5), "binary_crossentropy", metrics=["accuracy"])
    judge.trainable = False
    z = keras.Input((LATENT,))
    stack = keras.Model(z, judge(make(z)))
    stack.compile(keras.optimizers.Adam(1e-2, beta_1=0.5), "binary_crossentropy")
    return make, judge, stack


def test_a_critic_compiled_before_it_was_frozen_trains_alone_and_stands_still_in_the_stack(
    tmp_path: pathlib.Path,
) -> None:
    make, judge, stack = stacked()
    ones, zeros = np.ones((ROWS, 1)), np.zeros((ROWS, 1))
    assert not judge.trainable_variables and len(stack.trainable_variables) == len(make.trainable_variables) > 0
    counts = []
    with pytest.warns(UserWarning, match=r"`trainable` of .*changed after compile"):
        judge.train_on_batch(REAL[:ROWS], ones)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # told once; the stack's critic was frozen before it was compiled
        for turn in range(3):
            before = values(judge, make)
            fakes = make.predict_on_batch(NOISE)
            judge.train_on_batch(REAL[turn * ROWS : (turn + 1) * ROWS], ones)
            judge.train_on_batch(fakes, zeros)
            changed = moved(before, judge, make)
            assert changed == {path for path in before if path.startswith("0/") and "seed" not in path}

            before = values(judge, make)
            stack.train_on_batch(NOISE + turn, ones)
            changed = moved(before, judge, make)
            assert changed == {path for path in before if path.startswith("1/")}
            counts.append(compiled.shared.compilations)
    assert len(set(counts)) == 1, "every step after the first ones runs a program that is there"
    assert (int(judge.optimizer.iterations), int(stack.optimizer.iterations)) == (7, 3)

    stack.save(tmp_path / "stack.keras")
    loaded = keras.models.load_model(tmp_path / "stack.keras")
    assert [v.shape for v in loaded.trainable_variables] == [v.shape for v in stack.trainable_variables]
    assert loaded.predict(NOISE).tobytes() == stack.predict(NOISE).tobytes()
    before, twin = values(loaded), values(stack)
    assert moved(before, stack) == set()
    for model in (stack, loaded):
        model.fit(NOISE, ones, epochs=1, verbose=0, seed=1)
    assert moved(values(stack), loaded) == set(), "training goes on alike, slots and all"
    assert moved(twin, loaded) == {path for path in twin if "generator" in path}


@pytest.mark.slow
def test_fit_of_a_frozen_stack_equals_its_own_steps_and_the_other_ways_to_freeze() -> None:
    """Layers frozen one by one, and the critic thawed after the stack was compiled, as some tutorials do."""
    results = []
    for way in ("model", "layers", "thawed"):
        keras.utils.set_random_seed(5)
        make, judge = generator(), critic()
        judge.compile("adam", "binary_crossentropy")
        if way == "layers":
            for layer in judge.layers:
                layer.trainable = False
        else:
            judge.trainable = False
        z = keras.Input((LATENT,))
        stack = keras.Model(z, judge(make(z)))
        stack.compile(keras.optimizers.SGD(0.1), "binary_crossentropy")
        if way == "thawed":
            judge.trainable = True
        before = values(judge, make)
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            stack.fit(NOISE, np.ones((ROWS, 1)), batch_size=4, epochs=2, shuffle=False, verbose=0, seed=2)
        assert [str(w.message).startswith("`trainable` of critic") for w in told] == [True] * (way == "thawed")
        assert moved(before, judge, make) == {path for path in before if path.startswith("1/")}
        results.append(values(make))
    for other in results[1:]:
        assert all(other[path].tobytes() == results[0][path].tobytes() for path in other)


# --- 3: loops of one's own ------------------------------------------------------------------------------------------


def test_a_loop_with_two_tapes_and_a_compiled_function() -> None:
    """TensorFlow's DCGAN tutorial: one `@tf.function`, two tapes open at once, two optimizers."""
    with install():
        import tensorflow as tf
        from tensorflow import keras
    keras.utils.set_random_seed(5)
    make, judge = generator(), critic()
    entropy = tf.keras.losses.BinaryCrossentropy()
    make_optimizer, judge_optimizer = tf.keras.optimizers.Adam(1e-2), tf.keras.optimizers.Adam(1e-2)
    traces = []

    @tf.function
    def train_step(images: Any, noise: Any) -> Any:
        traces.append(1)
        with tf.GradientTape() as gen_tape, tf.GradientTape() as disc_tape:
            fakes = make(noise, training=True)
            real_output = judge(images, training=True)
            fake_output = judge(fakes, training=True)
            gen_loss = entropy(tf.ones_like(fake_output), fake_output)
            disc_loss = entropy(tf.ones_like(real_output), real_output) + entropy(
                tf.zeros_like(fake_output), fake_output
            )
        of_make = gen_tape.gradient(gen_loss, make.trainable_variables)
        of_judge = disc_tape.gradient(disc_loss, judge.trainable_variables)
        make_optimizer.apply_gradients(zip(of_make, make.trainable_variables, strict=True))
        judge_optimizer.apply_gradients(zip(of_judge, judge.trainable_variables, strict=True))
        return gen_loss, disc_loss

    before = values(judge, make)
    losses = [[float(x) for x in train_step(REAL[:ROWS], NOISE)]]
    once = len(traces)
    losses += [[float(x) for x in train_step(REAL[n * ROWS : (n + 1) * ROWS], NOISE - n)] for n in range(1, 4)]
    assert len(traces) == once, "one program for all steps"
    assert moved(before, judge, make) == {path for path in before if "seed" not in path}
    assert np.isfinite(losses).all() and int(make_optimizer.iterations) == int(judge_optimizer.iterations) == 4
    judge_optimizer.learning_rate = 0.0
    before = values(judge, make)
    train_step(REAL[:ROWS], NOISE)
    changed = moved(before, judge, make)
    assert len(traces) == once and not trained(changed, 0) and trained(changed, 1) == trained(before, 1)


def test_a_loop_of_pure_functions_moves_what_its_gradient_is_of() -> None:
    """Keras's stateless way, under jax.jit: state goes in and comes out, and nothing else changes."""
    keras.utils.set_random_seed(5)
    make, judge = generator(), critic()
    optimizer = keras.optimizers.SGD(0.1)
    optimizer.build(make.trainable_variables)
    traces = []

    def loss_of(weights: Any, fixed: Any, of_judge: Any, noise: Any) -> Any:
        traces.append(1)
        fakes, fixed = make.stateless_call(weights, fixed, noise, training=True)
        verdict, _ = judge.stateless_call(*of_judge, fakes, training=False)
        return ops.mean(-ops.log(verdict)), fixed

    @jax.jit
    def step(weights: Any, fixed: Any, slots: Any, of_judge: Any, noise: Any) -> Any:
        (loss, fixed), gradients = jax.value_and_grad(loss_of, has_aux=True)(weights, fixed, of_judge, noise)
        weights, slots = optimizer.stateless_apply(slots, gradients, weights)
        return loss, weights, fixed, slots

    before = values(judge, make)
    state = [[v.value for v in group] for group in (make.trainable_variables, make.non_trainable_variables)]
    slots = [v.value for v in optimizer.variables]
    of_judge = [[v.value for v in group] for group in (judge.trainable_variables, judge.non_trainable_variables)]
    losses = []
    for turn in range(4):
        loss, *state, slots = step(*state, slots, of_judge, NOISE + turn / 100)
        losses.append(float(loss))
    assert moved(before, judge, make) == set(), "a pure function leaves the models as they are"
    for variables, new in zip((make.trainable_variables, make.non_trainable_variables), state, strict=True):
        for variable, value in zip(variables, new, strict=True):
            variable.assign(value)
    assert moved(before, judge, make) == {path for path in before if path.startswith("1/")}
    assert len(traces) == 1 and losses[-1] < losses[0] and math.isfinite(losses[-1])


def test_a_train_step_on_built_networks_may_take_other_data_than_call() -> None:
    class Pair(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.made = keras.Sequential([keras.Input((4,)), layers.Dense(3)])
            self.judged = keras.Sequential([keras.Input((3,)), layers.Dense(1)])

        def call(self, noise):
            return self.made(noise)

        def train_step(self, data):
            real, noise = data[0]
            with keras.GradientTape() as tape:
                loss = ops.mean(self.judged(real) ** 2) + ops.mean(self.made(noise) ** 2)
            variables = self.trainable_variables
            self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
            return {"loss": loss}

    pair = Pair()
    pair.compile("adam")
    losses = pair.fit([np.ones((8, 3), "float32"), np.ones((8, 4), "float32")], epochs=3, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    assert pair.predict(np.ones((2, 4), "float32"), verbose=0).shape == (2, 3)
