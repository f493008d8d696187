"""The maths of the normalization layers: moments, and scaling by them."""

from __future__ import annotations

import functools
import math
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from ranvier import _config
from ranvier._typing import Array

__all__ = ["batch_normalized", "masked_moments", "scaled"]


def scaled(
    inputs: Array, mean: Array, variance: Array, gamma: Array | None, beta: Array | None, epsilon: float
) -> Array:
    """Return `(inputs - mean) / sqrt(variance + epsilon) * gamma + beta`."""
    factor = lax.rsqrt(variance + epsilon)
    normal = (inputs - mean) * (factor if gamma is None else factor * gamma)
    return normal if beta is None else normal + beta


def masked_moments(inputs: Array, mask: Any, reduced: tuple[int, ...]) -> tuple[Array, Array]:
    """Return mean and variance over the steps that the mask calls real."""
    real = jnp.reshape(mask, mask.shape + (1,) * (inputs.ndim - mask.ndim)).astype(bool)
    total = jnp.sum(real.astype(inputs.dtype), axis=reduced, keepdims=True) + _config.epsilon()
    # Chosen, not multiplied: what stands in padding, be it NaN, has no influence.
    mean = jnp.sum(jnp.where(real, inputs, 0), axis=reduced, keepdims=True) / total
    centred = jnp.where(real, inputs - mean, 0)
    return mean, jnp.sum(jnp.square(centred), axis=reduced, keepdims=True) / total


@functools.partial(jax.custom_vjp, nondiff_argnums=(3, 4))
def batch_normalized(
    inputs: Array, gamma: Array, beta: Array, reduced: tuple[int, ...], epsilon: float
) -> tuple[Array, Array, Array]:
    """Return outputs, mean and variance; only the outputs carry a gradient.

    With `n` rows and `normal = (inputs - mean) / sqrt(variance + epsilon)`:

        d_inputs = gamma / sqrt(variance + epsilon) * (d - mean(d) - normal * mean(d * normal))

    Two reductions instead of the five that differentiating the forward pass gives (measured: 25 % of its time).
    """
    return _batch_forward(inputs, gamma, beta, reduced, epsilon)[0]


def _batch_forward(
    inputs: Array, gamma: Array, beta: Array, reduced: tuple[int, ...], epsilon: float
) -> tuple[tuple[Array, Array, Array], tuple[Array, Array, Array]]:
    mean = jnp.mean(inputs, axis=reduced, keepdims=True)
    centred = inputs - mean
    variance = jnp.mean(jnp.square(centred), axis=reduced, keepdims=True)
    inverse = lax.rsqrt(variance + epsilon)
    normal = centred * inverse
    return (normal * gamma + beta, mean, variance), (normal, inverse, gamma)


def _batch_backward(
    reduced: tuple[int, ...], epsilon: float, kept: tuple[Array, Array, Array], cotangents: tuple[Array, Array, Array]
) -> tuple[Array, Array, Array]:
    normal, inverse, gamma = kept
    d = cotangents[0]
    rows = math.prod(d.shape[axis] for axis in reduced)
    d_beta = jnp.sum(d, axis=reduced, keepdims=True)
    d_gamma = jnp.sum(d * normal, axis=reduced, keepdims=True)
    d_inputs = gamma * inverse * (d - d_beta / rows - normal * (d_gamma / rows))
    return d_inputs, d_gamma, d_beta


batch_normalized.defvjp(_batch_forward, _batch_backward)
