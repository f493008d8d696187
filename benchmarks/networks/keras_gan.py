"""Two dense networks against each other in Keras's words: `train_step` as each backend's tutorial writes it."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.datasets import length, take
from benchmarks.workloads import LATENT, Floats

SLOPE = 0.2


def networks(keras: Any, weights: dict[str, list[Floats]]) -> tuple[Any, Any]:
    """Generator and discriminator with their weights."""
    layers = keras.layers
    made = keras.Sequential(
        [
            keras.Input((LATENT,)),
            layers.Dense(256, name="generator_0"),
            layers.LeakyReLU(negative_slope=SLOPE),
            layers.Dense(784, activation="tanh", name="generator_1"),
        ]
    )
    judged = keras.Sequential(
        [
            keras.Input((784,)),
            layers.Dense(256, name="discriminator_0"),
            layers.LeakyReLU(negative_slope=SLOPE),
            layers.Dense(1, name="discriminator_1"),
        ]
    )
    for name, arrays in weights.items():
        (made if name.startswith("generator") else judged).get_layer(name).set_weights(arrays)
    return made, judged


def build(keras: Any, weights: dict[str, list[Floats]], random: bool) -> Any:
    """The pair, compiled, on the backend that is in use."""
    pair = networks(keras, weights)
    if keras.__name__ == "ranvier":
        return taped(keras, keras.GradientTape, *pair, random)
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf  # present where this backend is in use

        return taped(keras, tf.GradientTape, *pair, random)
    if backend == "torch":
        return backward(keras, *pair, random)
    return JaxPair(keras, *pair, random)


def shared(keras: Any, generator: Any, discriminator: Any, random: bool) -> type:
    """What the two that override `train_step` have in common; `learn(loss, network, optimizer)` is their own."""
    ops = keras.ops
    binary = keras.losses.BinaryCrossentropy(from_logits=True)

    class Pair(keras.Model):  # type: ignore[misc, name-defined]
        """Two networks, two optimizers, one step for each."""

        def __init__(self) -> None:
            super().__init__()
            self.generator, self.discriminator = generator, discriminator
            self.noise = keras.random.SeedGenerator(1)
            self.tracked = keras.metrics.Mean(name="loss")

        def compile(self) -> None:
            super().compile()
            self.making, self.judging = (keras.optimizers.Adam() for _ in range(2))

        @property
        def metrics(self) -> list[Any]:
            return [self.tracked]

        def call(self, x: Any) -> Any:
            noise = x[1] if isinstance(x, (list, tuple)) else x
            return self.generator(noise[:, :LATENT])

        def train_step(self, data: Any) -> dict[str, Any]:
            real, noise = data[0]
            rows = ops.shape(real)[0]
            first, second = noise[:, :LATENT], noise[:, LATENT:]
            if random:
                first = keras.random.normal((rows, LATENT), seed=self.noise)
            seen = ops.concatenate([self.generator(first, training=True), real])
            labels = ops.concatenate([ops.zeros((rows, 1)), ops.ones((rows, 1))])
            judged = self.learn(
                lambda: binary(labels, self.discriminator(seen, training=True)), self.discriminator, self.judging
            )
            if random:
                second = keras.random.normal((rows, LATENT), seed=self.noise)
            misleading = ops.ones((rows, 1))
            made = self.learn(
                lambda: binary(misleading, self.discriminator(self.generator(second, training=True), training=True)),
                self.generator, self.making,
            )  # fmt: skip
            self.tracked.update_state(judged + made)
            return {"loss": self.tracked.result()}

    return Pair


def taped(keras: Any, tape_of: Any, generator: Any, discriminator: Any, random: bool) -> Any:
    """With GradientTape: Ranvier, and Keras on TensorFlow."""

    class Taped(shared(keras, generator, discriminator, random)):  # type: ignore[misc]
        """Slopes by a tape."""

        def learn(self, loss_of: Any, network: Any, optimizer: Any) -> Any:
            with tape_of() as tape:
                loss = loss_of()
            slopes = tape.gradient(loss, network.trainable_weights)
            optimizer.apply_gradients(zip(slopes, network.trainable_weights, strict=True))
            return loss

    pair = Taped()
    pair.compile()
    return pair


def backward(keras: Any, generator: Any, discriminator: Any, random: bool) -> Any:
    """With PyTorch's `backward`."""
    import torch  # present where this backend is in use

    class Backward(shared(keras, generator, discriminator, random)):  # type: ignore[misc]
        """Slopes by PyTorch."""

        def learn(self, loss_of: Any, network: Any, optimizer: Any) -> Any:
            self.zero_grad()
            loss = loss_of()
            loss.backward()
            weights = network.trainable_weights
            with torch.no_grad():
                optimizer.apply([weight.value.grad for weight in weights], weights)
            return loss.detach()

    pair = Backward()
    pair.compile()
    return pair


