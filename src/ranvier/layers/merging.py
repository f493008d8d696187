"""Layers that make one tensor of several."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, final

import jax.numpy as jnp

from ranvier import ops
from ranvier._errors import InvalidArgument
from ranvier._typing import Array, Shape
from ranvier.layers.base import Layer
from ranvier.state import masking

__all__ = [
    "Add",
    "Average",
    "Concatenate",
    "Maximum",
    "Merge",
    "Minimum",
    "Multiply",
    "Subtract",
    "add",
    "average",
    "concatenate",
    "maximum",
    "minimum",
    "multiply",
    "subtract",
]


class Merge(Layer):
    """The base of layers that combine a list of tensors element by element.

    Shapes: inputs are broadcast; a tensor with fewer axes gets axes of size 1 after the batch axis.

    Raises:
        InvalidArgument: no list, too few inputs, or shapes that cannot be broadcast.
    """

    least: ClassVar[int] = 1
    most: ClassVar[int | None] = None

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def merge(self, inputs: list[Array]) -> Array:
        """Combine tensors of equal rank."""
        raise NotImplementedError

    def build(self, input_shape: Any) -> None:
        """Check the shapes."""
        shapes = checked_shapes(self, input_shape, self.least, self.most)
        if len({shape[0] for shape in shapes if shape and shape[0] not in (None, 1)}) > 1:
            raise _no_broadcast(self, shapes)
        rank = max(len(shape) for shape in shapes)
        rows = [(1,) * (rank - len(shape)) + shape[1:] for shape in shapes]
        for sizes in zip(*rows, strict=True):
            if len({size for size in sizes if size not in (None, 1)}) > 1:
                raise _no_broadcast(self, shapes)

    def call(self, inputs: Any) -> Array:
        """Return the combined tensor."""
        rank = max(x.ndim for x in inputs)
        missing = [tuple(range(1, 1 + rank - x.ndim)) for x in inputs]
        return self.merge([jnp.expand_dims(x, axes) if axes else x for x, axes in zip(inputs, missing, strict=True)])

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return where any input is real; None when an input has no mask."""
        if not isinstance(mask, (list, tuple)) or any(one is None for one in mask):
            return None
        return functools.reduce(jnp.logical_or, mask)


@final
class Add(Merge):
    """Sum of the inputs.

    Example:
        >>> import numpy as np
        >>> float(Add()([np.array([1.0]), np.array([2.0])])[0])
        3.0
    """

    def merge(self, inputs: list[Array]) -> Array:
        """Return the sum."""
        return functools.reduce(ops.add, inputs)


@final
class Subtract(Merge):
    """First input less the second."""

    least, most = 2, 2

    def merge(self, inputs: list[Array]) -> Array:
        """Return the difference."""
        return ops.subtract(inputs[0], inputs[1])


@final
class Multiply(Merge):
    """Product of the inputs; what is masked counts as 1, and as 0 where all inputs are masked."""

    def merge(self, inputs: list[Array]) -> Array:
        """Return the product."""
        masks = [_mask_like(x, masking.of(x)) for x in inputs]
        factors = [x if real is None else jnp.where(real, x, 1) for x, real in zip(inputs, masks, strict=True)]
        product = functools.reduce(ops.multiply, factors)
        if any(real is None for real in masks):
            return product
        return jnp.where(functools.reduce(jnp.logical_or, masks), product, 0)


@final
class Average(Merge):
    """Mean of the inputs."""

    def merge(self, inputs: list[Array]) -> Array:
        """Return the mean."""
        return functools.reduce(ops.add, inputs) / len(inputs)


@final
class Maximum(Merge):
    """Largest of the inputs, element by element; what is masked does not count."""

    def merge(self, inputs: list[Array]) -> Array:
        """Return the maximum."""
        return _outermost(ops.maximum, inputs)


@final
class Minimum(Merge):
    """Smallest of the inputs, element by element; what is masked does not count."""

    def merge(self, inputs: list[Array]) -> Array:
        """Return the minimum."""
        return _outermost(ops.minimum, inputs)


def _outermost(function: Callable[[Any, Any], Any], inputs: list[Array]) -> Array:
    """Return the maximum or minimum of what is real, the first input where nothing is."""
    best, real = inputs[0], _mask_like(inputs[0], masking.of(inputs[0]))
    for x in inputs[1:]:
        mask = _mask_like(x, masking.of(x))
        candidate = x if mask is None else jnp.where(mask, x, best)
        best = function(best if real is None else jnp.where(real, best, candidate), candidate)
        real = None if mask is None or real is None else jnp.logical_or(real, mask)
    return best


