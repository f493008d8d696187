"""Layers that spread the tones of pictures evenly."""

from __future__ import annotations

from typing import Any, Final, final

import jax.numpy as jnp
import numpy as np

from ranvier import ops
from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.layers.configured import positive_integer
from ranvier.layers.preprocessing.recolouring import Recolouring

__all__ = ["ContrastLimitedAdaptiveHistogramEqualization", "Equalization"]

_TONES: Final = 256


@final
class Equalization(Recolouring):
    """Give all tones of a channel about equal shares of the pixels, in training.

        below   = number of pixels of the channel in this bin or a lower one
        outputs = round((below - least) * 255 / (number - least))      least: `below` of the lowest bin with pixels

    A channel of one single tone stays as it is.

    Shapes: `[batch, row, column, channel]` or one picture without `batch`; outputs have the shape of the images.

    Numerics: pixels are counted over all pictures of a batch together, as in Keras.

    Args:
        value_range: lowest and highest value of a pixel.
        bins: number of tones that are told apart.
        data_format: `"channels_last"` or `"channels_first"`.

    Raises:
        InvalidArgument: a range of values, or a number of bins, that is none.

    Example:
        >>> [float(v) for v in Equalization()([[[10.0], [20.0], [30.0]]]).ravel()]
        [0.0, 128.0, 255.0]
    """

    _USE_BASE_FACTOR = False

    def __init__(
        self, value_range: Any = (0, 255), bins: int = _TONES, data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.bins = positive_integer(self, "bins", bins)
        self._set_value_range(value_range)

    def _transform_images(self, images: Array, transformation: Any, interpolation: str) -> Array:
        channel = -1 if self.data_format == "channels_last" else -3
        last = jnp.moveaxis(self._in_bytes(images), channel, -1)
        values = jnp.reshape(last, (-1, last.shape[-1])).T
        histogram = _counted(_bins(values * (self.bins - 1) / 255, self.bins), self.bins)
        below = jnp.cumsum(histogram, axis=-1)
        least = jnp.min(jnp.where(below > 0, below, values.shape[-1]), axis=-1, keepdims=True)
        scale = jnp.maximum(values.shape[-1] - least, 1).astype("float32")
        table = jnp.clip(jnp.round((below - least).astype("float32") * 255 / scale), 0, 255)
        found = jnp.take_along_axis(table, _bins(values / 255 * (self.bins - 1), self.bins), axis=-1)
        several = jnp.count_nonzero(histogram, axis=-1, keepdims=True) > 1
        spread = jnp.where(several, found.astype(values.dtype), values)
        return self._from_bytes(jnp.moveaxis(jnp.reshape(spread.T, last.shape), -1, channel))


@final
class ContrastLimitedAdaptiveHistogramEqualization(Recolouring):
    """Spread the tones of each region of a picture, but none of them too far; in training and in use.

        counts  = histogram of a tile, cut at clip_limit * pixels / 256; what was cut off is spread over all tones
        table   = 255 * (below - below[0]) / (pixels - below[0])      below: counts of this tone and all lower ones
        outputs = tables of the four tiles around a pixel, mixed by its distance from their middles

    Shapes: `[batch, row, column, channel]` or one picture without `batch`; outputs have the shape of the images.

    Numerics: computed in float32; pictures keep their type, bytes are rounded towards 0, as in Keras.

    Args:
        value_range: lowest and highest value of a pixel.
        clip_limit: how many times its even share a tone may count; 0 or less for no limit.
        tile_grid_size: number of tiles along rows and columns; the picture is mirrored to fill the last ones.
        data_format: `"channels_last"` or `"channels_first"`.

    Raises:
        InvalidArgument: a range of values or a grid that is none, or more tiles than mirrored pixels can fill.

    Example:
        >>> layer = ContrastLimitedAdaptiveHistogramEqualization(tile_grid_size=(1, 1), clip_limit=0)
        >>> [float(v) for v in layer([[[10.0], [20.0], [30.0]]]).ravel()]
        [85.0, 170.0, 255.0]

    Source: Zuiderveld, "Contrast limited adaptive histogram equalization", 1994.
    """

    _USE_BASE_FACTOR = False

    def __init__(
        self,
        value_range: Any = (0, 255),
        clip_limit: float = 4.0,
        tile_grid_size: Any = (8, 8),
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self._set_value_range(value_range)
        self.clip_limit = clip_limit
        if not isinstance(tile_grid_size, (tuple, list)) or len(tile_grid_size) != 2:
            raise InvalidArgument(
                "The tiles form a grid.",
                code="tile-grid",
                place=f"layer {self.name!r}: tile_grid_size",
                expected="a pair of whole numbers",
                received=repr(tile_grid_size),
            )
        rows, columns = (positive_integer(self, "tile_grid_size", size) for size in tile_grid_size)
        self.tile_grid_size = rows, columns

    def transform_images(self, images: Array, transformation: Any = None, training: bool = True) -> Array:
        """Return pictures with the tones of each region spread, in their own type."""
        first = self.data_format == "channels_first"
        planes = images if first else jnp.moveaxis(images, -1, -3)
        scaled = self._transform_value_range(planes.astype("float32"), self.value_range, (0, 255))
        spread = self._transform_value_range(self._spread(scaled), (0, 255), self.value_range)
        result: Array = ops.cast(spread if first else jnp.moveaxis(spread, -3, -1), images.dtype)
        return result

    def _spread(self, planes: Array) -> Array:
        """Return planes `[batch, channel, row, column]` of 0 to 255 after equalization."""
        height, width = planes.shape[-2:]
        tile = [-(-size // tiles) for size, tiles in zip((height, width), self.tile_grid_size, strict=True)]
        padded = self._padded(planes, tile)
        tones = jnp.clip(padded.astype("int32"), 0, _TONES - 1)
        tables = self._tables(tones, tile)
        up, down, lower = self._between(tile[0], self.tile_grid_size[0])
        left, right, further = self._between(tile[1], self.tile_grid_size[1])
        flat = jnp.reshape(tables, (*tables.shape[:2], -1))

        def looked_up(rows: np.ndarray, columns: np.ndarray) -> Array:
            starts = (rows[:, None] * self.tile_grid_size[1] + columns[None, :]) * _TONES
            places = jnp.reshape(tones + starts, (*tones.shape[:2], -1))
            return jnp.reshape(jnp.take_along_axis(flat, places, axis=-1), tones.shape)

        above = looked_up(up, left) * (1 - further) + looked_up(up, right) * further
        below = looked_up(down, left) * (1 - further) + looked_up(down, right) * further
        mixed = above * (1 - lower[:, None]) + below * lower[:, None]
        return mixed[..., :height, :width]

    def _padded(self, planes: Array, tile: list[int]) -> Array:
        """Return the planes, mirrored at their ends so that they fill all tiles."""
        sizes = planes.shape[-2:]
        missing = [t * n - size for t, n, size in zip(tile, self.tile_grid_size, sizes, strict=True)]
        return jnp.pad(planes, [(0, 0), (0, 0), (0, missing[0]), (0, missing[1])], mode="symmetric")

    def _tables(self, tones: Array, tile: list[int]) -> Array:
        """Return what becomes of each tone in each tile, `[batch, channel, tile row, tile column, tone]`."""
        batch, channels = tones.shape[:2]
        (rows, columns), pixels = self.tile_grid_size, tile[0] * tile[1]
        tiles = jnp.reshape(tones, (batch, channels, rows, tile[0], columns, tile[1])).swapaxes(3, 4)
        counts = _counted(jnp.reshape(tiles, (-1, pixels)), _TONES).astype("float32")
        if self.clip_limit > 0:
            cut = jnp.minimum(counts, self.clip_limit * pixels / _TONES)
            counts = cut + jnp.sum(counts - cut, axis=-1, keepdims=True) / _TONES
        below = jnp.cumsum(counts, axis=-1)
        least = below[:, :1]
        rest = pixels - least
        table = jnp.clip((below - least) * 255 / jnp.where(rest == 0, 1, rest), 0, 255)
        return jnp.reshape(table, (batch, channels, rows, columns, _TONES))

    def _between(self, length: int, tiles: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return for each pixel along an axis the tiles before and after it, and how near it is to the latter."""
        place = (np.arange(length * tiles, dtype="float32") - length / 2) / length
        before = np.floor(place)
        ends = np.clip([before, before + 1], 0, tiles - 1).astype("int32")
        return ends[0], ends[1], (place - before).astype("float32")


def _bins(values: Array, bins: int) -> Array:
    return jnp.clip(values.astype("int32"), 0, bins - 1)


def _counted(places: Array, bins: int) -> Array:
    """Return how often each of `bins` numbers stands in each row of `places` `[row, pixel]`."""
    rows = jnp.arange(places.shape[0])[:, None]
    return jnp.zeros((places.shape[0], bins), "int32").at[rows, places].add(1)
