"""Batch normalization: each channel has mean 0 and variance 1 over the rows before it is scaled and shifted."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ranvier._typing import Array
from ranvier.kernels import native
from ranvier.kernels.kernel import Kernel, Native

__all__ = ["KERNEL", "batch_norm"]


def batch_norm(x: Array, gamma: Array, beta: Array, epsilon: float) -> tuple[Array, Array, Array]:
    """Return the normalized rows, and mean and variance over them.

        outputs[r, c] = (x[r, c] - mean[c]) / sqrt(variance[c] + epsilon) * gamma[c] + beta[c]

    Shapes: x `[row, channel]`, all others `[channel]`.

    Numerics: mean and variance are made in 16 parts of the rows that are joined in order, so they do not depend on the
        number of threads.

    Source: Ioffe and Szegedy, "Batch normalization", 2015, algorithm 1.
    """
    outputs, mean, variance = KERNEL(x, gamma, beta, static=float(epsilon))
    return outputs, mean, variance


def _reference(x: Array, gamma: Array, beta: Array, *, static: float, saving: bool) -> tuple[Array, ...]:
    mean = jnp.mean(x, axis=0)
    centred = x - mean
    variance = jnp.mean(jnp.square(centred), axis=0)
    factor = lax.rsqrt(variance + static)
    y = centred * (factor * gamma) + beta
    return (y, mean, variance, factor) if saving else (y, mean, variance)


def _fits(x: Array, gamma: Array, beta: Array, *, static: float) -> str:
    if any(operand.dtype != jnp.float32 for operand in (x, gamma, beta)):
        return "its numbers are not float32"
    return "there is nothing to do" if x.size == 0 else ""


def _forward(x: Array, gamma: Array, beta: Array, *, static: float, saving: bool) -> tuple[Array, ...]:
    full, channels = (jax.ShapeDtypeStruct(shape, x.dtype) for shape in (x.shape, gamma.shape))
    results = (full, channels, channels, channels)
    made = native.call("batch_norm_forward_f32", results, x, gamma, beta, epsilon=np.float32(static))
    return tuple(made if saving else made[:3])


def _backward(
    operands: tuple[Array, ...],
    outputs: tuple[Array, ...],
    saved: tuple[Array, ...],
    cotangents: tuple[Array, ...],
    wanted: tuple[int, ...],
    *,
    static: float,
) -> tuple[Array, ...]:
    x, gamma, _ = operands
    like = [jax.ShapeDtypeStruct(operand.shape, operand.dtype) for operand in operands]
    made = native.call("batch_norm_backward_f32", like, x, gamma, outputs[1], *saved, *cotangents)
    return tuple(made[i] for i in wanted)


KERNEL = Kernel("batch_norm", 3, _reference, Native(_fits, _forward, _backward))
