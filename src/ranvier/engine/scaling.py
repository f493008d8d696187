"""Loss scaling, put around a program: its step stays the textbook's, its gradients arrive multiplied.

Source: Micikevicius et al., "Mixed precision training", 2018, section 3.2.
"""

from __future__ import annotations

from typing import Any, Protocol

import jax
import jax.numpy as jnp

from ranvier._typing import Array
from ranvier.engine.step import Step, Textbook, make_train_step
from ranvier.engine.train_state import Batch, TrainState

__all__ = ["Scaling", "make_scaled_train_step"]


class Scaling(Textbook, Protocol):
    """A program that says how much its loss is to be scaled."""

    def loss_scale(self, optimizers: Any) -> Array: ...


class _Scaled:
    """A program whose gradients are those of `scale` times its loss; every value reads as before.

    Args:
        program: the program as it is.
        scale: a scalar.
    """

    def __init__(self, program: Textbook, scale: Array) -> None:
        self.program, self.scale = program, scale
        self.update, self.measure = program.update, program.measure

    def forward(self, params: Any, buffers: Any, x: Any, key: Array, training: bool) -> tuple[Any, Any]:
        y_pred, effects = self.program.forward(params, buffers, x, key, training)
        return y_pred, effects._replace(penalty=_amplified(effects.penalty, self.scale))

    def loss(self, y_true: Any, y_pred: Any, weight: Any, masks: Any) -> tuple[Array, Any]:
        loss, parts = self.program.loss(y_true, y_pred, weight, masks)
        return _amplified(loss, self.scale), parts


def make_scaled_train_step(program: Scaling) -> Step:
    """Return the training step of a program whose loss is scaled by what its optimizer's state says."""

    def train_step(state: TrainState, batch: Batch) -> tuple[TrainState, Array]:
        return make_train_step(_Scaled(program, program.loss_scale(state.optimizers)))(state, batch)

    return train_step


@jax.custom_vjp
def _amplified(loss: Array, scale: Array) -> Array:
    """Return the loss as it is; what flows back through it is multiplied by `scale`."""
    return loss


def _forward(loss: Array, scale: Array) -> tuple[Array, Array]:
    return loss, scale


def _backward(scale: Array, gradient: Array) -> tuple[Array, Array]:
    return (gradient * scale).astype(gradient.dtype), jnp.zeros_like(scale)


_amplified.defvjp(_forward, _backward)
