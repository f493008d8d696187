"""Layers that only change shapes, or copy."""

from __future__ import annotations

import math
from typing import Any, final

import jax.numpy as jnp

from ranvier import ops
from ranvier._errors import InvalidArgument
from ranvier._typing import Array, Shape
from ranvier.layers.base import Layer
from ranvier.layers.configured import positive_integer
from ranvier.layers.data_format import known_data_format
from ranvier.layers.input_spec import InputSpec
from ranvier.state.symbolic import KerasTensor

__all__ = ["Flatten", "Permute", "RepeatVector", "Reshape"]


@final
class Flatten(Layer):
    """Put all features of a row on one axis.

    Shapes: inputs `[batch, ...]`, outputs `[batch, features]`; `[batch]` becomes `[batch, 1]`.

    Args:
        data_format: `"channels_last"` or `"channels_first"` (then channels are moved last before flattening).

    Example:
        >>> import numpy as np
        >>> Flatten()(np.zeros((2, 28, 28))).shape
        (2, 784)
    """

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = known_data_format(self, data_format)
        self.input_spec = InputSpec(min_ndim=1)
        self.built = True

    def call(self, inputs: Array) -> Array:
        """Return the flat rows."""
        if self.data_format == "channels_first" and inputs.ndim > 2:
            inputs = jnp.moveaxis(inputs, 1, -1)
        return jnp.reshape(inputs, (inputs.shape[0], math.prod(inputs.shape[1:])))


@final
class Reshape(Layer):
    """Give each row another shape.

    Shapes: inputs `[batch, ...]`, outputs `[batch, *target_shape]`.

    Args:
        target_shape: one row's new shape; one entry may be -1 and is then computed.

    Raises:
        InvalidArgument: the sizes do not fit.

    Example:
        >>> import numpy as np
        >>> Reshape((2, -1))(np.zeros((5, 6))).shape
        (5, 2, 3)
    """

    def __init__(self, target_shape: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.target_shape = (target_shape,) if isinstance(target_shape, int) else tuple(target_shape)
        if sum(size == -1 for size in self.target_shape) > 1:
            raise InvalidArgument(
                "Only one size can be computed from the others.",
                code="reshape-two-unknowns",
                place=f"layer {self.name!r}",
                expected="at most one -1",
                received=self.target_shape,
            )
        self.built = True

    def call(self, inputs: Array) -> Array:
        """Return the reshaped rows."""
        return jnp.reshape(inputs, (inputs.shape[0], *self._resolved(inputs.shape[1:])))

    def compute_output_spec(self, inputs: Any) -> KerasTensor:
        """Return the symbolic output; sizes that are unknown now may turn out to fit later."""
        return KerasTensor((inputs.shape[0], *self._resolved(inputs.shape[1:])), inputs.dtype)

    def _resolved(self, row: Shape) -> Shape:
        """Return the target shape with -1 computed; None where the row's size is unknown."""
        known = math.prod(size for size in self.target_shape if size not in (-1, None))
        if None in row:
            return tuple(None if size == -1 else size for size in self.target_shape)
        total = math.prod(size for size in row if size is not None)
        open_ended = -1 in self.target_shape
        if (open_ended and (known == 0 or total % known)) or (not open_ended and total != known):
            raise InvalidArgument(
                "A row does not have the number of values that the target shape holds.",
                code="reshape-size",
                place=f"layer {self.name!r}",
                expected=f"target shape {self.target_shape}",
                received=f"rows of shape {row}, {total} values",
                fix="choose sizes whose product is the same, or put -1 for one of them",
            )
        return tuple(total // known if size == -1 else size for size in self.target_shape)


@final
class Permute(Layer):
    """Put the axes of each row into another order.

        outputs[b, ...] = transpose(inputs[b, ...])      axis i of outputs is axis `dims[i - 1]` of inputs

    Shapes: inputs `[batch, ...]`; the rows' axes are counted from 1.

    Args:
        dims: the rows' axes in their new order, such as `(2, 1)`.

    Raises:
        InvalidArgument: `dims` is no order of 1, 2, ..., or the inputs have another rank.

    Example:
        >>> import numpy as np
        >>> Permute((2, 1))(np.zeros((5, 10, 64))).shape
        (5, 64, 10)
    """

    def __init__(self, dims: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dims = tuple(dims)
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise InvalidArgument(
                "Permute takes each axis of a row once.",
                code="permute-dims",
                place=f"layer {self.name!r}",
                expected="the numbers from 1 to the last axis in some order, such as (2, 1)",
                received=self.dims,
            )
        self.input_spec = InputSpec(ndim=len(self.dims) + 1)
        self.built = True

    def call(self, inputs: Array) -> Array:
        """Return the rows with their axes in the new order."""
        return ops.transpose(inputs, (0, *self.dims))


@final
class RepeatVector(Layer):
    """Repeat each row's vector along a new axis.

        outputs[b, i, :] = inputs[b, :]      i < n

    Shapes: inputs `[batch, features]`, outputs `[batch, n, features]`.

    Args:
        n: how many times.

    Raises:
        InvalidArgument: `n` is not a positive whole number, or the inputs are no vectors.

    Example:
        >>> RepeatVector(2)([[1.0, 3.0]])[0].tolist()
        [[1.0, 3.0], [1.0, 3.0]]
    """

    def __init__(self, n: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.n = positive_integer(self, "n", n)
        self.input_spec = InputSpec(ndim=2)
        self.built = True

    def call(self, inputs: Array) -> Array:
        """Return the copies."""
        return ops.repeat(ops.expand_dims(inputs, 1), self.n, axis=1)
