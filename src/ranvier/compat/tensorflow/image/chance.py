"""Random changes of pictures. A `seed` alone makes draws differ from others; `tf.random.set_seed` makes runs equal.

The `stateless_` functions give the same for the same seed, always.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from ranvier import ops, random
from ranvier.compat.tensorflow.image.colours import (
    adjust_brightness,
    adjust_contrast,
    adjust_hue,
    adjust_saturation,
)
from ranvier.compat.tensorflow.image.types import frames, refusal
from ranvier.state import rng, scope, threefry
from ranvier.state.symbolic import op

__all__ = [
    "random_brightness",
    "random_contrast",
    "random_crop",
    "random_flip_left_right",
    "random_flip_up_down",
    "random_hue",
    "random_saturation",
    "stateless_random_brightness",
    "stateless_random_contrast",
    "stateless_random_crop",
    "stateless_random_flip_left_right",
    "stateless_random_flip_up_down",
    "stateless_random_hue",
    "stateless_random_saturation",
]


def _key(seed: Any) -> Any:
    """Return the key to draw with: the next one for None or a number, always the same for two numbers."""
    if seed is None:
        return scope.next_key()
    if isinstance(seed, (int, np.integer)):
        return threefry.fold_in(scope.next_key(), int(seed) & 0xFFFFFFFF)
    return rng.wrapped(jnp.asarray(seed).astype("uint32"))


def _between(low: Any, high: Any, seed: Any) -> Any:
    return random.uniform((), low, high, seed=_key(seed))


def _flipped(place: str, image: Any, axis: int, seed: Any) -> Any:
    """Return each picture mirrored along an axis, or not, with even chances."""
    x = frames(place, image)
    chosen = random.uniform((*x.shape[:-3], 1, 1, 1), seed=_key(seed)) < 0.5
    return jnp.where(chosen, jnp.flip(x, axis), x)


@op
def random_flip_left_right(image: Any, seed: Any = None) -> Any:
    """Return each picture mirrored, left and right exchanged, with a chance of one half."""
    return _flipped("random_flip_left_right", image, -2, seed)


@op
def random_flip_up_down(image: Any, seed: Any = None) -> Any:
    """Return each picture mirrored, top and bottom exchanged, with a chance of one half."""
    return _flipped("random_flip_up_down", image, -3, seed)


@op
def random_brightness(image: Any, max_delta: float, seed: Any = None) -> Any:
    """Return pictures brighter or darker by up to `max_delta` of white.

    Raises:
        InvalidArgument: `max_delta` is below 0.
    """
    _least("random_brightness", max_delta)
    return adjust_brightness(image, _between(-max_delta, max_delta, seed))


@op
def random_contrast(image: Any, lower: float, upper: float, seed: Any = None) -> Any:
    """Return pictures whose contrast is multiplied by a factor between two bounds.

    Raises:
        InvalidArgument: not pictures, or no bounds from 0 up with the lower one first.
    """
    _bounds("random_contrast", lower, upper)
    return adjust_contrast(image, _between(lower, upper, seed))


@op
def random_hue(image: Any, max_delta: float, seed: Any = None) -> Any:
    """Return coloured pictures whose hue is turned by up to `max_delta` of a whole turn.

    Raises:
        InvalidArgument: not pictures with three channels, or `max_delta` is not from 0 to 0.5.
    """
    _least("random_hue", max_delta)
    if max_delta > 0.5:
        raise refusal("random_hue", "max_delta up to 0.5", max_delta)
    return adjust_hue(image, _between(-max_delta, max_delta, seed))


@op
def random_saturation(image: Any, lower: float, upper: float, seed: Any = None) -> Any:
    """Return coloured pictures whose saturation is multiplied by a factor between two bounds.

    Raises:
        InvalidArgument: not pictures with three channels, or no bounds from 0 up with the lower one first.
    """
    _bounds("random_saturation", lower, upper)
    return adjust_saturation(image, _between(lower, upper, seed))


@op
def random_crop(value: Any, size: Any, seed: Any = None, name: str | None = None) -> Any:
    """Return a part of an array with this size, from anywhere.

    Raises:
        InvalidArgument: the size does not fit the array.
    """
    x, sizes = ops.convert_to_tensor(value), tuple(int(one) for one in np.asarray(size).ravel())
    if len(sizes) != x.ndim or any(not 0 < one <= length for one, length in zip(sizes, x.shape, strict=False)):
        raise refusal("random_crop", f"{x.ndim} sizes up to {x.shape}", sizes)
    room = jnp.array([length - one + 1 for one, length in zip(sizes, x.shape, strict=True)])
    starts = jnp.floor(random.uniform((x.ndim,), seed=_key(seed)) * room).astype("int32")
    return lax.dynamic_slice(x, jnp.minimum(starts, room - 1), sizes)


def _least(place: str, max_delta: float) -> None:
    if max_delta < 0:
        raise refusal(place, "max_delta from 0 up", max_delta)


def _bounds(place: str, lower: float, upper: float) -> None:
    if not 0 <= lower < upper:
        raise refusal(place, "0 <= lower < upper", (lower, upper))


def _stateless(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a random change that its seed, two numbers, decides alone."""

    @functools.wraps(function)
    def face(*args: Any, seed: Any = None, **kwargs: Any) -> Any:
        given = args[-1] if seed is None and args else seed
        if np.shape(given) != (2,):
            raise refusal(f"stateless_{function.__name__}", "seed=(first, second), two whole numbers", repr(given))
        return function(*(args if seed is not None else args[:-1]), seed=jnp.asarray(given), **kwargs)

    return face


stateless_random_brightness = _stateless(random_brightness)
stateless_random_contrast = _stateless(random_contrast)
stateless_random_crop = _stateless(random_crop)
stateless_random_flip_left_right = _stateless(random_flip_left_right)
stateless_random_flip_up_down = _stateless(random_flip_up_down)
stateless_random_hue = _stateless(random_hue)
stateless_random_saturation = _stateless(random_saturation)
