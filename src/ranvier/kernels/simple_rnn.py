"""SimpleRNN over whole sequences: h = activation(x[:, t] @ kernel + bias + h @ recurrent_kernel).

Operands and outputs: see `recurrent.py`; the state is h. There is a kernel for each activation.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp

from ranvier._typing import Array
from ranvier.kernels.kernel import Kernel
from ranvier.kernels.recurrent import Cell, recurrent_kernel

__all__ = ["RELU", "TANH"]


def _kernel(name: str, activation: Callable[[Array], Array]) -> Kernel:
    def step(
        x: Array, kernel: Array, recurrent: Array, bias: Array, states: tuple[Array, ...]
    ) -> tuple[tuple[Array, ...], Array]:
        h = activation(x @ kernel + bias + states[0] @ recurrent)
        return (h,), h

    return recurrent_kernel(Cell(f"simple_rnn_{name}", slots=1, states=1, step=step))


TANH = _kernel("tanh", jnp.tanh)
RELU = _kernel("relu", jax.nn.relu)