def _mask_like(x: Array, mask: Any) -> Any:
    """Return a mask in the shape of its input; None for none."""
    if mask is None:
        return None
    return jnp.broadcast_to(jnp.reshape(mask, mask.shape + (1,) * (x.ndim - mask.ndim)), x.shape)


@final
class Concatenate(Layer):
    """Put the inputs one after the other on an axis.

    Shapes: all axes but `axis` must have equal sizes.

    Args:
        axis: the axis that grows.

    Raises:
        InvalidArgument: no list, or shapes that differ elsewhere.

    Example:
        >>> import numpy as np
        >>> Concatenate()([np.zeros((2, 3)), np.zeros((2, 4))]).shape
        (2, 7)
    """

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Check the shapes."""
        shapes = checked_shapes(self, input_shape, 1, None)
        if len({len(shape) for shape in shapes}) > 1 or not -len(shapes[0]) <= self.axis < len(shapes[0]):
            raise _cannot_concatenate(self, shapes)
        axis = self.axis % len(shapes[0])
        for number, sizes in enumerate(zip(*shapes, strict=True)):
            if number != axis and len({size for size in sizes if size is not None}) > 1:
                raise _cannot_concatenate(self, shapes)

    def call(self, inputs: Any) -> Any:
        """Return the concatenation."""
        return ops.concatenate(list(inputs), axis=self.axis)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return the masks one after the other; inputs without a mask count as real."""
        if not isinstance(mask, (list, tuple)) or all(one is None for one in mask):
            return None
        full = [
            jnp.ones(x.shape, bool) if one is None else _mask_like(x, one) for x, one in zip(inputs, mask, strict=True)
        ]
        return jnp.any(jnp.concatenate(full, axis=self.axis), axis=-1)


def checked_shapes(layer: Layer, input_shape: Any, least: int, most: int | None) -> list[Shape]:
    """Return the shapes of a merge layer's inputs, or raise when it was not given a list of enough tensors."""
    several = isinstance(input_shape, Sequence) and all(isinstance(shape, (tuple, list)) for shape in input_shape)
    count = len(input_shape) if several else 1
    if not several or count < least or (most is not None and count > most):
        raise InvalidArgument(
            f"{type(layer).__name__} combines a list of tensors.",
            code="merge-inputs",
            place=f"layer {layer.name!r}",
            expected=f"a list of {least if most == least else f'{least} or more'} tensors",
            received=f"{count} tensors" if several else f"one tensor of shape {input_shape}",
            fix=f"call {type(layer).__name__}()([a, b])",
        )
    return [tuple(shape) for shape in input_shape]


def _no_broadcast(layer: Layer, shapes: list[Shape]) -> InvalidArgument:
    return InvalidArgument(
        "The inputs' shapes cannot be combined element by element.",
        code="merge-shapes",
        place=f"layer {layer.name!r}",
        expected="equal sizes, or 1, on every axis",
        received=", ".join(map(str, shapes)),
        fix="bring them to one size with Dense, Reshape or Concatenate",
    )


def _cannot_concatenate(layer: Concatenate, shapes: list[Shape]) -> InvalidArgument:
    return InvalidArgument(
        "The inputs' shapes differ outside of the axis that is concatenated.",
        code="concatenate-shapes",
        place=f"layer {layer.name!r}",
        expected=f"equal sizes on every axis but {layer.axis}",
        received=", ".join(map(str, shapes)),
        fix="flatten or reshape the inputs first, or choose another axis",
    )


def add(inputs: Any, **kwargs: Any) -> Any:
    """Return `Add(**kwargs)(inputs)`."""
    return Add(**kwargs)(inputs)


def subtract(inputs: Any, **kwargs: Any) -> Any:
    """Return `Subtract(**kwargs)(inputs)`."""
    return Subtract(**kwargs)(inputs)


def multiply(inputs: Any, **kwargs: Any) -> Any:
    """Return `Multiply(**kwargs)(inputs)`."""
    return Multiply(**kwargs)(inputs)


def average(inputs: Any, **kwargs: Any) -> Any:
    """Return `Average(**kwargs)(inputs)`."""
    return Average(**kwargs)(inputs)


def maximum(inputs: Any, **kwargs: Any) -> Any:
    """Return `Maximum(**kwargs)(inputs)`."""
    return Maximum(**kwargs)(inputs)


def minimum(inputs: Any, **kwargs: Any) -> Any:
    """Return `Minimum(**kwargs)(inputs)`."""
    return Minimum(**kwargs)(inputs)


def concatenate(inputs: Any, axis: int = -1, **kwargs: Any) -> Any:
    """Return `Concatenate(axis, **kwargs)(inputs)`."""
    return Concatenate(axis=axis, **kwargs)(inputs)
