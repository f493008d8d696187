"""Layers that shear pictures, or show them from elsewhere, by chance."""

from __future__ import annotations

from typing import Any, ClassVar, final

import jax.numpy as jnp

from ranvier._typing import Array
from ranvier.layers.dropout import share
from ranvier.layers.preprocessing.image_arguments import factor_range
from ranvier.layers.preprocessing.warping import Warping
from ranvier.ops import image
from ranvier.ops.box_moves import projected

__all__ = ["RandomPerspective", "RandomShear"]


@final
class RandomShear(Warping):
    """Shear each picture while training, by a factor and in a direction of its own.

        outputs[y, x] = images at (x + s y, y + t x)      s, t drawn, both with the sign of one coin

    Shapes: outputs have the shape of the pictures.

    Numerics: boxes are the smallest around the moved corners [pixels]; Keras's are those of square pictures, and
    approximate where both factors are used. A number stays a number in the configuration: the pair that Keras writes
    for it is one that Keras itself refuses (read here).

    Args:
        x_factor: bounds of `s`: a pair, or a number for both directions.
        y_factor: bounds of `t`, likewise.
        interpolation: `"bilinear"` or `"nearest"`.
        fill_mode: what lies outside: `"reflect"`, `"wrap"`, `"constant"` or `"nearest"`.
        fill_value: what lies outside where `fill_mode` is `"constant"`.
        data_format: `"channels_last"` or `"channels_first"`.
        seed: makes the draws of this layer its own: an integer or a SeedGenerator.

    Raises:
        InvalidArgument: a factor outside of [0, 1], or data of another rank.
        Unsupported: an unknown fill mode or interpolation.

    Example:
        >>> RandomShear(0.0)([[[1.0], [2.0]]], training=True)[..., 0].tolist()
        [[1.0, 2.0]]

    Source: Simard, Steinkraus and Platt, "Best practices for convolutional neural networks", 2003.
    """

    def __init__(
        self,
        x_factor: Any = 0.0,
        y_factor: Any = 0.0,
        interpolation: str = "bilinear",
        fill_mode: str = "reflect",
        fill_value: float = 0.0,
        data_format: str | None = None,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.x_factor = self._bounds("x_factor", x_factor)
        self.y_factor = self._bounds("y_factor", y_factor)
        self._keep(fill_mode, interpolation, seed, fill_value)

    def _bounds(self, name: str, value: Any) -> tuple[float, float]:
        mirrored = isinstance(value, (list, tuple)) and len(value) == 2 and value[0] == -value[1]
        return factor_range(self, name, max(value) if mirrored else value, (0, 1))

    def constructor_arguments(self) -> dict[str, Any]:
        """Return the arguments, a pair around 0 as the number that it was."""
        given = super().constructor_arguments()
        for name in ("x_factor", "y_factor"):
            lower, upper = given[name]
            given[name] = upper if lower == -upper else (lower, upper)
        return given

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Return for each picture `(s, t)`."""
        if not training:
            return None
        images = self._images_of(data)
        shape = (self._sizes(images)[0], 1)
        coin = self._uniform(shape, (0, 1), seed)
        down = self._uniform(shape, self.y_factor, seed)
        across = self._uniform(shape, self.x_factor, seed)
        factors = jnp.concatenate([across, down], axis=1) * jnp.where(coin > 0.5, -1.0, 1.0)
        return {"shear_factor": factors, "input_shape": tuple(images.shape)}

    def _matrix(self, transformation: Any, height: int, width: int) -> Array:
        across, down = jnp.moveaxis(jnp.asarray(transformation["shear_factor"], "float32"), 1, 0)
        one, none = jnp.ones_like(across), jnp.zeros_like(across)
        return jnp.stack([one, across, none, down, one, none, none, none], axis=1)


@final
class RandomPerspective(Warping):
    """Show each picture from elsewhere while training, as if it hung on a wall.

        end = start * (1 + shift)      shift ~ Uniform(-scale / 2, scale / 2), for x and y of each of the four corners

    What was at the corners `start` is at `end` afterwards, and straight lines stay straight.

    Shapes: outputs have the shape of the pictures.

    Numerics: boxes come back in their own format; Keras returns them as `"xyxy"`.

    Args:
        factor: bounds of the probability that a picture is changed: a pair, or the upper one.
        scale: how far the corners move, in [0, 1].
        interpolation: `"bilinear"` or `"nearest"`.
        fill_value: what lies outside.
        seed: makes the draws of this layer its own: an integer or a SeedGenerator.
        data_format: `"channels_last"` or `"channels_first"`.

    Raises:
        InvalidArgument: a factor or scale outside of [0, 1], or data of another rank.
        Unsupported: an unknown interpolation.

    Example:
        >>> same = RandomPerspective(scale=0.0)([[[1.0], [2.0]], [[3.0], [4.0]]], training=True)
        >>> [round(float(v), 3) for v in same.ravel()]
        [1.0, 2.0, 3.0, 4.0]

    Source: Heckbert, "Fundamentals of texture mapping and image warping", 1989, section 2.2.
    """

    _FACTOR_BOUNDS: ClassVar[tuple[float, float]] = (0, 1)

    def __init__(
        self,
        factor: Any = 1.0,
        scale: float = 1.0,
        interpolation: str = "bilinear",
        fill_value: float = 0.0,
        seed: Any = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self._set_factor(factor)
        self.scale = share(self, "scale", scale)
        self._keep("constant", interpolation, seed, fill_value)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Return for each picture whether it is changed, and its corners before and after."""
        if not training:
            return None
        images = self._images_of(data)
        batch, height, width = self._sizes(images)
        probability = self._uniform((batch,), self.factor, seed)
        applied = self._uniform((batch,), (0.0, 1.0), seed) < probability
        shift = self._uniform((batch, 4, 2), (-0.5 * self.scale, 0.5 * self.scale), seed)
        right, bottom = float(width - 1), float(height - 1)
        corners = jnp.asarray([[0.0, 0.0], [right, 0.0], [0.0, bottom], [right, bottom]], "float32")
        start = jnp.broadcast_to(corners, (batch, 4, 2))
        return {
            "apply_perspective": applied,
            "start_points": start,
            "end_points": start + start * shift,
            "input_shape": tuple(images.shape),
        }

    def _moved(self, images: Array, transformation: Any, interpolation: str) -> Array:
        moved = image.perspective_transform(
            images,
            transformation["start_points"],
            transformation["end_points"],
            interpolation=interpolation,
            fill_value=self.fill_value,
            data_format=self.data_format,
        )
        return jnp.where(jnp.reshape(jnp.asarray(transformation["apply_perspective"]), (-1, 1, 1, 1)), moved, images)

    def _moved_corners(self, corners: Array, transformation: Any, size: tuple[int, int]) -> Array:
        forward = _seen_from(jnp.asarray(transformation["end_points"], "float32"), *size)
        applied = jnp.reshape(jnp.asarray(transformation["apply_perspective"]), (-1, 1, 1))
        return jnp.where(applied, projected(corners, forward), corners)


def _seen_from(end: Array, height: int, width: int) -> Array:
    """Return the maps `[batch, 3, 3]` that carry a picture's corners to `end` `[batch, 4, 2]` (Heckbert, eq. 2.4)."""
    first, second, third, last = jnp.moveaxis(end, 1, 0)
    beside, below, rest = second - last, third - last, first - second - third + last
    area = _cross(beside, below)
    g, h = _cross(rest, below) / area, _cross(beside, rest) / area
    across, down = second - first + g * second, third - first + h * third
    columns = [
        jnp.concatenate([across, g], axis=-1) / max(width - 1, 1),
        jnp.concatenate([down, h], axis=-1) / max(height - 1, 1),
        jnp.concatenate([first, jnp.ones_like(g)], axis=-1),
    ]
    return jnp.stack(columns, axis=-1)


def _cross(a: Array, b: Array) -> Array:
    return a[:, :1] * b[:, 1:] - a[:, 1:] * b[:, :1]