class JaxPair:
    """Keras on JAX: the loop that its guide writes for more than one optimizer, with one jitted stateless step."""

    def __init__(self, keras: Any, generator: Any, discriminator: Any, random: bool) -> None:
        import jax  # present where this backend is in use

        ops = keras.ops
        self.random, self.jax = random, jax
        binary = keras.losses.BinaryCrossentropy(from_logits=True)
        optimizers = [keras.optimizers.Adam() for _ in range(2)]
        for optimizer, network in zip(optimizers, (generator, discriminator), strict=True):
            optimizer.build(network.trainable_variables)
        making, judging = optimizers

        def make(weights: Any, noise: Any) -> Any:
            return generator.stateless_call(weights, [], noise, training=True)[0]

        def judge(weights: Any, seen: Any, labels: Any) -> Any:
            return binary(labels, discriminator.stateless_call(weights, [], seen, training=True)[0])

        def step(state: Any, real: Any, noise: Any, key: Any) -> Any:
            g, d, g_state, d_state = state
            first, second = noise[:, :LATENT], noise[:, LATENT:]
            if random:
                first, second = jax.random.normal(key, (2, len(real), LATENT))
            seen = ops.concatenate([make(g, first), real])
            labels = ops.concatenate([ops.zeros((len(real), 1)), ops.ones((len(real), 1))])
            judged, slopes = jax.value_and_grad(judge)(d, seen, labels)
            d, d_state = judging.stateless_apply(d_state, slopes, d)
            loss_of = lambda g: judge(d, make(g, second), ops.ones((len(real), 1)))  # noqa: E731
            made, slopes = jax.value_and_grad(loss_of)(g)
            g, g_state = making.stateless_apply(g_state, slopes, g)
            return (g, d, g_state, d_state), judged + made

        self.step = jax.jit(step, donate_argnums=0)
        networks = [[v.value for v in network.trainable_variables] for network in (generator, discriminator)]
        self.state = (*networks, *([v.value for v in optimizer.variables] for optimizer in optimizers))
        self.answer = jax.jit(make)
        self.keys = jax.random.key(1)

    def fit(
        self, x: Any, y: Any, batch_size: int, epochs: int, shuffle: bool, verbose: int, callbacks: Sequence[Any] = ()
    ) -> Any:
        """The loop; losses are read once per epoch."""
        rows, losses, rng = length(x), [], np.random.default_rng(0)
        for epoch in range(epochs):
            order = rng.permutation(rows) if shuffle else np.arange(rows)
            history = []
            for start in range(0, rows, batch_size):
                real, noise = take(x, order[start : start + batch_size])
                self.keys, key = self.jax.random.split(self.keys)
                self.state, loss = self.step(self.state, real, noise, key)
                history.append((loss, len(real)))
            losses.append(sum(float(loss) * count for loss, count in history) / rows)
            for callback in callbacks:
                callback.on_epoch_end(epoch, {"loss": losses[-1]})
        return History(losses)

    def predict(self, noise: Any, verbose: int = 0) -> Any:
        """Pictures out of noise."""
        return self.answer(self.state[0], noise)

    __call__ = predict


class History:
    """What `fit` returns."""

    def __init__(self, losses: list[float]) -> None:
        self.history = {"loss": losses}
