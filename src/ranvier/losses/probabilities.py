"""What the losses of probabilities share: a safe range, smoothed labels, powers with finite slopes."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ranvier import _config
from ranvier._errors import InvalidArgument
from ranvier._typing import Array

__all__ = ["check_axis", "inside", "power", "smoothed"]


def inside(probabilities: Array) -> Array:
    """Return probabilities within [epsilon, 1 - epsilon], whose logarithms are finite."""
    epsilon = _config.epsilon()
    return jnp.clip(probabilities, epsilon, 1.0 - epsilon)


def smoothed(y_true: Array, share: float, classes: int) -> Array:
    """Return labels of which `share` is spread evenly over the classes.

    Example:
        >>> smoothed(jnp.array([0.0, 1.0]), 0.5, 2).tolist()
        [0.25, 0.75]
    """
    return y_true * (1.0 - share) + share / classes if share else y_true


def power(base: Array, exponent: float) -> Array:
    """Return `base ** exponent`; the slope at 0 is 0, also where an exponent below 1 makes it infinite.

    Example:
        >>> power(jnp.array([0.0, 4.0]), 0.5).tolist()
        [0.0, 2.0]
    """
    zero = base == 0
    return jnp.where(zero, float(exponent == 0), jnp.power(jnp.where(zero, 1, base), exponent))


def check_axis(axis: Any) -> None:
    """Raise InvalidArgument unless `axis` is an integer."""
    if isinstance(axis, bool) or not isinstance(axis, int):
        raise InvalidArgument(
            "The axis of the classes is not an integer.",
            code="loss-axis",
            expected="an int",
            received=repr(axis),
            fix="pass -1 for the last axis",
        )
