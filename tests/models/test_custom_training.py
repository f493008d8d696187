"""Users' own training steps run inside the compiled loop and equal loops written by hand in plain JAX."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import ranvier as keras
from ranvier import layers, ops
from ranvier._errors import InvalidArgument
from ranvier.engine import compiled
from ranvier.engine.train_state import seed_data
from ranvier.state.rng import step_key
from ranvier.state.scope import Scope

RNG = np.random.default_rng(0)
DATA = RNG.normal(size=(40, 4)).astype(np.float32)
GENERATOR = RNG.normal(size=(3, 4)).astype(np.float32)
CRITIC = RNG.normal(size=(4, 1)).astype(np.float32)


class Gan(keras.Model):
    """Two optimizers, several critic steps per generator step, an own counter, random draws, own metrics."""

    def __init__(self, critic_steps: int = 2) -> None:
        super().__init__()
        self.generator = layers.Dense(4, use_bias=False)
        self.critic = layers.Dense(1, use_bias=False)
        self.generator.build((None, 3))
        self.critic.build((None, 4))
        self.generator.set_weights([GENERATOR])
        self.critic.set_weights([CRITIC])
        self.critic_steps = critic_steps
        self.counter = keras.Variable(0.0, trainable=False, name="counter")
        self.critic_tracker = keras.metrics.Mean(name="critic_loss")

    def compile(self, critic_optimizer: Any, generator_optimizer: Any) -> None:
        super().compile()
        self.critic_optimizer = critic_optimizer
        self.generator_optimizer = generator_optimizer

    def train_step(self, data: Any) -> dict[str, Any]:
        for _ in range(self.critic_steps):
            noise = keras.random.normal((data.shape[0], 3))
            with keras.GradientTape() as tape:
                fake = self.critic(self.generator(noise))
                critic_loss = ops.mean(ops.softplus(-self.critic(data))) + ops.mean(ops.softplus(fake))
            gradients = tape.gradient(critic_loss, self.critic.trainable_variables)
            self.critic_optimizer.apply_gradients(zip(gradients, self.critic.trainable_variables, strict=True))
        noise = keras.random.normal((data.shape[0], 3))
        with keras.GradientTape() as tape:
            loss = ops.mean(ops.softplus(-self.critic(self.generator(noise))))
        gradients = tape.gradient(loss, self.generator.trainable_variables)
        self.generator_optimizer.apply_gradients(zip(gradients, self.generator.trainable_variables, strict=True))
        self.counter.assign_add(1.0)
        self.critic_tracker.update_state(critic_loss)
        return {"loss": loss, "critic_loss": self.critic_tracker.result()}


def hand_written(steps: int, seed: int, batches: list[np.ndarray], rate: float = 0.1) -> tuple[Any, Any, list[float]]:
    """The same training with explicit keys, gradients and updates."""
    g, d, losses = jnp.asarray(GENERATOR), jnp.asarray(CRITIC), []
    for step in range(steps):
        x = jnp.asarray(batches[step])
        running = Scope(key=step_key(seed_data(seed), jnp.int32(step)))
        for _ in range(2):
            z = jax.random.normal(running.next_key(), (x.shape[0], 3))

            def critic_loss(d: Any, z: Any = z, x: Any = x, g: Any = g) -> Any:
                return jax.nn.softplus(-(x @ d)).mean() + jax.nn.softplus((z @ g) @ d).mean()

            d = d - rate * jax.grad(critic_loss)(d)
        z = jax.random.normal(running.next_key(), (x.shape[0], 3))

        def generator_loss(g: Any, z: Any = z, d: Any = d) -> Any:
            return jax.nn.softplus(-((z @ g) @ d)).mean()

        loss, gradient = jax.value_and_grad(generator_loss)(g)
        g = g - rate * gradient
        losses.append(float(loss))
    return g, d, losses


def test_two_optimizers_and_several_critic_steps_equal_a_hand_written_loop() -> None:
    model = Gan()
    model.compile(keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.1))
    history = model.fit(DATA, batch_size=8, epochs=2, shuffle=False, verbose=0, seed=7)
    batches = [DATA[i : i + 8] for i in range(0, 40, 8)] * 2
    g, d, losses = hand_written(10, 7, batches)
    np.testing.assert_allclose(model.generator.get_weights()[0], g, rtol=2e-5, atol=2e-6)
    np.testing.assert_allclose(model.critic.get_weights()[0], d, rtol=2e-5, atol=2e-6)
    assert float(model.counter) == 10
    assert history.history["loss"][-1] == pytest.approx(losses[-1], rel=1e-4)
    assert int(model.critic_optimizer.iterations) == 20
    assert int(model.generator_optimizer.iterations) == 10


def test_a_custom_step_is_one_compiled_program_and_reruns_are_bit_equal() -> None:
    results = []
    before = compiled.shared.compilations
    for _ in range(2):
        model = Gan()
        model.compile(keras.optimizers.Adam(0.01), keras.optimizers.Adam(0.01))
        model.fit(DATA, batch_size=8, epochs=3, verbose=0, seed=3)
        results.append(model.get_weights())
        first = compiled.shared.compilations - before
    assert compiled.shared.compilations - before == first <= 3
    for one, two in zip(*results, strict=True):
        np.testing.assert_array_equal(one, two)


class Penalized(keras.Model):
    """A critic with a gradient penalty: the gradient of a gradient, by nested tapes."""

    def __init__(self) -> None:
        super().__init__()
        self.critic = layers.Dense(1, use_bias=False, activation="tanh")
        self.critic.build((None, 4))
        self.critic.set_weights([CRITIC])

    def train_step(self, data: Any) -> dict[str, Any]:
        with keras.GradientTape() as outer:
            with keras.GradientTape() as inner:
                inner.watch(data)
                value = self.critic(data)
            slope = inner.gradient(value, [data])[0]
            norm = ops.sqrt(ops.sum(ops.square(slope), axis=1) + 1e-12)
            loss = ops.mean(ops.square(norm - 1.0)) + ops.mean(value)
        gradients = outer.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
        return {"loss": loss}


def test_a_gradient_of_a_gradient_equals_jax() -> None:
    model = Penalized()
    model.compile(keras.optimizers.SGD(0.1))
    model.fit(DATA, batch_size=40, epochs=1, shuffle=False, verbose=0)

    def loss(w: Any) -> Any:
        slope = jax.grad(lambda x: jnp.tanh(x @ w).sum())(jnp.asarray(DATA))
        norm = jnp.sqrt(jnp.square(slope).sum(1) + 1e-12)
        return jnp.square(norm - 1).mean() + jnp.tanh(DATA @ w).mean()

    expected = CRITIC - 0.1 * jax.grad(loss)(jnp.asarray(CRITIC))
    np.testing.assert_allclose(model.get_weights()[0], expected, rtol=1e-5, atol=1e-6)


class Persistent(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.a = layers.Dense(1, use_bias=False, kernel_initializer="ones")
        self.b = layers.Dense(1, use_bias=False, kernel_initializer="ones")
        self.unused = layers.Dense(1, use_bias=False)
        for layer in (self.a, self.b, self.unused):
            layer.build((None, 4))
        self.seen = keras.Variable(np.zeros((2, 4, 1), np.float32), trainable=False, name="seen")

    def train_step(self, data: Any) -> dict[str, Any]:
        with keras.GradientTape(persistent=True) as tape:
            out = ops.mean(self.a(data) * self.b(data))
        first = tape.gradient(out, self.a.trainable_variables)[0]
        second, none = tape.gradient(out, [self.b.kernel, self.unused.kernel])
        assert none is None
        self.seen.assign(ops.stack([first, second]))
        return {"loss": out}


def test_a_persistent_tape_answers_twice_and_unconnected_sources_give_none() -> None:
    model = Persistent()
    model.compile()
    model.fit(DATA, batch_size=40, epochs=1, shuffle=False, verbose=0)
    total = DATA.sum(1, keepdims=True)
    expected = (DATA * total).mean(0)[:, None]
    np.testing.assert_allclose(np.asarray(model.seen), [expected, expected], rtol=1e-5)


def test_a_second_gradient_of_a_plain_tape_is_refused() -> None:
    class Twice(Persistent):
        def train_step(self, data: Any) -> dict[str, Any]:
            with keras.GradientTape() as tape:
                out = ops.mean(self.a(data))
            tape.gradient(out, self.a.trainable_variables)
            tape.gradient(out, self.a.trainable_variables)
            return {"loss": out}

    model = Twice()
    model.compile()
    with pytest.raises(InvalidArgument, match="persistent"):
        model.fit(DATA, verbose=0)


class Stateless(keras.Model):
    """Keras's idiom for JAX: the state goes in and comes out."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = layers.Dense(1, kernel_initializer="zeros")
        self.loss_tracker = keras.metrics.Mean(name="loss")

    def call(self, x: Any) -> Any:
        return self.dense(x)

    def compute_loss_and_updates(self, trainable: Any, fixed: Any, x: Any, y: Any) -> Any:
        y_pred, fixed = self.stateless_call(trainable, fixed, x, training=True)
        return ops.mean(ops.square(y - y_pred)), fixed

    def train_step(self, state: Any, data: Any) -> Any:
        trainable, fixed, slots, metrics = state
        x, y = data
        gradient_of = jax.value_and_grad(self.compute_loss_and_updates, has_aux=True)
        (loss, fixed), grads = gradient_of(trainable, fixed, x, y)
        trainable, slots = self.optimizer.stateless_apply(slots, grads, trainable)
        return {"loss": loss}, (trainable, fixed, slots, metrics)


