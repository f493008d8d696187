"""Constraints: projections of a weight, applied after each update."""

from __future__ import annotations

from typing import Any, final

import jax.numpy as jnp

from ranvier import _config
from ranvier._errors import NotReady
from ranvier._lookup import Configurable
from ranvier._typing import Array
from ranvier.state.variable import as_array

__all__ = ["Constraint", "MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm"]


class Constraint(Configurable):
    """The base of constraints; a subclass defines `__call__(w)` and returns the projected weight."""

    def __call__(self, w: Any) -> Array:
        """Return `w`, projected."""
        raise NotReady(
            f"{type(self).__name__} projects nothing.",
            code="no-call",
            place=type(self).__name__,
            fix="define __call__(self, w) in the class",
        )


def _norms(w: Array, axis: Any) -> Array:
    axes = tuple(axis) if isinstance(axis, (list, tuple)) else axis
    return jnp.sqrt(jnp.sum(jnp.square(w), axis=axes, keepdims=True))


@final
class MaxNorm(Constraint):
    """Scales down what is longer than `max_value`: `w * min(norm, max_value) / (norm + epsilon)`.

    Args:
        max_value: the largest norm.
        axis: axis or axes over which the norm is taken; 0 for a Dense kernel [input, unit].

    Source: Srivastava et al., "Dropout", 2014.
    """

    keras_module = "keras.constraints"

    def __init__(self, max_value: float = 2, axis: Any = 0) -> None:
        self.max_value, self.axis = max_value, axis

    def __call__(self, w: Any) -> Array:
        """Return `w`, projected."""
        array = as_array(w)
        norm = _norms(array, self.axis)
        return array * (jnp.clip(norm, 0, self.max_value) / (_config.epsilon() + norm))


@final
class NonNeg(Constraint):
    """Sets negative numbers to zero."""

    keras_module = "keras.constraints"

    def __call__(self, w: Any) -> Array:
        """Return `w`, projected."""
        return jnp.maximum(as_array(w), 0)


@final
class UnitNorm(Constraint):
    """Scales to length one: `w / (norm + epsilon)`.

    Args:
        axis: axis or axes over which the norm is taken.
    """

    keras_module = "keras.constraints"

    def __init__(self, axis: Any = 0) -> None:
        self.axis = axis

    def __call__(self, w: Any) -> Array:
        """Return `w`, projected."""
        array = as_array(w)
        return array / (_config.epsilon() + _norms(array, self.axis))


@final
class MinMaxNorm(Constraint):
    """Brings the norm between two bounds, at once (`rate=1`) or step by step.

    Args:
        min_value: the smallest norm.
        max_value: the largest norm.
        rate: part of the way that one application goes.
        axis: axis or axes over which the norm is taken.
    """

    keras_module = "keras.constraints"

    def __init__(self, min_value: float = 0.0, max_value: float = 1.0, rate: float = 1.0, axis: Any = 0) -> None:
        self.min_value, self.max_value, self.rate, self.axis = min_value, max_value, rate, axis

    def __call__(self, w: Any) -> Array:
        """Return `w`, projected."""
        array = as_array(w)
        norm = _norms(array, self.axis)
        desired = self.rate * jnp.clip(norm, self.min_value, self.max_value) + (1 - self.rate) * norm
        return array * (desired / (_config.epsilon() + norm))
