"""GRU over whole sequences, with tanh and sigmoid, its reset gate behind the product.

    z, r = sigmoid(x[:, t] @ kernel_zr + bias[0, zr] + h @ recurrent_kernel_zr + bias[1, zr])
    g = tanh(x[:, t] @ kernel_g + bias[0, g] + r * (h @ recurrent_kernel_g + bias[1, g]))
    h = z * h + (1 - z) * g

Operands and outputs: see `recurrent.py`; the state is h, and there are two biases.
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
    (h,) = states
    x_z, x_r, x_g = jnp.split(x @ kernel + bias[0], 3, axis=-1)
    h_z, h_r, h_g = jnp.split(h @ recurrent + bias[1], 3, axis=-1)
    z, r = jax.nn.sigmoid(x_z + h_z), jax.nn.sigmoid(x_r + h_r)
    g = jnp.tanh(x_g + r * h_g)
    return (z * h + (1 - z) * g,), jnp.concatenate([g, z, r, h_g], axis=-1)


KERNEL = recurrent_kernel(Cell("gru", slots=4, states=1, step=_step))
