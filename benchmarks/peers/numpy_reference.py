"""The textbook in NumPy and float64: it is not timed, every peer's losses are compared with its own."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.contract import Ended, Floats, Labels, unheard
from benchmarks.workloads import ADAM_EPSILON, BETA_1, BETA_2, LEARNING_RATE, Workload

Doubles = NDArray[np.float64]


class NumpyReference:
    """Forward, softmax cross-entropy or mean squared error, backpropagation, Adam. No dropout."""

    def __init__(self) -> None:
        self.weights: list[Doubles] = []
        self.means: list[Doubles] = []
        self.squares: list[Doubles] = []
        self.steps = 0
        self.batch = 0
        self.squared = False

    def threads(self) -> int | None:
        """The linear algebra library decides."""
        return None

    def build(self, workload: Workload, weights: list[Floats], batch: int, dropout: bool) -> None:
        """Take the weights in double precision."""
        self.weights = [weight.astype(np.float64) for weight in weights]
        self.means = [np.zeros_like(weight) for weight in self.weights]
        self.squares = [np.zeros_like(weight) for weight in self.weights]
        self.steps, self.batch, self.squared = 0, batch, workload.loss == "mse"

    def activations(self, x: Floats) -> list[Doubles]:
        """Inputs of every layer, and the answer last: class probabilities, or the outputs themselves."""
        values = [x.astype(np.float64)]
        pairs = list(zip(self.weights[0::2], self.weights[1::2], strict=True))
        for kernel, bias in pairs[:-1]:
            values.append(np.maximum(values[-1] @ kernel + bias, 0))
        logits = values[-1] @ pairs[-1][0] + pairs[-1][1]
        if self.squared:
            return [*values, logits]
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return [*values, powers / powers.sum(axis=1, keepdims=True)]

    def step(self, x: Floats, y: Labels) -> float:
        """One step of Adam on one batch; returns the loss before the update."""
        *values, answer = self.activations(x)
        loss, delta = (self.error if self.squared else self.cross_entropy)(answer, y)
        grads: list[Doubles] = []
        for layer in reversed(range(len(values))):
            grads = [values[layer].T @ delta, delta.sum(axis=0), *grads]
            delta = (delta @ self.weights[2 * layer].T) * (values[layer] > 0)
        self.steps += 1
        rate = LEARNING_RATE * np.sqrt(1 - BETA_2**self.steps) / (1 - BETA_1**self.steps)
        for weight, mean, square, grad in zip(self.weights, self.means, self.squares, grads, strict=True):
            mean += (1 - BETA_1) * (grad - mean)
            square += (1 - BETA_2) * (grad**2 - square)
            weight -= rate * mean / (np.sqrt(square) + ADAM_EPSILON)
        return loss

    @staticmethod
    def cross_entropy(probabilities: Doubles, y: Labels) -> tuple[float, Doubles]:
        """Mean of -log p, and its slope for the logits."""
        rows = np.arange(len(y))
        delta = probabilities.copy()
        delta[rows, y] -= 1
        return float(-np.log(probabilities[rows, y]).mean()), delta / len(y)

    @staticmethod
    def error(outputs: Doubles, y: Any) -> tuple[float, Doubles]:
        """Mean squared error, and its slope for the outputs."""
        off = outputs - y
        return float((off**2).mean()), 2 * off / off.size

    def fit(self, x: Floats, y: Labels, epochs: int, shuffle: bool, ended: Ended = unheard) -> list[float]:
        """Steps over the batches in the given order, or in a random one."""
        rng = np.random.default_rng(0)
        losses: list[float] = []
        for _ in range(epochs):
            order = rng.permutation(len(x)) if shuffle else np.arange(len(x))
            cuts = [order[start : start + self.batch] for start in range(0, len(x), self.batch)]
            losses.append(sum(self.step(x[cut], y[cut]) * len(cut) for cut in cuts) / len(x))
            ended()
        return losses

    def predict(self, x: Floats) -> NDArray[Any]:
        """Class probabilities."""
        return self.call(x)

    def call(self, x: Floats) -> NDArray[Any]:
        """Class probabilities."""
        return self.activations(x)[-1]


make = NumpyReference
