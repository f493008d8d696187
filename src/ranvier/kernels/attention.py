"""Scaled dot-product attention of several heads.

    outputs[b, t, h] = sum over s of softmax(scale * query[b, t, h] @ key[b, s, g])[s] * value[b, s, g]

g is the group of head h; the softmax runs over the places s that query t may see. The native code never holds a matrix
of all shares; forward it keeps the log of each query's sum of exponentials, from which backward makes the shares anew.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.nn as jnn
import jax.numpy as jnp
import numpy as np

from ranvier._typing import Array
from ranvier.kernels import native
from ranvier.kernels.kernel import Kernel, Native

__all__ = ["KERNEL", "Attention", "attention"]

_LEAST_PLACES = 16
"""With fewer queries or keys XLA is faster (`benchmarks/kernels.py`, case attention)."""


class Attention(NamedTuple):
    """How heads attend.

    Attributes:
        scale: what logits are multiplied by.
        causal: whether a query sees its own place and earlier ones only.
        masked: whether the fourth operand is a mask.
        biased: whether the last operand is added to the logits, which is the reference's alone.
    """

    scale: float
    causal: bool
    masked: bool = False
    biased: bool = False


def attention(
    query: Array,
    key: Array,
    value: Array,
    mask: Array | None,
    scale: float,
    causal: bool,
    bias: Array | None = None,
) -> Array:
    """Return what each query finds, [batch, query time, head, value depth].

    Args:
        query: [batch, query time, head, depth].
        key: [batch, time, group, depth]; the groups divide the heads.
        value: [batch, time, group, value depth].
        mask: True where a query may look, [batch, head, query time, time] with sizes of 1 for all; None for everywhere.
        scale: what logits are multiplied by.
        causal: whether a query sees its own place and earlier ones only.
        bias: added to the logits; broadcasts to the mask's shape.
    """
    more = tuple(array for array in (mask, bias) if array is not None)
    return KERNEL(query, key, value, *more, static=Attention(scale, causal, mask is not None, bias is not None))[0]


def _reference(
    query: Array, key: Array, value: Array, *more: Array, static: Attention, saving: bool
) -> tuple[Array, ...]:
    dtype = query.dtype
    wide = jnp.promote_types(dtype, jnp.float32)
    batch, length, heads, depth = query.shape
    # Heads that share a key head stand in an axis of their own.
    groups = (key.shape[2], heads // key.shape[2])
    grouped = jnp.reshape(query, (batch, length, *groups, depth))
    logits = jnp.einsum("bqkgd,bskd->bkgqs", grouped, key, preferred_element_type=wide)
    logits = jnp.reshape(logits, (batch, heads, length, key.shape[1])) * static.scale
    if static.biased:
        logits = logits + more[-1]
    seen = more[0] if static.masked else None
    if static.causal:
        earlier = jnp.tril(jnp.ones(logits.shape[2:], bool))
        seen = earlier if seen is None else seen & earlier
    hidden = -0.7 * float(np.finfo(np.dtype(wide)).max)
    if seen is not None:
        logits = jnp.where(seen, logits, hidden)
    shares = jnp.reshape(jnn.softmax(logits).astype(dtype), (batch, *groups, *logits.shape[2:]))
    found = jnp.einsum("bkgqs,bskd->bqkgd", shares, value)
    found = jnp.reshape(found, (batch, length, heads, value.shape[-1]))
    if not saving:
        return (found,)
    largest = jnp.max(logits, axis=-1)
    log_sum = largest + jnp.log(jnp.sum(jnp.exp(logits - largest[..., None]), axis=-1))
    # A query that may look nowhere is marked.
    return found, jnp.where(largest == jnp.asarray(hidden, wide), -jnp.inf, log_sum).astype(wide)


def _fits(query: Array, key: Array, value: Array, *more: Array, static: Attention) -> str:
    if static.biased:
        return "a bias is added to the logits"
    if any(operand.dtype != jnp.float32 for operand in (query, key, value)):
        return "its numbers are not float32"
    if query.size == 0 or key.size == 0 or value.size == 0:
        return "there is nothing to do"
    if min(query.shape[1], key.shape[1]) < _LEAST_PLACES:
        return f"fewer than {_LEAST_PLACES} queries or keys"
    return ""


def _mask(more: tuple[Array, ...]) -> Array:
    """Return the mask that is handed over."""
    return more[0] if more else jnp.ones((1, 1, 1, 1), bool)


def _forward(
    query: Array, key: Array, value: Array, *mask: Array, static: Attention, saving: bool
) -> tuple[Array, ...]:
    batch, length, heads, _ = query.shape
    results = (
        jax.ShapeDtypeStruct((batch, length, heads, value.shape[-1]), query.dtype),
        jax.ShapeDtypeStruct((batch, heads, length), query.dtype),
    )
    made = native.call(
        "attention_forward_f32", results, query, key, value, _mask(mask),
        masked=static.masked, causal=static.causal, scale=np.float32(static.scale),
    )  # fmt: skip
    return tuple(made if saving else made[:1])


def _backward(
    operands: tuple[Array, ...],
    outputs: tuple[Array, ...],
    saved: tuple[Array, ...],
    cotangents: tuple[Array, ...],
    wanted: tuple[int, ...],
    *,
    static: Attention,
) -> tuple[Array, ...]:
    query, key, value, *mask = operands
    # An empty result tells the native code that nobody needs it.
    results = [
        jax.ShapeDtypeStruct(operand.shape if i in wanted else (0,), operand.dtype)
        for i, operand in enumerate((query, key, value))
    ]
    made = native.call(
        "attention_backward_f32", results, query, key, value, _mask(tuple(mask)), *outputs, *saved, *cotangents,
        masked=static.masked, causal=static.causal, scale=np.float32(static.scale),
    )  # fmt: skip
    return tuple(made[i] for i in wanted)


KERNEL = Kernel("attention", 1, _reference, Native(_fits, _forward, _backward))
