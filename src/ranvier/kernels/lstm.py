"""LSTM over whole sequences, with tanh and sigmoid.

    i, f, g, o = split(x[:, t] @ kernel + h @ recurrent_kernel + bias, 4)
    c = sigmoid(f) * c + sigmoid(i) * tanh(g)
    h = sigmoid(o) * tanh(c)

Operands and outputs: see `recurrent.py`; the states are h and c.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from ranvier._typing import Array
from ranvier.kernels.recurrent import Cell, recurrent_kernel

__all__ = ["KERNEL"]


def _step(
    x: Array, kernel: Array, recurrent: Array, bias: Array, states: tuple[Array, ...]
) -> tuple[tuple[Array, ...], Array]:
    h, c = states
    i, f, g, o = jnp.split(x @ kernel + h @ recurrent + bias, 4, axis=-1)
    i, f, g, o = jax.nn.sigmoid(i), jax.nn.sigmoid(f), jnp.tanh(g), jax.nn.sigmoid(o)
    c = f * c + i * g
    return (o * jnp.tanh(c), c), jnp.concatenate([i, f, g, o], axis=-1)


KERNEL = recurrent_kernel(Cell("lstm", slots=4, states=2, step=_step))
