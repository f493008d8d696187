"""A dense layer: the weighted sums of all features, with bias and activation.

outputs = activation(x @ kernel + bias)
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.nn as jnn
import jax.numpy as jnp
import numpy as np

from ranvier._typing import Array
from ranvier.kernels import native
from ranvier.kernels.kernel import Kernel, Native

__all__ = ["ACTIVATIONS", "KERNEL", "Dense", "dense"]

ACTIVATIONS: dict[str, tuple[int, Any]] = {
    "linear": (0, lambda x: x),
    "relu": (1, jnn.relu),
    "gelu": (2, lambda x: jnn.gelu(x, approximate=False)),
    "gelu_tanh": (3, lambda x: jnn.gelu(x, approximate=True)),
    "silu": (4, jnn.silu),
}
"""By name: the number that the native code knows it by, and the reference."""

_LEAST_WORK = 1 << 14
"""Fewer products than this are not worth a call (`benchmarks/kernels.py`, case dense)."""
_LEAST_UNITS = 2
"""A single unit leaves all but one lane of the vectors idle: a step of `gan` was 1.04 times as slow."""
_MOST_WEIGHTS = 1 << 19
"""Whole steps of two dense layers at 32 rows: of width 128 to 512 1.1 to 1.5 times as fast by native code, of 1024 and
2048 no faster."""


class Dense(NamedTuple):
    """What a dense layer does besides its product.

    Attributes:
        activation: a name of `ACTIVATIONS`.
        biased: whether the third operand is a bias.
    """

    activation: str
    biased: bool


def dense(x: Array, kernel: Array, bias: Array | None, activation: str = "linear") -> Array:
    """Return the activated sums [..., unit] of rows `x` [..., feature], for `kernel` [feature, unit], `bias` [unit]."""
    rows = jnp.reshape(x, (-1, x.shape[-1]))
    operands = (rows, kernel) if bias is None else (rows, kernel, bias)
    found = KERNEL(*operands, static=Dense(activation, bias is not None))[0]
    return jnp.reshape(found, (*x.shape[:-1], kernel.shape[-1]))


def _keeps(activation: str) -> bool:
    """Whether the activation's derivatives are kept for the way back; relu's show in its results."""
    return activation not in ("linear", "relu")


def _reference(x: Array, kernel: Array, *bias: Array, static: Dense, saving: bool) -> tuple[Array, ...]:
    sums = jnp.matmul(x, kernel)
    if bias:
        sums = sums + bias[0]
    function = ACTIVATIONS[static.activation][1]
    if not saving:
        return (function(sums),)
    if not _keeps(static.activation):
        return function(sums), jnp.zeros((0,), sums.dtype)
    return tuple(jax.jvp(function, (sums,), (jnp.ones_like(sums),)))


def _fits(x: Array, kernel: Array, *bias: Array, static: Dense) -> str:
    if any(operand.dtype != jnp.float32 for operand in (x, kernel, *bias)):
        return "its numbers are not float32"
    if x.size == 0 or kernel.size == 0:
        return "there is nothing to do"
    if x.size * kernel.shape[1] < _LEAST_WORK:
        return f"fewer than {_LEAST_WORK} products"
    if kernel.shape[1] < _LEAST_UNITS:
        return f"fewer than {_LEAST_UNITS} units"
    if kernel.size > _MOST_WEIGHTS:
        return f"more than {_MOST_WEIGHTS} weights"
    return ""


def _number(static: Dense) -> Any:
    return np.int32(ACTIVATIONS[static.activation][0])


def _none(like: Array) -> Array:
    """Return what stands for an array that is not there."""
    return jnp.zeros((0,), like.dtype)


def _forward(x: Array, kernel: Array, *bias: Array, static: Dense, saving: bool) -> tuple[Array, ...]:
    shape = (x.shape[0], kernel.shape[1])
    rise = shape if saving and _keeps(static.activation) else (0,)
    results = (jax.ShapeDtypeStruct(shape, x.dtype), jax.ShapeDtypeStruct(rise, x.dtype))
    given = bias[0] if bias else _none(x)
    made = native.call("dense_forward_f32", results, x, kernel, given, activation=_number(static))
    return tuple(made if saving else made[:1])


def _backward(
    operands: tuple[Array, ...],
    outputs: tuple[Array, ...],
    saved: tuple[Array, ...],
    cotangents: tuple[Array, ...],
    wanted: tuple[int, ...],
    *,
    static: Dense,
) -> tuple[Array, ...]:
    x, kernel = operands[:2]
    shapes = (x.shape, kernel.shape, kernel.shape[1:])
    # An empty result tells the native code that nobody needs it.
    results = [jax.ShapeDtypeStruct(shape if i in wanted else (0,), x.dtype) for i, shape in enumerate(shapes)]
    kept = saved[0] if _keeps(static.activation) else outputs[0] if static.activation == "relu" else _none(x)
    made = native.call("dense_backward_f32", results, x, kernel, kept, *cotangents, activation=_number(static))
    return tuple(made[i] for i in wanted)


KERNEL = Kernel("dense", 1, _reference, Native(_fits, _forward, _backward))
