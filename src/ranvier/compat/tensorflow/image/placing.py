"""Pictures mirrored and turned, and parts of them."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from ranvier import ops
from ranvier.compat.tensorflow.image.types import frames, refusal
from ranvier.state.symbolic import op

__all__ = ["extract_patches", "flip_left_right", "flip_up_down", "rot90", "transpose"]


@op
def flip_left_right(image: Any) -> Any:
    """Return pictures mirrored, left and right exchanged."""
    return jnp.flip(frames("flip_left_right", image), -2)


@op
def flip_up_down(image: Any) -> Any:
    """Return pictures upside down, mirrored."""
    return jnp.flip(frames("flip_up_down", image), -3)


@op
def transpose(image: Any, name: str | None = None) -> Any:
    """Return pictures with rows and columns exchanged."""
    return jnp.swapaxes(frames("transpose", image), -3, -2)


@op
def rot90(image: Any, k: int = 1, name: str | None = None) -> Any:
    """Return pictures turned counter-clockwise by `k` right angles.

    Example:
        >>> rot90(np.array([[[1], [2]]])).ravel().tolist()
        [2, 1]
    """
    return jnp.rot90(frames("rot90", image), int(k), (-3, -2))


@op
def extract_patches(images: Any, sizes: Any, strides: Any, rates: Any, padding: str, name: str | None = None) -> Any:
    """Return the patches of pictures, [row, place, place, tap channel].

    Args:
        images: [row, height, width, channel].
        sizes: [1, height, width, 1] of a patch, as are the others.
        strides: steps from one patch to the next.
        rates: steps between the values that a patch takes.
        padding: `"VALID"` or `"SAME"`.
        name: for people.

    Raises:
        InvalidArgument: not a batch of pictures, or arguments of another form.
    """
    given = [np.asarray(value) for value in (sizes, strides, rates)]
    if any(value.shape != (4,) or value[0] != 1 or value[3] != 1 for value in given):
        raise refusal("extract_patches", "sizes, strides and rates as [1, height, width, 1]", (sizes, strides, rates))
    if ops.ndim(images) != 4:
        raise refusal("extract_patches", "[row, height, width, channel]", f"shape {ops.shape(images)}")
    size, step, rate = ((int(value[1]), int(value[2])) for value in given)
    return ops.image.extract_patches(images, size, step, rate, padding.lower(), "channels_last")
