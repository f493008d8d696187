"""Dot: products of the rows of two tensors, summed over one axis."""

from __future__ import annotations

import string
from typing import Any, final

from ranvier import ops
from ranvier._errors import InvalidArgument, WrongType
from ranvier._typing import Array, Shape
from ranvier.layers.base import Layer
from ranvier.layers.merging import checked_shapes

__all__ = ["Dot", "dot"]


@final
class Dot(Layer):
    """Sum of products of two inputs over one axis of each, row by row.

        outputs[b, i..., j...] = sum_k  first[b, i..., k] * second[b, j..., k]

    Shapes: inputs `[batch, ...]`; outputs have the first input's other axes, then the second's. Two vectors per row
    give `[batch, 1]`. The outputs have no mask.

    Args:
        axes: the axis to sum over, one number for both inputs or a pair; negative ones count from the end.
        normalize: whether both inputs are first brought to length 1 along the axis, which gives their cosine.

    Raises:
        InvalidArgument: other than two inputs, the rows' axis, or an axis that does not exist or differs in size.
        WrongType: `axes` is neither a whole number nor a list.

    Example:
        >>> import numpy as np
        >>> float(Dot(axes=1)([np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]])])[0, 0])
        11.0
    """

    def __init__(self, axes: Any, normalize: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        several = isinstance(axes, (list, tuple))
        if not isinstance(axes, int) and not (several and len(axes) == 2 and all(isinstance(a, int) for a in axes)):
            raise (InvalidArgument if several else WrongType)(
                "Dot sums over one axis of each input.",
                code="dot-axes",
                place=f"layer {self.name!r}",
                expected="axes=1, axes=-1 or axes=(2, 1)",
                received=f"axes={axes!r}",
            )
        self.axes = axes
        self.normalize = normalize

    def build(self, input_shape: Any) -> None:
        """Check the shapes."""
        first, second = shapes = checked_shapes(self, input_shape, 2, 2)
        given = self._given_axes()
        exists = all(-len(shape) <= axis < len(shape) for axis, shape in zip(given, shapes, strict=True))
        sizes = [shape[axis] for axis, shape in zip(given, shapes, strict=True)] if exists else []
        rows = {first[0], second[0]} - {None} if first and second else set()
        if not exists or len(set(sizes) - {None}) > 1 or len(rows) > 1 or 0 in self._counted(shapes):
            raise InvalidArgument(
                "Dot cannot sum over these axes of its inputs.",
                code="dot-shapes",
                place=f"layer {self.name!r}",
                expected="equally many rows, and equal sizes on an axis that is not the rows'",
                received=f"axes={self.axes}, shapes {first} and {second}",
                fix="choose other axes, or add an axis with Reshape",
            )

    def call(self, inputs: Any) -> Array:
        """Return the sums."""
        axes = self._counted([x.shape for x in inputs])
        if self.normalize:
            inputs = [ops.normalize(x, axis=axis) for x, axis in zip(inputs, axes, strict=True)]
        # A letter for each axis: the rows' letter and the summed one are the same in both inputs.
        letters = iter(string.ascii_letters)
        rows, summed = next(letters), next(letters)
        names = [
            [rows, *(summed if a == axis else next(letters) for a in range(1, x.ndim))]
            for x, axis in zip(inputs, axes, strict=True)
        ]
        kept = [rows, *(name for one in names for name in one[1:] if name != summed)]
        outputs = ops.einsum(f"{''.join(names[0])},{''.join(names[1])}->{''.join(kept)}", *inputs)
        return ops.expand_dims(outputs, 1) if outputs.ndim == 1 else outputs

    def _given_axes(self) -> tuple[int, int]:
        return (self.axes, self.axes) if isinstance(self.axes, int) else (self.axes[0], self.axes[1])

    def _counted(self, shapes: list[Shape]) -> list[int]:
        """Return the axes, counted from the front."""
        return [axis % max(len(shape), 1) for axis, shape in zip(self._given_axes(), shapes, strict=True)]


def dot(inputs: Any, axes: Any = -1, **kwargs: Any) -> Any:
    """Return `Dot(axes, **kwargs)(inputs)`."""
    return Dot(axes=axes, **kwargs)(inputs)
