"""UpSampling: more steps, pixels or voxels, copied or interpolated."""

from __future__ import annotations

from typing import Any, final

import jax

from ranvier import ops
from ranvier._errors import InvalidArgument, WrongType
from ranvier._typing import Array
from ranvier.layers.data_format import known_data_format
from ranvier.layers.input_spec import InputSpec
from ranvier.layers.spatial import Spatial

__all__ = ["UpSampling1D", "UpSampling2D", "UpSampling3D"]

_INTERPOLATIONS = ("bicubic", "bilinear", "lanczos3", "lanczos5", "nearest")


class _UpSampling(Spatial):
    """The body of all ranks."""

    size: Any

    def _keep(self, data_format: str | None) -> None:
        self.data_format = known_data_format(self, data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)
        self.built = True

    def call(self, inputs: Array) -> Any:
        """Return the copies."""
        for axis, times in enumerate(self._across(self._per_axis("size", self.size), 1)):
            inputs = ops.repeat(inputs, times, axis=axis) if times > 1 else inputs
        return inputs


@final
class UpSampling1D(_UpSampling):
    """Repeat each step of a sequence.

        outputs[n, t, c] = inputs[n, floor(t / size), c]

    Shapes: inputs `[batch, time, channel]`, outputs `[batch, time * size, channel]`.

    Args:
        size: how many times each step stands.

    Raises:
        WrongType: `size` is no whole number.
        InvalidArgument: `size` is below 1.

    Example:
        >>> UpSampling1D(2)([[[1.0], [3.0]]])[0, :, 0].tolist()
        [1.0, 1.0, 3.0, 3.0]
    """

    rank = 1

    def __init__(self, size: int = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(size, int) or isinstance(size, bool):
            raise WrongType(
                "size is how many times each step stands.",
                code="window-argument",
                place=f"{self._where()}: size",
                expected="a whole number",
                received=repr(size),
            )
        (self.size,) = self._per_axis("size", size)
        self._keep("channels_last")


@final
class UpSampling2D(_UpSampling):
    """Make pictures larger, by copies of each pixel or by interpolation.

        outputs[n, y, x, c] = inputs[n, floor(y / size[0]), floor(x / size[1]), c]      interpolation="nearest"

    Shapes: inputs `[batch, row, column, channel]`, outputs `[batch, row * size[0], column * size[1], channel]`; with
    `channels_first`, channels stand before rows.

    Args:
        size: factors, one number for both or (rows, columns).
        data_format: `"channels_last"` or `"channels_first"`.
        interpolation: `"nearest"`, `"bilinear"`, `"bicubic"`, `"lanczos3"` or `"lanczos5"`.

    Raises:
        InvalidArgument: an argument cannot be right.

    Example:
        >>> UpSampling2D((1, 2), interpolation="bilinear")([[[[0.0], [4.0]]]])[0, 0, :, 0].tolist()
        [0.0, 1.0, 3.0, 4.0]
    """

    rank = 2

    def __init__(
        self, size: Any = (2, 2), data_format: str | None = None, interpolation: str = "nearest", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.size = self._per_axis("size", size)
        self._keep(data_format)
        self.interpolation = str(interpolation).lower()
        if self.interpolation not in _INTERPOLATIONS:
            raise InvalidArgument(
                "There is no interpolation of this name.",
                code="unknown-interpolation",
                place=f"{self._where()}: interpolation",
                expected=", ".join(_INTERPOLATIONS),
                received=repr(interpolation),
            )

    def call(self, inputs: Array) -> Any:
        """Return the larger pictures."""
        if self.interpolation == "nearest":
            return super().call(inputs)
        factors = self._across(self.size, 1)
        shape = tuple(size * factor for size, factor in zip(inputs.shape, factors, strict=True))
        return jax.image.resize(inputs, shape, self.interpolation, antialias=False)


@final
class UpSampling3D(_UpSampling):
    """Make volumes larger by copies of each voxel.

        outputs[n, i, c] = inputs[n, floor(i / size), c]      i, size: one number for each of three axes

    Shapes: inputs `[batch, depth, row, column, channel]`, outputs
    `[batch, depth * size[0], row * size[1], column * size[2], channel]`; with `channels_first`, channels stand before
    depth.

    Args:
        size: factors, one number for all or (depth, rows, columns).
        data_format: `"channels_last"` or `"channels_first"`.

    Raises:
        InvalidArgument: an argument cannot be right.

    Example:
        >>> UpSampling3D((1, 1, 2))([[[[[1.0], [3.0]]]]])[0, 0, 0, :, 0].tolist()
        [1.0, 1.0, 3.0, 3.0]
    """

    rank = 3

    def __init__(self, size: Any = (2, 2, 2), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size = self._per_axis("size", size)
        self._keep(data_format)
