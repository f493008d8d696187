"""Softmax cross-entropy of rows of logits and class numbers.

losses[r] = log(sum over k of exp(logits[r, k])) - logits[r, labels[r]]; 0 where no class has the label's number
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import lax

from ranvier._typing import Array
from ranvier.kernels import native
from ranvier.kernels.kernel import Kernel, Native

__all__ = ["KERNEL", "cross_entropy"]

_LEAST_CLASSES = 128
"""With fewer classes XLA is as fast (`benchmarks/kernels.py`, case cross_entropy)."""


def cross_entropy(logits: Array, labels: Array) -> Array:
    """Return losses [...] of `logits` [..., class] and whole numbers `labels` [...]."""
    rows = jnp.reshape(logits, (-1, logits.shape[-1]))
    return jnp.reshape(KERNEL(rows, jnp.ravel(labels), static=None)[0], labels.shape)


def _reference(logits: Array, labels: Array, *, static: None, saving: bool) -> tuple[Array, ...]:
    # A masked sum rather than a gather: its gradient is a plain subtraction, a gather's is a scatter.
    hit = lax.broadcasted_iota(jnp.int32, logits.shape, 1) == labels[:, None]
    top = lax.stop_gradient(jnp.max(logits, axis=-1))
    shifted = logits - top[:, None]
    powers = jnp.exp(shifted)
    total = jnp.sum(powers, axis=-1)
    losses = jnp.log(total) - jnp.sum(jnp.where(hit, shifted, 0), axis=-1)
    losses = jnp.where((labels >= 0) & (labels < logits.shape[-1]), losses, 0)
    return (losses, powers / total[:, None]) if saving else (losses,)


def _fits(logits: Array, labels: Array, *, static: None) -> str:
    if logits.dtype != jnp.float32 or labels.dtype != jnp.int32:
        return "its logits are not float32 or its labels not int32"
    if logits.size == 0:
        return "there is nothing to do"
    return f"fewer than {_LEAST_CLASSES} classes" if logits.shape[1] < _LEAST_CLASSES else ""


def _forward(logits: Array, labels: Array, *, static: None, saving: bool) -> tuple[Array, ...]:
    # An empty result tells the native code that nobody needs it.
    shapes = (labels.shape, logits.shape if saving else (0,))
    results = [jax.ShapeDtypeStruct(shape, logits.dtype) for shape in shapes]
    made = native.call("cross_entropy_forward_f32", results, logits, labels)
    return tuple(made if saving else made[:1])


def _backward(
    operands: tuple[Array, ...],
    outputs: tuple[Array, ...],
    saved: tuple[Array, ...],
    cotangents: tuple[Array, ...],
    wanted: tuple[int, ...],
    *,
    static: None,
) -> tuple[Array, ...]:
    logits, labels = operands
    like = jax.ShapeDtypeStruct(logits.shape, logits.dtype)
    return (native.call("cross_entropy_backward_f32", like, labels, *saved, *cotangents),)


KERNEL = Kernel("cross_entropy", 1, _reference, Native(_fits, _forward, _backward))
