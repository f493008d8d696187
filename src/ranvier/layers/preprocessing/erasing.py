"""A layer that hides a part of each picture."""

from __future__ import annotations

from typing import Any, final

import jax.numpy as jnp
import numpy as np

from ranvier import random
from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.layers.preprocessing.image_arguments import factor_range
from ranvier.layers.preprocessing.recolouring import Recolouring, per_image
from ranvier.layers.preprocessing.rectangles import random_rectangles

__all__ = ["RandomErasing"]


@final
class RandomErasing(Recolouring):
    """Fill a random rectangle of a random share of the pictures while training.

        outputs = where(apply_erasing & batch_masks, fill_value, images)
        apply_erasing ~ Bernoulli(p), p ~ Uniform(factor)
        batch_masks: a rectangle with sides sqrt(share) of height and width, each share ~ Uniform(scale)

    Shapes: `[batch, row, column, channel]` or one picture without `batch`; outputs have the shape of the images.

    Args:
        factor: bounds of the probability, a pair in [0, 1], or a number f for (0, f).
        scale: bounds of the rectangle's share of the picture, a pair in [0, 1], or a number s for (0, s).
        fill_value: a number, one per channel of three, or None for noise ~ Normal(0, value_range[1]²).
        value_range: lowest and highest value of a pixel, to which the filling is cut.
        seed: makes the draws of this layer its own: an integer or a SeedGenerator.
        data_format: `"channels_last"` or `"channels_first"`.

    Raises:
        InvalidArgument: a factor, a range or a filling that is none.

    Example:
        >>> layer = RandomErasing((1, 1), scale=(1, 1), fill_value=7.0)
        >>> [float(v) for v in layer([[[100.0], [200.0]]]).ravel()]
        [7.0, 7.0]

    Source: Zhong et al., "Random erasing data augmentation", 2017.
    """

    _USE_BASE_FACTOR = False
    _FACTOR_BOUNDS = (0, 1)

    def __init__(
        self,
        factor: Any = 1.0,
        scale: Any = (0.02, 0.33),
        fill_value: Any = None,
        value_range: Any = (0, 255),
        seed: Any = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self._set_factor(factor)
        self.scale = factor_range(self, "scale", scale, self._FACTOR_BOUNDS, overlapping=True)
        self.fill_value = self._known_filling(fill_value)
        self._set_value_range(value_range)
        self._set_seed(seed)

    def _known_filling(self, filling: Any) -> Any:
        several = isinstance(filling, (tuple, list))
        numbers = [v for v in (filling if several else [filling]) if isinstance(v, (int, float, np.number))]
        if filling is not None and len(numbers) != (3 if several else 1):
            raise InvalidArgument(
                "The filling of an erased rectangle is a tone, a colour, or noise.",
                code="fill-value",
                place=f"layer {self.name!r}: fill_value",
                expected="a number, three numbers, or None",
                received=repr(filling),
            )
        return filling

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Draw `apply_erasing`, `batch_masks` and `fill_value`: which pictures, which pixels, what comes there."""
        if not training:
            return None
        images = self._images_of(data)
        batch, height, width = self._sizes(images)
        channel = -1 if self.data_format == "channels_last" else -3
        source = self._seed(seed)
        sides = jnp.sqrt(random.uniform((batch, 2), *self.scale, seed=source))
        masks = random_rectangles(height, width, sides[:, 1], sides[:, 0], source)
        return {
            "apply_erasing": self._chosen(data, seed),
            "batch_masks": jnp.expand_dims(masks, channel),
            "fill_value": self._filling((batch, *images.shape[-3:]), channel, source),
        }

    def _filling(self, shape: tuple[int, ...], channel: int, seed: Any) -> Array:
        if self.fill_value is None:
            filling = random.normal(shape, dtype=self.compute_dtype, seed=seed) * self.value_range[1]
        else:
            tones = jnp.asarray(self.fill_value, self.compute_dtype)
            if tones.size > 1 and shape[channel] != tones.size:
                raise InvalidArgument(
                    "The filling has another number of channels than the pictures.",
                    code="fill-value",
                    place=f"layer {self.name!r}: fill_value",
                    expected=f"a number, or pictures of {tones.size} channels",
                    received=f"pictures of {shape[channel]}",
                )
            filling = jnp.reshape(tones, [1, -1, 1, 1] if channel == -3 else [1, 1, 1, -1])
        return jnp.clip(filling, *self.value_range)

    def _transform_images(self, images: Array, transformation: Any, interpolation: str) -> Array:
        erased = transformation["batch_masks"] & per_image(transformation["apply_erasing"], images)
        return jnp.where(erased, transformation["fill_value"].astype(images.dtype), images)
