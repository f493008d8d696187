"""Attention: means of values, weighted by how well their keys answer a query."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np

from ranvier._errors import InvalidArgument
from ranvier._typing import Array, ArrayLike
from ranvier.kernels.attention import attention
from ranvier.ops.core import floating, operand
from ranvier.state.symbolic import op

__all__ = ["dot_product_attention"]


@op
def dot_product_attention(
    query: ArrayLike,
    key: ArrayLike,
    value: ArrayLike,
    bias: ArrayLike | None = None,
    mask: ArrayLike | None = None,
    scale: float | None = None,
    is_causal: bool = False,
    flash_attention: bool | None = None,
    attn_logits_soft_cap: float | None = None,
) -> Array:
    """Return `softmax(scale * query @ key + bias) @ value` of each head, over the places where `mask` is True.

    Heads of `query` share heads of `key` and `value` in groups where those are fewer.

    Args:
        query: [batch, query time, head, depth].
        key: [batch, time, key head, depth]; its heads divide the query's.
        value: [batch, time, key head, value depth].
        bias: added to the logits; broadcasts to [batch, head, query time, time].
        mask: True where a query may look; broadcasts to the same shape.
        scale: 1 / sqrt(depth) when None.
        is_causal: whether a query looks at its own place and earlier ones only.
        flash_attention: accepted; there is one way to compute this.
        attn_logits_soft_cap: only None, as in Keras everywhere but on a TPU.

    Returns:
        [batch, query time, head, value depth].

    Raises:
        InvalidArgument: shapes that do not fit each other, or a soft cap.

    Numerics: logits and shares are float32 also for half types. A query that may look nowhere gets the mean of all
    values, as in Keras.

    Example:
        >>> heads = jnp.array([[1.0], [3.0]]).reshape(1, 2, 1, 1)
        >>> dot_product_attention(jnp.zeros((1, 2, 1, 1)), heads, heads, is_causal=True).ravel().tolist()
        [1.0, 2.0]

    Source: Vaswani et al., "Attention is all you need", 2017, equation 1; Ainslie et al., "GQA", 2023.
    """
    _check_cap(attn_logits_soft_cap)
    arrays: list[Any] = [floating(x) for x in (query, key, value)]
    dtype = jnp.result_type(*arrays)
    q, k, v = (x.astype(dtype) for x in arrays)
    _check_heads(q, k, v)
    shape = (q.shape[0], q.shape[2], q.shape[1], k.shape[1])
    seen = None if mask is None else _four_axes(_fitting("mask", operand(mask).astype(bool), shape))
    added = None if bias is None else _fitting("bias", operand(bias), shape).astype(dtype)
    factor = 1 / math.sqrt(q.shape[-1]) if scale is None else scale
    if not isinstance(factor, (int, float, np.floating)):  # a number that the program computes
        q, factor = (q * factor).astype(dtype), 1.0
    return attention(q, k, v, seen, float(factor), is_causal, bias=added)


def _four_axes(mask: Array) -> Array:
    return jnp.reshape(mask, (1,) * (4 - mask.ndim) + mask.shape)


def _check_cap(cap: float | None) -> None:
    if cap is not None:
        raise InvalidArgument(
            "Logits of attention cannot be capped.",
            code="attention-soft-cap",
            place="dot_product_attention(attn_logits_soft_cap=...)",
            expected="None",
            received=cap,
        )


def _check_heads(q: Array, k: Array, v: Array) -> None:
    fits = q.ndim == k.ndim == v.ndim == 4 and k.shape[:3] == v.shape[:3]
    fits = fits and (q.shape[0], q.shape[3]) == (k.shape[0], k.shape[3])
    if not fits or k.shape[2] == 0 or q.shape[2] % k.shape[2]:
        raise InvalidArgument(
            "Queries, keys and values do not fit each other.",
            code="attention-shapes",
            place="dot_product_attention(query, key, value)",
            expected="[batch, query time, head, depth], [batch, time, key head, depth] and "
            "[batch, time, key head, value depth], with a number of heads that the key heads divide",
            received=f"{q.shape}, {k.shape} and {v.shape}",
        )


def _fitting(name: str, x: Array, shape: tuple[int, ...]) -> Array:
    pairs = list(zip(reversed(x.shape), reversed(shape), strict=False))
    if x.ndim > len(shape) or any(size not in (1, own) for size, own in pairs):
        raise InvalidArgument(
            f"The {name} does not fit the queries and keys.",
            code="attention-mask",
            place=f"dot_product_attention({name}=...)",
            expected=f"a shape that broadcasts to [batch, head, query time, time] = {shape}",
            received=x.shape,
        )
    return x
