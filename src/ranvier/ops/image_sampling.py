"""Values of an array between its points."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import jax.numpy as jnp
from jax import lax

from ranvier._errors import InvalidArgument
from ranvier._typing import Array, ArrayLike
from ranvier.ops.core import operand
from ranvier.ops.image_axes import known, reals
from ranvier.state.symbolic import op

__all__ = ["FILL_MODES", "ORDERS", "map_coordinates", "sampled"]

ORDERS = {"nearest": 0, "bilinear": 1}
"""The order of the polynomial between points, by the interpolation's name."""


def _mirrored(index: Array, size: int) -> Array:
    """Return the index on `d c b | a b c d | c b a`: the points at the ends are not repeated."""
    last = size - 1
    return jnp.abs((index + last) % max(2 * last, 1) - last)


_FOLDS: dict[str, Callable[[Array, int], Array]] = {
    "nearest": lambda index, size: jnp.clip(index, 0, size - 1),
    "wrap": lambda index, size: index % size,
    "mirror": _mirrored,
    "reflect": lambda index, size: (_mirrored(2 * index + 1, 2 * size + 1) - 1) // 2,
}
"""The point of the array that stands for one outside of it."""
FILL_MODES = ("constant", *_FOLDS)


def sampled(x: Array, coordinates: Sequence[Array], order: int, fill_mode: str, fill_value: Any) -> Array:
    """Return `x` [*axis, *rest] at real places of its first axes, [*place, *rest].

    Args:
        x: the values.
        coordinates: for each of the first axes, where on it, [*place].
        order: 0 takes the nearest point, 1 the weighted mean of the points around.
        fill_mode: what lies outside, see `map_coordinates`.
        fill_value: what lies outside where this is `"constant"`.
    """
    rest = (1,) * (x.ndim - len(coordinates))
    fill = jnp.asarray(fill_value, x.dtype)
    neighbours = [_around(reals(c), size, order, fill_mode) for c, size in zip(coordinates, x.shape, strict=False)]
    total: Any = 0
    for corner in itertools.product(*neighbours):
        index, inside, weights = zip(*corner, strict=True)
        value = x[index]
        for holds in inside:
            value = value if holds is None else jnp.where(jnp.reshape(holds, holds.shape + rest), value, fill)
        for weight in weights:
            value = value if weight is None else jnp.reshape(weight, weight.shape + rest) * value
        total = total + value
    return (total if jnp.issubdtype(x.dtype, jnp.inexact) else _rounded(total)).astype(x.dtype)


def _around(coordinate: Array, size: int, order: int, fill_mode: str) -> list[tuple[Array, Array | None, Array | None]]:
    """Return the points next to a place: index, whether it lies inside, and weight."""
    if order == 0:
        nodes: list[tuple[Array, Array | None]] = [(_rounded(coordinate).astype(jnp.int32), None)]
    else:
        lower = jnp.floor(coordinate)
        share = coordinate - lower
        index = lower.astype(jnp.int32)
        nodes = [(index, 1 - share), (index + 1, share)]
    if fill_mode == "constant":
        return [(index, (index >= 0) & (index < size), weight) for index, weight in nodes]
    return [(_FOLDS[fill_mode](index, size), None, weight) for index, weight in nodes]


def _rounded(x: Array) -> Array:
    """Return the nearest whole numbers; halves go away from zero."""
    return lax.round(x) if jnp.issubdtype(x.dtype, jnp.inexact) else x


@op
def map_coordinates(
    inputs: ArrayLike, coordinates: ArrayLike, order: int, fill_mode: str = "constant", fill_value: float = 0
) -> Array:
    """Return the values of an array at places between its points.

    Outside of it lies, for the values a b c d:

        constant: k k k | a b c d | k k k (k = fill_value)    nearest: a a a | a b c d | d d d
        wrap:     b c d | a b c d | a b c                     mirror:  d c b | a b c d | c b a
        reflect:  c b a | a b c d | d c b

    Args:
        inputs: an array of any rank.
        coordinates: [axis, *place]: where on each axis.
        order: 0 takes the nearest point, 1 the weighted mean of the points around.
        fill_mode: what lies outside.
        fill_value: k.

    Raises:
        InvalidArgument: unknown order or fill mode, or not one coordinate for each axis.

    Example:
        >>> map_coordinates(jnp.array([0.0, 2.0, 6.0]), jnp.array([[0.5, 1.25, 3.0]]), order=1).tolist()
        [1.0, 3.0, 0.0]
    """
    place = "map_coordinates"
    x, where = operand(inputs), operand(coordinates)
    known(place, "fill_mode", fill_mode, FILL_MODES)
    known(place, "order", order, (0, 1))
    if where.ndim < 2 or where.shape[0] != x.ndim:
        raise InvalidArgument(
            "The coordinates do not belong to this array.",
            code="image-coordinates",
            place=place,
            expected=f"[axis, *place] with one row for each of {x.ndim} axes",
            received=f"shape {where.shape}",
        )
    return sampled(x, list(where), order, fill_mode, fill_value)