def test_the_stateless_idiom_equals_the_standard_step() -> None:
    y = DATA.sum(1, keepdims=True)
    model = Stateless()
    model.compile(optimizer=keras.optimizers.Adam(0.05))
    model.fit(DATA, y, batch_size=8, epochs=3, shuffle=False, verbose=0)
    plain = keras.Sequential([layers.Dense(1, kernel_initializer="zeros", input_shape=(4,))])
    plain.compile(optimizer=keras.optimizers.Adam(0.05), loss="mse")
    plain.fit(DATA, y, batch_size=8, epochs=3, shuffle=False, verbose=0)
    for one, two in zip(model.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-5, atol=1e-6)


class OwnLoss(keras.Model):
    """Only the loss is the user's."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = layers.Dense(1, kernel_initializer="zeros")

    def call(self, x: Any) -> Any:
        return self.dense(x)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        return ops.mean(ops.abs(y - y_pred))


def test_an_own_compute_loss_is_what_training_minimises() -> None:
    y = DATA.sum(1, keepdims=True)
    model = OwnLoss()
    model.compile(optimizer=keras.optimizers.SGD(0.1), metrics=["mae"])
    history = model.fit(DATA, y, batch_size=8, epochs=3, shuffle=False, verbose=0)
    plain = keras.Sequential([layers.Dense(1, kernel_initializer="zeros", input_shape=(4,))])
    plain.compile(optimizer=keras.optimizers.SGD(0.1), loss="mae", metrics=["mae"])
    expected = plain.fit(DATA, y, batch_size=8, epochs=3, shuffle=False, verbose=0)
    for one, two in zip(model.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(history.history["loss"], expected.history["loss"], rtol=1e-5)
    np.testing.assert_allclose(history.history["mae"], expected.history["mae"], rtol=1e-5)


def test_a_custom_test_step_is_used_by_evaluate_and_validation() -> None:
    class Own(OwnLoss):
        def test_step(self, data: Any) -> dict[str, Any]:
            x, y = data
            return {"worst": ops.max(ops.abs(self(x, training=False) - y))}

    y = DATA.sum(1, keepdims=True)
    model = Own()
    model.compile(optimizer="sgd")
    history = model.fit(DATA, y, batch_size=40, epochs=1, verbose=0, validation_data=(DATA, y))
    expected = np.abs(model.predict(DATA, verbose=0) - y).max()
    assert model.evaluate(DATA, y, batch_size=40, verbose=0, return_dict=True)["worst"] == pytest.approx(expected)
    assert history.history["val_worst"] == [pytest.approx(expected)]


class Silent(keras.Model):
    """A step whose calls do not all say whether they train."""

    def __init__(self, **training: Any) -> None:
        super().__init__()
        self.training = training
        self.norm, self.drop = layers.BatchNormalization(), layers.Dropout(0.5)

    def call(self, x: Any, training: bool | None = None) -> Any:
        return self.drop(self.norm(x))

    def train_step(self, data: Any) -> dict[str, Any]:
        return {"loss": ops.mean(ops.square(self(data, **self.training)))}


@pytest.mark.parametrize("training", [{}, {"training": True}, {"training": False}], ids=str)
def test_a_call_in_a_step_is_one_of_inference_unless_it_says_training(training: dict[str, bool]) -> None:
    """As in Keras, whose guide of DCGAN runs BatchNormalization and Dropout this way; a loop of one's own, too."""
    model = Silent(**training)
    model.compile()
    history = model.fit(DATA, batch_size=40, epochs=1, shuffle=False, verbose=0)
    trains = training.get("training", False)
    assert np.any(model.norm.moving_mean.numpy() != 0) == trains
    loss = pytest.approx(np.square(DATA).mean() / (1 + 1e-3), rel=1e-4)
    assert (history.history["loss"][0] == loss) != trains
