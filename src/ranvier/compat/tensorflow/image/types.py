"""Pictures of bytes and of fractions: the largest number of a type of whole numbers stands for 1."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

from ranvier import ops
from ranvier._errors import InvalidArgument
from ranvier.compat.tensorflow.dtypes import on_device
from ranvier.state.symbolic import op

__all__ = ["as_fractions", "convert_image_dtype", "frames", "refusal"]


@op
def convert_image_dtype(image: Any, dtype: Any, saturate: bool = False, name: str | None = None) -> Any:
    """Return pictures in another type, their numbers scaled so that white stays white.

    Args:
        image: pictures of any shape.
        dtype: the type; fractions from 0 to 1 when it is a type of floats.
        saturate: whether fractions outside of 0 to 1 become black and white instead of wrapping around.
        name: for people.

    Example:
        >>> convert_image_dtype(jnp.array([0, 51, 255], "uint8"), "float32").round(6).tolist()
        [0.0, 0.20000000298023224, 1.0]
        >>> convert_image_dtype(jnp.array([0.0, 0.2, 1.0], "float32"), "uint8").tolist()
        [0, 51, 255]
    """
    x, target = ops.convert_to_tensor(image), jnp.dtype(on_device(dtype))
    if x.dtype == target:
        return x
    before, after = (jnp.issubdtype(kind, jnp.integer) for kind in (x.dtype, target))
    limits: Any = jnp.iinfo
    if before and after:
        least, most = sorted((limits(x.dtype).max, limits(target).max))
        factor = (most + 1) // (least + 1)
        return (x // factor).astype(target) if most == limits(x.dtype).max else x.astype(target) * factor
    if before:
        return x.astype(target) * (1.0 / limits(x.dtype).max)
    if not after:
        return x.astype(target)
    scaled = x * (limits(target).max + 0.5)
    return ops.saturate_cast(scaled, target.name) if saturate else scaled.astype(target)


def as_fractions(image: Any, change: Callable[[Any], Any], saturate: bool = True) -> Any:
    """Return what a change of fractions from 0 to 1 makes of pictures, in the type that they have."""
    dtype = image.dtype
    if jnp.issubdtype(dtype, jnp.floating):
        return change(image)
    return convert_image_dtype(change(convert_image_dtype(image, "float32")), dtype, saturate)


def frames(place: str, image: Any, channels: int | None = None) -> Any:
    """Return one picture [height, width, channel] or a batch of them as an array.

    Raises:
        InvalidArgument: another number of axes, or of channels.
    """
    x = ops.convert_to_tensor(image)
    if x.ndim not in (3, 4) or channels not in (None, x.shape[-1]):
        raise refusal(
            place,
            f"[height, width, {channels or 'channel'}], or a batch of that",
            f"shape {x.shape}",
            "add the missing axis with x[..., None] or x[None]",
        )
    return x


def refusal(place: str, expected: str, received: object, fix: str = "") -> InvalidArgument:
    """Return the error for a picture, or an argument, that cannot be right."""
    return InvalidArgument(
        "The picture and the arguments do not fit.",
        code="image-argument",
        place=f"tf.image.{place}",
        expected=expected,
        received=received,
        fix=fix,
    )
