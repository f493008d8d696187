"""How numbers are spread and belong together: histograms, correlations, areas."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ranvier._errors import InvalidArgument, WrongType
from ranvier._typing import Array, ArrayLike
from ranvier.ops.core import operand
from ranvier.state.symbolic import op

__all__ = ["corrcoef", "correlate", "histogram", "trapezoid"]


@op
def histogram(x: ArrayLike, bins: int = 10, range: tuple[Any, Any] | None = None) -> tuple[Array, Array]:
    """Return how many numbers of a vector lie in each of `bins` equal bins, and the edges of the bins.

    Args:
        x: a vector.
        bins: how many.
        range: the outer edges; the smallest and the largest number when None.

    Raises:
        WrongType: `bins` is not a whole number.
        InvalidArgument: `x` has more than one axis, or `bins` or `range` makes no sense.

    Example:
        >>> counts, edges = histogram([0.0, 1.0, 1.0, 4.0], bins=2)
        >>> counts.tolist(), edges.tolist()
        ([3.0, 1.0], [0.0, 2.0, 4.0])
    """
    x = operand(x)
    if not isinstance(bins, int):
        raise WrongType("bins is a number here.", code="histogram-bins", expected="a whole number", received=repr(bins))
    ordered = not range or (isinstance(range, tuple) and len(range) == 2 and range[0] <= range[1])
    if x.ndim > 1 or bins < 0 or not ordered:
        raise InvalidArgument(
            "There is no such histogram.",
            code="histogram-arguments",
            place="histogram",
            expected="a vector, bins from 0 up, range=(low, high)",
            received=f"x {x.shape}, bins={bins}, range={range}",
        )
    counts, edges = jnp.histogram(x, bins=bins, range=range)
    return counts, edges


@op
def corrcoef(x: ArrayLike) -> Array:
    """Return the correlation coefficients between the rows of `x` [variable, sample]."""
    return jnp.corrcoef(operand(x))


@op
def correlate(x1: ArrayLike, x2: ArrayLike, mode: str = "valid") -> Array:
    """Return the sums `y[k] = sum_n x1[n + k] x2[n]` of two vectors.

    Args:
        x1: a vector.
        x2: a vector.
        mode: shifts where the vectors overlap wholly (valid), at all (full), or as many as the longer one has (same).

    Example:
        >>> correlate([1.0, 2.0, 3.0], [0.0, 1.0]).tolist()
        [2.0, 3.0]
    """
    return jnp.correlate(operand(x1), operand(x2), mode)


@op
def trapezoid(y: ArrayLike, x: ArrayLike | None = None, dx: ArrayLike = 1.0, axis: int = -1) -> Array:
    """Return the area under `y` along `axis` by the trapezoidal rule.

    Args:
        y: heights.
        x: places of the heights.
        dx: distance between places, where there is no `x`.
        axis: the axis to go along.
    """
    return jnp.trapezoid(operand(y), None if x is None else operand(x), operand(dx), axis)
