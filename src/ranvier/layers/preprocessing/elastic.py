"""A layer that distorts pictures as if they were printed on rubber."""

from __future__ import annotations

from typing import Any, ClassVar, final

import jax
import jax.numpy as jnp

from ranvier import random
from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.layers.preprocessing.image_arguments import factor_range, known_choice
from ranvier.layers.preprocessing.image_augmentation import BaseImagePreprocessingLayer
from ranvier.layers.preprocessing.warping import INTERPOLATIONS
from ranvier.ops import image
from ranvier.random.seeds import key_of

__all__ = ["RandomElasticTransform"]

_FILL_MODES = ("constant", "nearest", "wrap", "mirror", "reflect")


@final
class RandomElasticTransform(BaseImagePreprocessingLayer):
    """Distort each picture while training by displacements that vary smoothly.

        outputs[y, x] = images at (x + d[y, x], y + d[y, x])      d = alpha * blur(sigma * noise, sigma)

    with `alpha = 0.1 * strength * max(rows, columns)`, `sigma = 0.05 * strength * min(rows, columns)` and a strength
    drawn once for a batch.

    Shapes: outputs have the shape of the pictures.

    Numerics: as in Keras one field moves rows and columns alike. Unlike in Keras, segmentation masks are moved by the
    same field as their pictures, and are not clipped to `value_range`.

    Args:
        factor: bounds of the probability that a picture is changed: a pair, or the upper one.
        scale: bounds of the strength: a pair, or the upper one.
        interpolation: `"bilinear"` or `"nearest"`.
        fill_mode: what lies outside: `"reflect"`, `"constant"`, `"nearest"`, `"wrap"` or `"mirror"`.
        fill_value: what lies outside where `fill_mode` is `"constant"`.
        value_range: the lowest and the highest value of a pixel, to which outputs are clipped.
        seed: makes the draws of this layer its own: an integer or a SeedGenerator.
        data_format: `"channels_last"` or `"channels_first"`.

    Raises:
        InvalidArgument: a factor or scale outside of [0, 1], no pair as range, or data of another rank.
        Unsupported: an unknown fill mode or interpolation, or data with bounding boxes.

    Example:
        >>> RandomElasticTransform(scale=0.0)([[[1.0], [2.0]]], training=True)[..., 0].tolist()
        [[1.0, 2.0]]

    Source: Simard, Steinkraus and Platt, "Best practices for convolutional neural networks", 2003.
    """

    _USE_BASE_FACTOR: ClassVar[bool] = False
    _FACTOR_BOUNDS: ClassVar[tuple[float, float]] = (0, 1)

    def __init__(
        self,
        factor: Any = 1.0,
        scale: Any = 1.0,
        interpolation: str = "bilinear",
        fill_mode: str = "reflect",
        fill_value: float = 0.0,
        value_range: Any = (0, 255),
        seed: Any = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self._set_factor(factor)
        self.scale = factor_range(self, "scale", scale, self._FACTOR_BOUNDS, overlapping=True)
        self.interpolation = known_choice(self, "interpolation", interpolation, INTERPOLATIONS)
        self.fill_mode = known_choice(self, "fill_mode", fill_mode, _FILL_MODES)
        self.fill_value, self.value_range = fill_value, value_range
        if not isinstance(value_range, (list, tuple)) or len(value_range) != 2 or value_range[0] >= value_range[1]:
            raise InvalidArgument(
                "value_range says between which values pixels lie.",
                code="value-range",
                place=f"layer {self.name!r}: value_range",
                expected="a pair such as (0, 255) or (0, 1)",
                received=repr(value_range),
            )
        self._set_seed(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Return for each picture whether it is changed; the strength, and the key of the field, for all of them."""
        if not training or self.scale[1] == 0 or self.factor[1] == 0:
            return None
        batch = self._sizes(self._images_of(data))[0]
        seed = self._seed(seed)
        probability = random.uniform((batch,), *self.factor, dtype="float32", seed=seed)
        applied = random.uniform((batch,), dtype="float32", seed=seed) < probability
        strength = random.uniform((), *self.scale, dtype="float32", seed=seed)
        return {"apply_transform": applied, "distortion_factor": strength, "seed": key_of(seed)}

    def _transform_images(self, images: Array, transformation: Any, interpolation: str) -> Array:
        if transformation is None:
            return images
        batch = images if images.ndim == 4 else images[None]
        last = batch if self.data_format == "channels_last" else jnp.moveaxis(batch, 1, -1)
        field = _field(key_of(transformation["seed"]), last.shape[:3], transformation["distortion_factor"])
        moved = jax.vmap(self._sampled, in_axes=(0, 0, None))(last, field, interpolation)
        moved = moved if self.data_format == "channels_last" else jnp.moveaxis(moved, -1, 1)
        moved = jnp.where(jnp.reshape(jnp.asarray(transformation["apply_transform"]), (-1, 1, 1, 1)), moved, batch)
        return moved if images.ndim == 4 else moved[0]

    def transform_images(self, images: Array, transformation: Any, training: bool = True) -> Array:
        """Return the distorted pictures, clipped to the range of values."""
        moved = super().transform_images(images, transformation, training=training)
        return moved if transformation is None else jnp.clip(moved, *self.value_range)

    def _sampled(self, picture: Array, field: Array, interpolation: str) -> Array:
        """Return one picture `[row, column, channel]` moved by its field `[row, column]`."""
        rows, columns = jnp.indices(field.shape)
        places = jnp.stack([rows + field, columns + field])
        order = INTERPOLATIONS.index(interpolation)

        def one(channel: Array) -> Array:
            return image.map_coordinates(channel, places, order, self.fill_mode, self.fill_value)

        return jax.vmap(one, in_axes=-1, out_axes=-1)(picture)


def _field(key: Array, shape: tuple[int, ...], strength: Array) -> Array:
    """Return how far each pixel moves, right and down alike: `[batch, row, column]` [pixels]."""
    rows, columns = shape[1:]
    alpha, sigma = 0.1 * strength * max(rows, columns), 0.05 * strength * min(rows, columns)
    noise = random.normal(shape, dtype="float32", seed=key) * sigma
    return alpha * jnp.einsum("ij,njk,lk->nil", _bell(rows, sigma), noise, _bell(columns, sigma), precision="highest")


def _bell(size: int, sigma: Array) -> Array:
    """Return a blur along one axis as a matrix: its width is drawn in the running program, so it has no fixed taps."""
    reach = jnp.floor(6 * sigma) // 2
    taps = jnp.arange(-size, size + 1)
    weights = jnp.where(jnp.abs(taps) <= reach, jnp.exp(-0.5 * (taps / jnp.maximum(sigma, 1e-6)) ** 2), 0.0)
    distance = jnp.arange(size)[:, None] - jnp.arange(size)[None, :]
    return (weights / weights.sum())[distance + size]
