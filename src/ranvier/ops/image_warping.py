"""Pictures turned, sheared, seen from elsewhere or distorted: each result's pixel is looked up at another place."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from ranvier._errors import InvalidArgument
from ranvier._typing import Array, ArrayLike
from ranvier.ops.core import operand
from ranvier.ops.image_axes import known, pictures, reals
from ranvier.ops.image_filters import blurred
from ranvier.ops.image_sampling import FILL_MODES, ORDERS, sampled
from ranvier.state import rng, scope
from ranvier.state.symbolic import op

__all__ = ["affine_transform", "elastic_transform", "perspective_transform"]


@op
def affine_transform(
    images: ArrayLike,
    transform: ArrayLike,
    interpolation: str = "bilinear",
    fill_mode: str = "constant",
    fill_value: float = 0,
    data_format: str | None = None,
) -> Array:
    """Return pictures whose pixel (x, y) is what they had at (u, v).

        u = (a0 x + a1 y + a2) / k,  v = (b0 x + b1 y + b2) / k,  k = c0 x + c1 y + 1

    Args:
        images: [*row, height, width, channel], or [*row, channel, height, width] when channels_first.
        transform: [a0, a1, a2, b0, b1, b2, c0, c1], for all pictures or for each one, [row, 8].
        interpolation: `"bilinear"` or `"nearest"`.
        fill_mode: what lies outside, see `map_coordinates`.
        fill_value: what lies outside where this is `"constant"`.
        data_format: where the channels are; what is configured for None.

    Raises:
        InvalidArgument: not pictures, unknown names, or transforms of another shape.

    Numerics: the formula holds for c0 and c1 other than 0 too, as on Keras's TensorFlow backend; on its JAX backend
        these shift the channels against each other.

    Example:
        >>> x = jnp.array([1.0, 2.0, 3.0]).reshape(1, 3, 1)
        >>> affine_transform(x, jnp.array([1.0, 0, 1, 0, 1, 0, 0, 0])).ravel().tolist()
        [2.0, 3.0, 0.0]
    """
    place = "affine_transform"
    known(place, "interpolation", interpolation, ORDERS)
    known(place, "fill_mode", fill_mode, FILL_MODES)
    x, back = pictures(place, images, data_format)
    t = reals(operand(transform))
    if t.ndim not in (1, 2) or t.shape[-1] != 8 or (t.ndim == 2 and t.shape[0] not in (1, x.shape[0])):
        raise _points("transform", place, f"[8], or [{x.shape[0]}, 8]", t.shape)
    return back(_projected(x, jnp.reshape(t, (-1, 8)), interpolation, fill_mode, fill_value))


@op
def perspective_transform(
    images: ArrayLike,
    start_points: ArrayLike,
    end_points: ArrayLike,
    interpolation: str = "bilinear",
    fill_value: float = 0,
    data_format: str | None = None,
) -> Array:
    """Return pictures seen from elsewhere: what was at four start points is now at four end points.

    The eight coefficients of `affine_transform` are those that map the end points to the start points.

    Args:
        images: [*row, height, width, channel], or [*row, channel, height, width] when channels_first.
        start_points: four (x, y), [4, 2] for all pictures or [row, 4, 2].
        end_points: as `start_points`.
        interpolation: `"bilinear"` or `"nearest"`.
        fill_value: what lies outside.
        data_format: where the channels are; what is configured for None.

    Raises:
        InvalidArgument: not pictures, an unknown name, or points of another shape.

    Example:
        >>> corners = jnp.array([[0.0, 0], [1, 0], [0, 1], [1, 1]])
        >>> x = jnp.arange(4.0).reshape(2, 2, 1)
        >>> perspective_transform(x, corners, corners[:, ::-1], "nearest")[..., 0].tolist()
        [[0.0, 2.0], [1.0, 3.0]]

    Source: Heckbert, "Fundamentals of texture mapping and image warping", 1989, section 2.2.
    """
    place = "perspective_transform"
    known(place, "interpolation", interpolation, ORDERS)
    x, back = pictures(place, images, data_format)
    start, end = (operand(points).astype("float32") for points in (start_points, end_points))
    fits = start.shape[-2:] == (4, 2) and (start.ndim == 2 or (start.ndim == 3 and len(start) in (1, len(x))))
    if start.shape != end.shape or not fits:
        expected = f"[4, 2] for both, or [{x.shape[0]}, 4, 2]"
        raise _points("start_points and end_points", place, expected, f"{start.shape} and {end.shape}")
    t = jax.vmap(_homography)(jnp.reshape(start, (-1, 4, 2)), jnp.reshape(end, (-1, 4, 2)))
    return back(_projected(x, t, interpolation, "constant", fill_value))


def _homography(start: Array, end: Array) -> Array:
    """Return the eight coefficients that map the end points (x, y) to the start points (u, v), each [4, 2].

    u (c0 x + c1 y + 1) = a0 x + a1 y + a2, and v likewise, are eight linear equations.
    """
    plane = jnp.concatenate([end, jnp.ones((4, 1), end.dtype)], 1)
    none = jnp.zeros_like(plane)
    left = jnp.concatenate([jnp.concatenate([plane, none], 1), jnp.concatenate([none, plane], 1)])
    targets = start.T.reshape(8, 1)
    t: Array = jnp.linalg.solve(jnp.concatenate([left, -targets * jnp.tile(end, (2, 1))], 1), targets)[:, 0]
    return t


def _projected(x: Array, transforms: Array, interpolation: str, fill_mode: str, fill_value: Any) -> Array:
    """Return `x` [row, height, width, channel] looked up where `transforms` [row, 8] say; one counts for all rows."""
    v, u = (axis.astype(transforms.dtype) for axis in jnp.indices(x.shape[1:3]))

    def one(picture: Array, t: Array) -> Array:
        depth = t[6] * u + t[7] * v + 1
        across, down = (t[i] * u + t[i + 1] * v + t[i + 2] for i in (0, 3))
        return sampled(picture, (down / depth, across / depth), ORDERS[interpolation], fill_mode, fill_value)

    return jax.vmap(one)(x, jnp.broadcast_to(transforms, (x.shape[0], 8)))


@op
def elastic_transform(
    images: ArrayLike,
    alpha: float = 20.0,
    sigma: float = 5.0,
    interpolation: str = "bilinear",
    fill_mode: str = "reflect",
    fill_value: float = 0.0,
    seed: Any = None,
    data_format: str | None = None,
) -> Array:
    """Return pictures distorted by random, smooth displacements, `alpha * blur(sigma * noise, sigma)`.

    Args:
        images: [*row, height, width, channel], or [*row, channel, height, width] when channels_first.
        alpha: how far pixels move.
        sigma: standard deviation [pixels] of the blur: how smooth the displacements are.
        interpolation: `"bilinear"` or `"nearest"`.
        fill_mode: what lies outside, see `map_coordinates`.
        fill_value: what lies outside where this is `"constant"`.
        seed: an integer, a SeedGenerator, or None for the next draw.
        data_format: where the channels are; what is configured for None.

    Raises:
        InvalidArgument: not pictures, or unknown names.

    Numerics: as in Keras one field of noise moves rows and columns alike, so pixels move along the diagonal.

    Example:
        >>> x = jnp.full((3, 3, 1), 2.0)
        >>> bool((elastic_transform(x, sigma=0.5, seed=1).round(4) == x).all())
        True

    Source: Simard, Steinkraus and Platt, "Best practices for convolutional neural networks", 2003.
    """
    place = "elastic_transform"
    known(place, "interpolation", interpolation, ORDERS)
    known(place, "fill_mode", fill_mode, FILL_MODES)
    x, back = pictures(place, images, data_format)
    taps = int(6 * float(sigma)) | 1
    key = scope.next_key() if seed is None else rng.key_from(seed)
    noise = jax.random.normal(key, x.shape[:3], reals(x[:0]).dtype) * sigma
    moved = operand(alpha) * blurred(noise[..., None], (taps, taps), (sigma, sigma))[..., 0]
    v, u = jnp.indices(x.shape[1:3])
    order = ORDERS[interpolation]
    return back(jax.vmap(lambda one, by: sampled(one, (v + by, u + by), order, fill_mode, fill_value))(x, moved))


def _points(name: str, place: str, expected: object, received: object) -> InvalidArgument:
    return InvalidArgument(
        f"{name} has another shape than the pictures ask for.",
        code="image-points",
        place=place,
        expected=expected,
        received=received,
    )
