"""Axes by name: einops' notation."""

from __future__ import annotations

import math
import re

import jax.numpy as jnp

from ranvier._errors import InvalidArgument
from ranvier._typing import Array, ArrayLike
from ranvier.ops.core import operand
from ranvier.state.symbolic import op

__all__ = ["rearrange"]


@op
def rearrange(tensor: ArrayLike, pattern: str, **axes_lengths: int) -> Array:
    """Return an array with its axes split, ordered and joined as a pattern says.

    Args:
        tensor: an array with one axis for each name or group on the left of the pattern.
        pattern: `"names -> names"`; a group `(a b)` is one axis made of several, the last one running fastest.
        axes_lengths: sizes of names inside groups; one per group may be left to be found.

    Raises:
        InvalidArgument: the pattern does not fit itself, the array or the sizes.

    Example:
        >>> rearrange([[1, 2, 3, 4]], "b (h w) -> b w h", h=2).tolist()
        [[[1, 3], [2, 4]]]

    Source: Rogozhnikov, "Einops", 2022.
    """
    x = operand(tensor)
    before, _, after = pattern.partition("->")
    given, wanted = _groups(before), _groups(after)
    names = [name for group in given for name in group]
    order = [name for group in wanted for name in group]
    if sorted(names) != sorted(order) or len(set(names)) != len(names) or len(given) != x.ndim:
        raise _unfit(pattern, x, "each axis named once on both sides of the arrow")
    sizes = dict(axes_lengths)
    for group, size in zip(given, x.shape, strict=True):
        free = [name for name in group if name not in sizes]
        known = math.prod(sizes[name] for name in group if name in sizes)
        if len(free) > 1 or (free and (not known or size % known)) or (not free and known != size):
            raise _unfit(pattern, x, f"sizes that make {size} of ({' '.join(group)})")
        sizes.update(dict.fromkeys(free, size // max(known, 1)))
    split = jnp.reshape(x, [sizes[name] for name in names])
    ordered = jnp.transpose(split, [names.index(name) for name in order])
    return jnp.reshape(ordered, [math.prod(sizes[name] for name in group) for group in wanted])


def _groups(side: str) -> list[list[str]]:
    """Return the names of each axis on one side of a pattern."""
    return [re.findall(r"\w+", axis) for axis in re.findall(r"\([^()]*\)|\w+", side)]


def _unfit(pattern: str, x: Array, expected: str) -> InvalidArgument:
    return InvalidArgument(
        "The pattern does not fit.",
        code="rearrange-pattern",
        place="rearrange",
        expected=expected,
        received=f"{pattern!r} for shape {x.shape}",
    )
