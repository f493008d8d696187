"""Layer normalization of rows.

outputs[r, k] = (x[r, k] - mean[r]) / sqrt(variance[r] + epsilon) * gamma[k] + beta[k]
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ranvier._typing import Array
from ranvier.kernels import native
from ranvier.kernels.kernel import Kernel, Native

__all__ = ["KERNEL", "layer_norm", "normalized_rows"]


def layer_norm(x: Array, gamma: Array, beta: Array, epsilon: float) -> Array:
    """Return the normalized rows.

        outputs[r, k] = (x[r, k] - mean[r]) / sqrt(variance[r] + epsilon) * gamma[k] + beta[k]

    Shapes: x `[row, feature]`, gamma and beta `[feature]`.

    Source: Ba, Kiros and Hinton, "Layer normalization", 2016.
    """
    return KERNEL(x, gamma, beta, static=float(epsilon))[0]


def normalized_rows(x: Array, gamma: Array | None, beta: Array | None, epsilon: float) -> Array:
    """Return `x` [..., feature] normalized along its last axis; no `gamma` is ones, no `beta` zeros."""
    features = x.shape[-1]
    scale = jnp.ones(features, x.dtype) if gamma is None else jnp.ravel(gamma).astype(x.dtype)
    shift = jnp.zeros(features, x.dtype) if beta is None else jnp.ravel(beta).astype(x.dtype)
    return jnp.reshape(layer_norm(jnp.reshape(x, (-1, features)), scale, shift, epsilon), x.shape)


def _reference(x: Array, gamma: Array, beta: Array, *, static: float, saving: bool) -> tuple[Array, ...]:
    mean = jnp.mean(x, axis=-1)
    centred = x - mean[:, None]
    factor = lax.rsqrt(jnp.mean(jnp.square(centred), axis=-1) + static)
    y = centred * factor[:, None] * gamma + beta
    return (y, mean, factor) if saving else (y,)


def _fits(x: Array, gamma: Array, beta: Array, *, static: float) -> str:
    if any(operand.dtype != jnp.float32 for operand in (x, gamma, beta)):
        return "its numbers are not float32"
    return "there is nothing to do" if x.size == 0 else ""


def _forward(x: Array, gamma: Array, beta: Array, *, static: float, saving: bool) -> tuple[Array, ...]:
    rows = jax.ShapeDtypeStruct(x.shape[:1], x.dtype)
    made = native.call(
        "layer_norm_forward_f32",
        (jax.ShapeDtypeStruct(x.shape, x.dtype), rows, rows),
        x,
        gamma,
        beta,
        epsilon=np.float32(static),
    )
    return tuple(made if saving else made[:1])


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
    made = native.call("layer_norm_backward_f32", like, x, gamma, *saved, *cotangents)
    return tuple(made[i] for i in wanted)


KERNEL = Kernel("layer_norm", 1, _reference, Native(_fits, _forward, _backward))
