"""Random arrays. `seed=` takes an integer (Keras's own numbers on JAX), a SeedGenerator, or None for the next draw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ranvier import ops
from ranvier._errors import InvalidArgument
from ranvier._typing import Array, ArrayLike, DType
from ranvier.random import device
from ranvier.random.seeds import Seed, key_of
from ranvier.state.symbolic import op
from ranvier.state.variable import dtype_name

__all__ = [
    "beta",
    "binomial",
    "categorical",
    "dropout",
    "gamma",
    "normal",
    "randint",
    "shuffle",
    "truncated_normal",
    "uniform",
]


def normal(
    shape: Sequence[int], mean: float = 0.0, stddev: float = 1.0, dtype: DType | None = None, seed: Seed = None
) -> Array:
    """Draw from a normal distribution.

    Args:
        shape: shape of the result.
        mean: its mean.
        stddev: its standard deviation.
        dtype: floatx when None.
        seed: an integer, a SeedGenerator, or None.

    Example:
        >>> bool((normal((3,), seed=1) == normal((3,), seed=1)).all())
        True
    """
    return device.draw(key_of(seed), mean, stddev, "normal", tuple(shape), dtype_name(dtype))


def uniform(
    shape: Sequence[int], minval: float = 0.0, maxval: float = 1.0, dtype: DType | None = None, seed: Seed = None
) -> Array:
    """Draw uniformly from `[minval, maxval)`."""
    return device.draw(key_of(seed), minval, maxval, "uniform", tuple(shape), dtype_name(dtype))


def randint(shape: Sequence[int], minval: int, maxval: int, dtype: DType = "int32", seed: Seed = None) -> Array:
    """Draw whole numbers uniformly from `minval` to `maxval - 1`."""
    return jax.random.randint(key_of(seed), tuple(shape), minval, maxval, dtype_name(dtype))


def truncated_normal(
    shape: Sequence[int], mean: float = 0.0, stddev: float = 1.0, dtype: DType | None = None, seed: Seed = None
) -> Array:
    """Draw from a normal distribution, redrawn beyond two standard deviations."""
    return device.draw(key_of(seed), mean, stddev, "truncated_normal", tuple(shape), dtype_name(dtype))


@op
def categorical(logits: ArrayLike, num_samples: int, dtype: DType = "int32", seed: Seed = None) -> Array:
    """Draw classes [row, sample] with the probabilities `softmax(logits)`, logits [row, class]."""
    logits = ops.floating(logits)
    shape = (logits.shape[0], num_samples)
    return jax.random.categorical(key_of(seed), logits[..., None], axis=1, shape=shape).astype(dtype_name(dtype))


@op
def dropout(
    inputs: ArrayLike, rate: float, noise_shape: Sequence[int | None] | None = None, seed: Seed = None
) -> Array:
    """Set numbers to 0 with probability `rate` and divide the others by `1 - rate`.

    Args:
        inputs: any shape.
        rate: from 0 to 1.
        noise_shape: shape of the mask, None for an axis of `inputs`, 1 where one draw serves the whole axis.
        seed: an integer, a SeedGenerator, or None.

    Raises:
        InvalidArgument: `rate` is not between 0 and 1.

    Source: Srivastava et al., "Dropout", 2014.
    """
    x = ops.operand(inputs)
    if not 0 <= rate <= 1:
        raise InvalidArgument(
            "A dropout rate is a probability.", code="dropout-rate", place="rate=", expected="0 to 1", received=rate
        )
    if rate == 0:
        return x
    if rate == 1:
        return jnp.zeros_like(x)
    shape = x.shape if noise_shape is None else tuple(x.shape[i] if n is None else n for i, n in enumerate(noise_shape))
    keep = 1.0 - rate
    mask = device.unit_interval(key_of(seed), shape) < np.float32(keep)
    return jnp.where(mask, x / keep, jnp.zeros_like(x))


@op
def shuffle(x: ArrayLike, axis: int = 0, seed: Seed = None) -> Array:
    """Return `x` in random order along `axis`; every row of the other axes gets an order of its own, as in Keras."""
    return jax.random.permutation(key_of(seed), ops.operand(x), axis, independent=True)


def gamma(shape: Sequence[int], alpha: Any, dtype: DType | None = None, seed: Seed = None) -> Array:
    """Draw from a gamma distribution with shape parameter `alpha` and scale 1."""
    kind = dtype_name(dtype)
    return jax.random.gamma(key_of(seed), ops.floating(alpha).astype(kind), tuple(shape), kind)


def binomial(
    shape: Sequence[int], counts: Any, probabilities: Any, dtype: DType | None = None, seed: Seed = None
) -> Array:
    """Draw the number of successes in `counts` trials with the given probabilities."""
    kind = dtype_name(dtype)
    n, p = ops.floating(counts).astype(kind), ops.floating(probabilities).astype(kind)
    return jax.random.binomial(key_of(seed), n, p, tuple(shape), kind)


def beta(shape: Sequence[int], alpha: Any, beta: Any, dtype: DType | None = None, seed: Seed = None) -> Array:
    """Draw from a beta distribution with the parameters `alpha` and `beta`."""
    kind = dtype_name(dtype)
    a, b = ops.floating(alpha).astype(kind), ops.floating(beta).astype(kind)
    return jax.random.beta(key_of(seed), a, b, tuple(shape), kind)
