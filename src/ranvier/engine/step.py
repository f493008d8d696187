"""The training step, as in the textbook: forward, loss, backpropagation, update."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import jax

from ranvier._typing import Array
from ranvier.engine.train_state import Batch, TrainState
from ranvier.state.rng import step_key

__all__ = ["Step", "Textbook", "make_test_step", "make_train_step"]

Step = Callable[[TrainState, Batch], tuple[TrainState, Array]]


class Textbook(Protocol):
    """What a step is made of: the pure functions that a program provides."""

    def forward(self, params: Any, buffers: Any, x: Any, key: Array, training: bool) -> tuple[Any, Any]: ...
    def loss(self, y_true: Any, y_pred: Any, weight: Any, masks: Any) -> tuple[Array, Any]: ...
    def update(self, grads: Any, params: Any, optimizers: Any) -> tuple[Any, Any]: ...
    def measure(self, totals: Any, batch: Batch, y_pred: Any, loss: Array, parts: Any, masks: Any) -> Any: ...


def make_train_step(program: Textbook) -> Step:
    """Return `train_step(state, batch) -> (state, loss)` for a program's forward, loss and update.

    Source: Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors", 1986.
    """

    def train_step(state: TrainState, batch: Batch) -> tuple[TrainState, Array]:
        key = step_key(state.seed, state.step)

        def objective(params: dict[str, Array]) -> tuple[Array, Any]:
            y_pred, effects = program.forward(params, state.buffers, batch.x, key, True)  # forward
            data_loss, parts = program.loss(batch.y, y_pred, batch.weight, effects.masks)
            return data_loss + effects.penalty, (y_pred, effects, parts)  # loss

        (loss, (y_pred, effects, parts)), grads = jax.value_and_grad(objective, has_aux=True)(
            state.params
        )  # backpropagation
        params, optimizers = program.update(grads, state.params, state.optimizers)  # update

        totals = program.measure(state.totals, batch, y_pred, loss, parts, effects.masks)
        new_state = state.replace(
            step=state.step + 1, params=params, buffers=effects.buffers, optimizers=optimizers, totals=totals
        )
        return new_state, loss

    return train_step


def make_test_step(program: Textbook) -> Step:
    """Return `test_step(state, batch) -> (state, loss)`: forward and loss without training; only totals change."""

    def test_step(state: TrainState, batch: Batch) -> tuple[TrainState, Array]:
        key = step_key(state.seed, state.step)
        y_pred, effects = program.forward(state.params, state.buffers, batch.x, key, False)
        data_loss, parts = program.loss(batch.y, y_pred, batch.weight, effects.masks)
        loss = data_loss + effects.penalty
        totals = program.measure(state.totals, batch, y_pred, loss, parts, effects.masks)
        return state.replace(step=state.step + 1, totals=totals), loss

    return test_step
