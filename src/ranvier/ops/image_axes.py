"""Pictures as functions take them: one or many, channels last or first; and what all of these functions check."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from typing import Any

import jax.numpy as jnp

from ranvier import _config
from ranvier._errors import InvalidArgument
from ranvier._typing import Array, ArrayLike
from ranvier.ops.core import operand, saturate_cast
from ranvier.ops.sliding import channels_first

__all__ = ["as_before", "counted", "known", "located", "pictures", "reals"]


def located(place: str, images: Array, data_format: Any) -> tuple[int, int, int]:
    """Return the axes of height, width and channel, counted from the end.

    Raises:
        InvalidArgument: neither one picture nor a batch of them, or an unknown `data_format`.
    """
    first = channels_first(place, data_format)
    if images.ndim not in (3, 4):
        raise InvalidArgument(
            "This is neither a picture nor a batch of pictures.",
            code="image-rank",
            place=place,
            expected="[height, width, channel] or [batch, height, width, channel], or channel before height",
            received=f"shape {images.shape}",
            fix="add the channel's axis with x[..., None], or make one batch of the leading axes with reshape",
        )
    return (-2, -1, -3) if first else (-3, -2, -1)


def pictures(place: str, images: ArrayLike, data_format: Any) -> tuple[Array, Callable[[Array], Array]]:
    """Return pictures as [row, height, width, channel], and the function that brings a result back into their form.

    Raises:
        InvalidArgument: see `located`.
    """
    x = operand(images)
    axis = located(place, x, data_format)[2]
    single = x.ndim == 3

    def back(y: Array) -> Array:
        y = jnp.moveaxis(y, -1, 1) if axis == -3 else y
        return y[0] if single else y

    x = jnp.moveaxis(x, axis, -1)
    return (x[None] if single else x), back


def known(place: str, name: str, value: Any, names: Iterable[Any]) -> Any:
    """Return `value`, one of a few.

    Raises:
        InvalidArgument: it is none of them.
    """
    names = tuple(names)
    if not isinstance(value, (str, int)) or value not in names:
        raise InvalidArgument(
            f"There is no such {name}.",
            code="image-argument",
            place=f"{place}: {name}",
            expected=" or ".join(map(repr, names)),
            received=repr(value),
        )
    return value


def counted(place: str, name: str, value: Any, count: int, least: int = 1) -> tuple[int, ...]:
    """Return `count` whole numbers.

    Raises:
        InvalidArgument: another number of values, or one below `least`.
    """
    try:
        found = tuple(operator.index(one) for one in value)
    except TypeError:
        found = ()
    if len(found) != count or min(found) < least:
        raise InvalidArgument(
            f"{name} must be {count} whole numbers.",
            code="image-size",
            place=f"{place}: {name}",
            expected=f"{count} whole numbers from {least} up",
            received=repr(value),
        )
    return found


def reals(x: Array) -> Array:
    """Return pictures of whole numbers as floatx, others as they are."""
    return x if jnp.issubdtype(x.dtype, jnp.floating) else x.astype(_config.floatx())


def as_before(x: Array, dtype: Any) -> Array:
    """Return computed pictures in the type that they had; whole numbers are rounded and kept within its bounds."""
    if x.dtype == dtype:
        return x
    whole = jnp.issubdtype(dtype, jnp.integer)
    return saturate_cast(jnp.round(x) if whole else x, dtype)
