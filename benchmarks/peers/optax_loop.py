"""JAX and Optax as most people write it: one jitted step, called from a Python loop."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray

from benchmarks.peers.contract import Ended, Floats, Labels, unheard
from benchmarks.workloads import ADAM_EPSILON, LEARNING_RATE, Workload

Params = list[dict[str, jax.Array]]


def forward(params: Params, x: jax.Array, key: jax.Array, dropout: float) -> jax.Array:
    """Logits `[batch, classes]` of the network, with inverted dropout after hidden layers."""
    for layer in params[:-1]:
        x = jax.nn.relu(x @ layer["kernel"] + layer["bias"])
        if dropout:
            key, draw = jax.random.split(key)
            kept = jax.random.bernoulli(draw, 1 - dropout, x.shape)
            x = jnp.where(kept, x / (1 - dropout), 0)
    return x @ params[-1]["kernel"] + params[-1]["bias"]


class OptaxLoop:
    """Params and optimizer state live on the device; losses are read once per epoch."""

    def __init__(self) -> None:
        self.optimizer = optax.adam(LEARNING_RATE, eps=ADAM_EPSILON)
        self.params: Params = []
        self.state: Any = None
        self.step: Any = None
        self.probabilities: Any = None
        self.key = jax.random.key(0)
        self.batch = 0

    def threads(self) -> int | None:
        """XLA does not say."""
        return None

    def build(self, workload: Workload, weights: list[Floats], batch: int, dropout: bool) -> None:
        """Load the weights and jit the step and the forward pass."""
        rate = workload.dropout if dropout else 0.0
        kernels, biases = weights[0::2], weights[1::2]
        self.params = [
            {"kernel": jnp.array(kernel), "bias": jnp.array(bias)} for kernel, bias in zip(kernels, biases, strict=True)
        ]
        self.state = self.optimizer.init(self.params)

        def step(params: Params, state: Any, key: jax.Array, x: jax.Array, y: jax.Array) -> Any:
            def objective(params: Params) -> tuple[jax.Array, jax.Array]:
                logits = forward(params, x, key, rate)
                loss = optax.softmax_cross_entropy_with_integer_labels(logits, y).mean()
                return loss, (logits.argmax(1) == y).sum()

            key, _ = jax.random.split(key)
            (loss, correct), grads = jax.value_and_grad(objective, has_aux=True)(params)
            updates, state = self.optimizer.update(grads, state, params)
            return optax.apply_updates(params, updates), state, key, loss, correct

        self.step = jax.jit(step, donate_argnums=(0, 1))
        self.probabilities = jax.jit(lambda params, x: jax.nn.softmax(forward(params, x, self.key, 0.0)))
        self.batch = batch

    def fit(self, x: Floats, y: Labels, epochs: int, shuffle: bool, ended: Ended = unheard) -> list[float]:
        """Batches are cut from NumPy arrays, the step runs asynchronously."""
        rows = len(x)
        rng = np.random.default_rng(0)
        losses: list[float] = []
        for _ in range(epochs):
            order = rng.permutation(rows) if shuffle else np.arange(rows)
            history = []
            for start in range(0, rows, self.batch):
                chosen = order[start : start + self.batch]
                self.params, self.state, self.key, loss, correct = self.step(
                    self.params, self.state, self.key, x[chosen], y[chosen]
                )
                history.append((loss, correct, len(chosen)))
            losses.append(sum(float(loss) * count for loss, _, count in history) / rows)
            ended()
        return losses

    def predict(self, x: Floats) -> NDArray[Any]:
        """There is only the jitted forward pass."""
        return self.call(x)

    def call(self, x: Floats) -> NDArray[Any]:
        """The jitted forward pass, brought to NumPy."""
        return np.asarray(self.probabilities(self.params, x))


make = OptaxLoop
