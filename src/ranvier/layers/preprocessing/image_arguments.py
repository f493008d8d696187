"""The arguments that layers of pictures share, checked in one way."""

from __future__ import annotations

from typing import Any

import numpy as np

from ranvier._errors import InvalidArgument, Unsupported
from ranvier.layers.base import Layer

__all__ = ["factor_range", "known_choice"]


def known_choice(layer: Layer, name: str, value: Any, known: tuple[str, ...]) -> str:
    """Return an argument that is one of several words.

    Raises:
        Unsupported: it is none of them (`NotImplementedError`, as Keras has it).
    """
    if value not in known:
        raise Unsupported(
            f"{type(layer).__name__} does not know this {name}.",
            code="image-choice",
            place=f"layer {layer.name!r}: {name}",
            expected="one of " + ", ".join(map(repr, known)),
            received=repr(value),
        )
    return str(value)


def factor_range(
    layer: Layer,
    name: str,
    value: Any,
    bounds: tuple[float, float],
    overlapping: bool = False,
    open_below: bool = False,
) -> tuple[float, float]:
    """Return the bounds between which a layer draws: those of a pair, or a number's around 0.

    Args:
        layer: the layer, for the message.
        name: the argument's name.
        value: a number or a pair.
        bounds: what is allowed.
        overlapping: a pair need only overlap the bounds, and a number's range is cut to them, as in Keras.
        open_below: the lower bound itself is not allowed.

    Raises:
        InvalidArgument: it is no number and no pair, or lies out of bounds.
    """
    low, high = bounds
    pair = tuple(value) if isinstance(value, (tuple, list)) else (value,)
    numbers = all(isinstance(v, (int, float, np.integer, np.floating)) and not isinstance(v, bool) for v in pair)
    fits = numbers and len(pair) == 2 if isinstance(value, (tuple, list)) else numbers
    if fits and overlapping and len(pair) == 2:
        fits = pair[0] <= high and pair[1] >= low
    elif fits:
        fits = all((low < v if open_below else low <= v) and v <= high for v in pair)
    if not fits:
        raise InvalidArgument(
            f"{name} of {type(layer).__name__} is out of range.",
            code="factor-range",
            place=f"layer {layer.name!r}: {name}",
            expected=f"a number, or a pair of numbers, in {'(' if open_below else '['}{low}, {high}]",
            received=repr(value),
        )
    if len(pair) == 2:
        return min(pair), max(pair)
    size = abs(pair[0])
    return (max(-size, low) if overlapping else -size), size
