"""Layers that bring numbers to a common scale."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, final

import jax.numpy as jnp
import numpy as np

from ranvier import _config
from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.layers.base import Layer

__all__ = ["Normalization", "Rescaling"]


@final
class Rescaling(Layer):
    """Multiply and shift.

        outputs = inputs * scale + offset

    Shapes: outputs have the shape of inputs.

    Args:
        scale: a number, or one per entry of the last axis (per channel where `channels_first` is configured).
        offset: a number, or an array that fits the inputs.

    Example:
        >>> float(Rescaling(1 / 255)([255])[0])
        1.0
    """

    def __init__(self, scale: Any, offset: Any = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale, self.offset = scale, offset
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any) -> Array:
        """Return the rescaled inputs."""
        dtype = self.compute_dtype
        scale = jnp.asarray(self.scale, dtype)
        if scale.ndim and _config.image_data_format() == "channels_first":
            scale = scale.reshape(*scale.shape, *(1,) * (3 - scale.ndim))
        outputs: Array = inputs.astype(dtype) * scale + jnp.asarray(self.offset, dtype)
        return outputs


@final
class Normalization(Layer):
    """Bring each feature to mean 0 and variance 1, with statistics of the training data.

        outputs = (inputs - mean) / max(sqrt(variance), epsilon)

    Shapes: outputs have the shape of inputs; `mean` and `variance` have the sizes of `axis`.

    Args:
        axis: the axis or axes that keep statistics of their own; None for one mean and variance over everything.
        mean, variance: the statistics, instead of `adapt`.
        invert: undo the normalization: `inputs * max(sqrt(variance), epsilon) + mean`.

    Raises:
        InvalidArgument: only one of mean and variance, or an axis of unknown size.

    Example:
        >>> layer = Normalization(axis=None)
        >>> layer.adapt([1.0, 3.0])
        >>> [float(v) for v in layer([1.0, 3.0])]
        [-1.0, 1.0]
    """

    def __init__(
        self, axis: Any = -1, mean: Any = None, variance: Any = None, invert: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.axis = () if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
        if (mean is None) != (variance is None):
            raise InvalidArgument(
                "Normalization takes mean and variance together.",
                code="normalization-statistics",
                place=f"layer {self.name!r}",
                expected="both, or neither and a call of adapt(data)",
                received=f"mean={mean}, variance={variance}",
            )
        self.given_mean, self.given_variance = mean, variance
        self.invert = invert
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Add the statistics, at mean 0 and variance 1, unless they were given."""
        self._broadcast, kept = self._kept(tuple(input_shape))
        if self.given_mean is None:
            options: dict[str, Any] = {"dtype": "float32", "trainable": False, "autocast": False}
            self.adapt_mean = self.add_weight(name="mean", shape=kept, initializer="zeros", **options)
            self.adapt_variance = self.add_weight(name="variance", shape=kept, initializer="ones", **options)
            self.count = self.add_weight(name="count", shape=(), initializer="zeros", dtype="int32", trainable=False)

    def _kept(self, shape: tuple[int | None, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the statistics' shape among all axes (1 where reduced), and without the reduced axes."""
        rank = len(shape)
        kept = sorted(axis % rank for axis in self.axis if -rank <= axis < rank)
        if len(kept) != len(self.axis) or any(shape[axis] is None for axis in kept):
            raise InvalidArgument(
                "An axis that keeps statistics must exist and have a known size.",
                code="normalization-axis",
                place=f"layer {self.name!r}",
                expected=f"a known size at axis {self.axis}",
                received=f"inputs of shape {shape}",
                fix="choose another axis, or give the input a full shape",
            )
        sizes = [int(shape[axis] or 0) for axis in kept]
        broadcast = tuple(int(shape[axis] or 0) if axis in kept else 1 for axis in range(rank))
        return broadcast, tuple(sizes)

    @property
    def mean(self) -> Array:
        """The means, in the shape in which they are broadcast against inputs."""
        return self._statistic(self.adapt_mean.value if self.given_mean is None else self.given_mean)

    @property
    def variance(self) -> Array:
        """The variances, in the shape in which they are broadcast against inputs."""
        return self._statistic(self.adapt_variance.value if self.given_variance is None else self.given_variance)

    def _statistic(self, values: Any) -> Array:
        array = jnp.asarray(values, "float32")
        return jnp.reshape(array, self._broadcast) if array.size == math.prod(self._broadcast) else array

    def call(self, inputs: Any) -> Array:
        """Return the normalized inputs."""
        inputs = inputs.astype(self.compute_dtype)
        mean = self.mean.astype(inputs.dtype)
        deviation = jnp.maximum(jnp.sqrt(self.variance), _config.epsilon()).astype(inputs.dtype)
        outputs: Array = inputs * deviation + mean if self.invert else (inputs - mean) / deviation
        return outputs

    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        """Take the statistics from data, forgetting earlier ones.

        Args:
            data: an array or frame `[row, ...]`, or an iterable of batches.
            batch_size: accepted for Keras; arrays are read at once.
            steps: number of batches to read; all when None.

        Raises:
            InvalidArgument: the layer was given its statistics, or there are no rows.
        """
        if self.given_mean is not None:
            raise InvalidArgument(
                "This Normalization was given its statistics.", code="normalization-given", place=f"layer {self.name!r}"
            )
        count, mean, spread = 0, np.zeros(()), np.zeros(())
        for batch in _batches(data, steps):
            batch = batch[:, None] if batch.ndim == 1 and self.axis else batch
            self._build_for(batch.shape)
            kept = {axis % batch.ndim for axis in self.axis}
            reduced = tuple(axis for axis in range(batch.ndim) if axis not in kept)
            number = math.prod(batch.shape[axis] for axis in reduced)
            if not number:
                continue
            # Chan, Golub, LeVeque 1983: statistics of two parts give those of the whole.
            batch_mean = batch.mean(axis=reduced, dtype=np.float64)
            delta = batch_mean - mean
            spread = spread + batch.var(axis=reduced, dtype=np.float64) * number
            spread = spread + delta**2 * (count * number / (count + number))
            count += number
            mean = mean + delta * (number / count)
        if not count:
            raise InvalidArgument("There are no rows to adapt to.", code="adapt-empty", place=f"layer {self.name!r}")
        self.adapt_mean.assign(mean.astype(np.float32))
        self.adapt_variance.assign((spread / count).astype(np.float32))

    @property
    def adaptable(self) -> bool:
        """Whether `adapt` may be called: the statistics were not given."""
        return self.given_mean is None

    def _build_for(self, shape: tuple[int, ...]) -> None:
        if not self.built:
            self.build((None, *shape[1:]))
        elif self._kept(shape)[1] != self.adapt_mean.shape:
            raise InvalidArgument(
                "The data to adapt to has other features than the layer.",
                code="adapt-shape",
                place=f"layer {self.name!r}",
                expected=f"statistics of shape {self.adapt_mean.shape}",
                received=f"data of shape {shape}",
            )

    def constructor_arguments(self) -> dict[str, Any]:
        """Return the arguments; statistics from `adapt` are weights, not configuration."""
        given = {"mean": self.given_mean, "variance": self.given_variance}
        listed = {name: None if value is None else np.asarray(value).tolist() for name, value in given.items()}
        return {"axis": self.axis, **listed, "invert": self.invert}


def _batches(data: Any, steps: int | None) -> Iterable[np.ndarray]:
    """Yield data as NumPy arrays: all at once when it is an array or a frame, else batch by batch."""
    if hasattr(data, "to_numpy"):
        data = data.to_numpy()
    if hasattr(data, "__array__") or (isinstance(data, (list, tuple)) and data and np.ndim(data[0]) == 0):
        yield np.asarray(data)
        return
    if isinstance(data, (list, tuple)):
        try:
            yield np.asarray(data, dtype=np.float64)
            return
        except ValueError:
            pass
    for number, batch in enumerate(data):
        if steps is not None and number >= steps:
            return
        yield np.asarray(batch)
