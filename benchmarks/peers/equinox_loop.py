"""Equinox and Optax as their users write it: one jitted step, called from a Python loop."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray

from benchmarks.datasets import length, take
from benchmarks.networks import equinox_modules as networks
from benchmarks.peers.contract import Ended, Floats, unheard
from benchmarks.workloads import ADAM_EPSILON, LATENT, LEARNING_RATE, Workload


class EquinoxLoop:
    """Modules and optimizer state live on the device; losses are read once per epoch."""

    def __init__(self) -> None:
        self.optimizer = optax.adam(LEARNING_RATE, eps=ADAM_EPSILON)
        self.work: Any = None
        self.carry: Any = None
        self.step: Any = None
        self.answer: Any = None
        self.key = jax.random.key(0)
        self.batch = 0

    def threads(self) -> int | None:
        """XLA does not say."""
        return None

    def build(self, workload: Workload, weights: list[Floats], batch: int, dropout: bool) -> None:
        """Make the modules with their weights, and jit the step and the answer."""
        self.work, self.batch = workload, batch
        parts, state = networks.parts_of(workload, weights), None
        if any(part.kind == "batch_norm" for part in workload.parts):
            parts, state = eqx.nn.make_with_state(lambda: parts)()
        if workload.family == "gan":
            pair = [{k: v for k, v in parts.items() if k.startswith(half)} for half in ("generator", "discriminator")]
            self.carry = (pair, [self.optimizer.init(eqx.filter(each, eqx.is_array)) for each in pair])
            self.step = eqx.filter_jit(self._adversaries(dropout), donate="all-except-first")
        else:
            self.carry = (parts, self.optimizer.init(eqx.filter(parts, eqx.is_inexact_array)), state)
            self.step = eqx.filter_jit(self._step(workload.dropout > 0 and dropout), donate="all-except-first")
        self.answer = eqx.filter_jit(self._answer)

    def fit(self, x: Any, y: Any, epochs: int, shuffle: bool, ended: Ended = unheard) -> list[float]:
        """Batches are cut from NumPy arrays, the step runs asynchronously."""
        rows, rng = length(x), np.random.default_rng(0)
        losses: list[float] = []
        for _ in range(epochs):
            order = rng.permutation(rows) if shuffle else np.arange(rows)
            history = []
            for start in range(0, rows, self.batch):
                chosen = order[start : start + self.batch]
                self.key, draw = jax.random.split(self.key)
                batch = (take(x, chosen), y[chosen], draw)
                self.carry, loss, right = self.step(batch, self.carry)
                history.append((loss, right, len(chosen)))
            losses.append(sum(float(loss) * count for loss, _, count in history) / rows)
            ended()
        return losses

    def predict(self, x: Any) -> NDArray[Any]:
        """There is only the jitted answer."""
        return self.call(x)

    def call(self, x: Any) -> NDArray[Any]:
        """The jitted answer, brought to NumPy."""
        return np.asarray(self.answer(self.carry, x[1] if self.work.family == "gan" else x))

    def _forward(self, parts: Any, x: Any, state: Any, keys: Any) -> Any:
        forward = networks.FORWARD[self.work.family]
        return jax.vmap(lambda x, key: forward(parts, self.work, x, state, key), axis_name="batch", out_axes=(0, None))(
            x, keys
        )

    def _loss(self, answer: Any, y: Any) -> Any:
        match self.work.loss:
            case "mse":
                return jnp.square(answer - y).mean(), 0
            case "binary":
                return optax.sigmoid_binary_cross_entropy(answer, y).mean(), ((answer > 0) == y).sum()
        loss = optax.softmax_cross_entropy_with_integer_labels(answer, y).mean()
        return loss, (answer.argmax(-1) == y).sum()

    def _step(self, dropout: bool) -> Any:
        def step(batch: Any, carry: Any) -> Any:
            x, y, key = batch
            parts, slots, state = carry
            keys = jax.random.split(key, len(y)) if dropout else None

            def objective(parts: Any) -> Any:
                answer, after = self._forward(parts, x, state, keys)
                loss, right = self._loss(answer, y)
                return loss, (right, after)

            (loss, (right, state)), slopes = eqx.filter_value_and_grad(objective, has_aux=True)(parts)
            updates, slots = self.optimizer.update(slopes, slots, parts)
            return (eqx.apply_updates(parts, updates), slots, state), loss, right

        return step

    def _adversaries(self, random: bool) -> Any:
        def learn(loss_of: Any, parts: Any, slots: Any) -> Any:
            loss, slopes = eqx.filter_value_and_grad(loss_of)(parts)
            updates, slots = self.optimizer.update(slopes, slots, parts)
            return loss, eqx.apply_updates(parts, updates), slots

        def step(batch: Any, carry: Any) -> Any:
            (real, noise), _, key = batch
            (made_by, judge), (making, judging) = carry
            first, second = noise[:, :LATENT], noise[:, LATENT:]
            if random:
                first, second = jax.random.normal(key, (2, len(real), LATENT))
            seen = jnp.concatenate([self._forward(made_by, first, None, None)[0], real])
            labels = jnp.concatenate([jnp.zeros((len(real), 1)), jnp.ones((len(real), 1))])

            def doubt(judge: Any, seen: Any, labels: Any) -> Any:
                logits = jax.vmap(lambda x: networks.judge(judge, x))(seen)
                return optax.sigmoid_binary_cross_entropy(logits, labels).mean()

            judged, judge, judging = learn(lambda judge: doubt(judge, seen, labels), judge, judging)
            fooled, made_by, making = learn(
                lambda parts: doubt(judge, self._forward(parts, second, None, None)[0], jnp.ones((len(real), 1))),
                made_by, making,
            )  # fmt: skip
            return ([made_by, judge], [making, judging]), judged + fooled, 0

        return step

    def _answer(self, carry: Any, x: Any) -> Any:
        if self.work.family == "gan":
            return self._forward(carry[0][0], x, None, None)[0]
        parts, _, state = carry
        answer, _ = self._forward(eqx.nn.inference_mode(parts), x, state, None)
        match self.work.loss:
            case "binary":
                return jax.nn.sigmoid(answer)[:, None]
            case "softmax":
                return jax.nn.softmax(answer)
        return answer


make = EquinoxLoop
