"""Regularizers: penalties on a weight or on a layer's output, added to the loss."""

from __future__ import annotations

import math
from typing import Any, final

import jax.numpy as jnp
import numpy as np
from jax import lax

from ranvier import _config
from ranvier._errors import InvalidArgument, NotReady
from ranvier._lookup import Configurable
from ranvier._typing import Array
from ranvier.state.variable import as_array

__all__ = ["L1", "L1L2", "L2", "OrthogonalRegularizer", "Regularizer"]


class Regularizer(Configurable):
    """The base of regularizers; a subclass defines `__call__(x)` and returns a scalar."""

    def __call__(self, x: Any) -> Array:
        """Return the penalty of `x`, a scalar."""
        raise NotReady(
            f"{type(self).__name__} computes nothing.",
            code="no-call",
            place=type(self).__name__,
            fix="define __call__(self, x) in the class",
        )


@final
class L1(Regularizer):
    """`l1 * sum(|x|)`.

    Example:
        >>> float(L1(0.1)(jnp.array([1.0, -2.0])))
        0.30000001192092896
    """

    keras_module = "keras.regularizers"

    def __init__(self, l1: float = 0.01) -> None:
        self.l1 = _factor("l1", 0.01 if l1 is None else l1)

    def __call__(self, x: Any) -> Array:
        """Return the penalty of `x`, a scalar."""
        x = as_array(x)
        return jnp.asarray(self.l1, x.dtype) * jnp.sum(jnp.abs(x))


@final
class L2(Regularizer):
    """`l2 * sum(x^2)`.

    Example:
        >>> float(L2(0.5)(jnp.array([1.0, -2.0])))
        2.5
    """

    keras_module = "keras.regularizers"

    def __init__(self, l2: float = 0.01) -> None:
        self.l2 = _factor("l2", 0.01 if l2 is None else l2)

    def __call__(self, x: Any) -> Array:
        """Return the penalty of `x`, a scalar."""
        x = as_array(x)
        return jnp.asarray(self.l2, x.dtype) * jnp.sum(jnp.square(x))


@final
class L1L2(Regularizer):
    """`l1 * sum(|x|) + l2 * sum(x^2)`.

    Example:
        >>> float(L1L2(l1=1.0, l2=0.5)(jnp.array([1.0, -2.0])))
        5.5
    """

    keras_module = "keras.regularizers"

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1, self.l2 = _factor("l1", l1 or 0.0), _factor("l2", l2 or 0.0)

    def __call__(self, x: Any) -> Array:
        """Return the penalty of `x`, a scalar."""
        x = as_array(x)
        penalty = jnp.zeros((), x.dtype)
        if self.l1:
            penalty = penalty + jnp.asarray(self.l1, x.dtype) * jnp.sum(jnp.abs(x))
        if self.l2:
            penalty = penalty + jnp.asarray(self.l2, x.dtype) * jnp.sum(jnp.square(x))
        return penalty


@final
class OrthogonalRegularizer(Regularizer):
    """`factor` times the mean absolute cosine between the rows (or columns) of a matrix.

    Args:
        factor: not negative.
        mode: `"rows"` or `"columns"`.
    """

    keras_module = "keras.regularizers"

    def __init__(self, factor: float = 0.01, mode: str = "rows") -> None:
        self.factor = _factor("factor", factor)
        if mode not in ("rows", "columns"):
            raise InvalidArgument(
                "This mode does not exist.",
                code="regularizer-mode",
                place="mode=",
                expected="rows, columns",
                received=repr(mode),
            )
        self.mode = mode

    def __call__(self, x: Any) -> Array:
        """Return the penalty of the matrix `x`, a scalar.

        Raises:
            InvalidArgument: `x` is no matrix.
        """
        matrix = as_array(x)
        if matrix.ndim != 2:
            raise InvalidArgument(
                "OrthogonalRegularizer needs a matrix.",
                code="regularizer-not-matrix",
                place="OrthogonalRegularizer",
                expected="two axes",
                received=tuple(matrix.shape),
                fix="use it on kernels of Dense layers",
            )
        vectors = matrix if self.mode == "rows" else matrix.T
        squares = jnp.sum(jnp.square(vectors), axis=1, keepdims=True)
        unit = vectors * lax.rsqrt(jnp.maximum(squares, _config.epsilon() ** 2))
        n = vectors.shape[0]
        cosines = jnp.abs(unit @ unit.T) * (1.0 - jnp.eye(n, dtype=matrix.dtype))
        return jnp.asarray(self.factor * 0.5, matrix.dtype) * jnp.sum(cosines) / (n * (n - 1.0) / 2.0)


def _factor(name: str, value: Any) -> float:
    number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or value < 0:
        raise InvalidArgument(
            f"{name} cannot be {value!r}.",
            code="regularizer-factor",
            place=f"{name}=",
            expected="a finite number that is not negative",
            received=repr(value),
        )
    return float(value)
