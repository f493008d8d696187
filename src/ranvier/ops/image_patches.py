"""Patches of pictures and volumes, each one as a vector."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ranvier._errors import InvalidArgument, WrongType
from ranvier._typing import Array, ArrayLike
from ranvier.kernels.windows import patches
from ranvier.ops.core import operand
from ranvier.ops.sliding import integers, placed, to_last
from ranvier.state.symbolic import op

__all__ = ["extract_patches", "extract_patches_3d"]


@op
def extract_patches(
    images: ArrayLike,
    size: Any,
    strides: Any = None,
    dilation_rate: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> Array:
    """Return the patches of pictures, their values in the place of the channels, [*row, place, place, tap channel].

    Args:
        images: [*row, height, width, channel], or [*row, channel, height, width] when channels_first.
        size: sides of a patch, one number or (height, width); three numbers mean `extract_patches_3d`.
        strides: steps from one patch to the next; None puts them side by side.
        dilation_rate: steps between the values that a patch takes.
        padding: `"valid"`, or `"same"` for zeros at the ends.
        data_format: where the channels are; what is configured for None.

    Raises:
        WrongType: `size` is neither a number nor a tuple.
        InvalidArgument: not pictures, or patches that do not fit.

    Example:
        >>> extract_patches(jnp.arange(8).reshape(2, 4, 1), 2)[0].tolist()
        [[0, 1, 4, 5], [2, 3, 6, 7]]
    """
    place = "extract_patches"
    if not isinstance(size, (int, tuple, list)):
        raise WrongType(
            "The size of a patch is a number or a tuple of them.",
            code="image-size",
            place=f"{place}: size",
            expected="a whole number, or (height, width)",
            received=repr(size),
        )
    rank = 3 if not isinstance(size, int) and len(size) == 3 else 2
    return _patches(place, images, size, strides or size, dilation_rate, padding, data_format, rank)


@op
def extract_patches_3d(
    volumes: ArrayLike,
    size: Any,
    strides: Any = None,
    dilation_rate: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> Array:
    """Return the patches of volumes, their values in the place of the channels.

    Args:
        volumes: [*row, depth, height, width, channel], or [*row, channel, depth, height, width] when channels_first.
        size: sides of a patch, one number or (depth, height, width).
        strides: steps from one patch to the next; None puts them side by side.
        dilation_rate: steps between the values that a patch takes.
        padding: `"valid"`, or `"same"` for zeros at the ends.
        data_format: where the channels are; what is configured for None.

    Raises:
        InvalidArgument: not volumes, or patches that do not fit.

    Example:
        >>> extract_patches_3d(jnp.arange(8).reshape(2, 2, 2, 1), (1, 2, 2))[:, 0, 0].tolist()
        [[0, 1, 2, 3], [4, 5, 6, 7]]
    """
    place = "extract_patches_3d"
    return _patches(place, volumes, size, strides or size, dilation_rate, padding, data_format, 3)


def _patches(
    place: str, images: ArrayLike, size: Any, strides: Any, dilation: Any, padding: str, data_format: Any, rank: int
) -> Array:
    x = operand(images)
    single = x.ndim == rank + 1
    if x.ndim not in (rank + 1, rank + 2):
        raise InvalidArgument(
            "This has another number of axes than what patches are taken from.",
            code="image-rank",
            place=place,
            expected=f"{rank} spatial axes and channels, with or without rows",
            received=f"shape {x.shape}",
        )
    x, first = to_last(place, x[None] if single else x, data_format, rank)
    windows = placed(place, x.shape[1:-1], integers(place, "size", size, rank), strides, padding, dilation)
    y = patches(x, windows)
    y = jnp.moveaxis(y, -1, 1) if first else y
    return y[0] if single else y
