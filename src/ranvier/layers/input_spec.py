"""InputSpec: what a layer accepts, checked at the edge with an error that names the layer."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import tree_util

from ranvier._errors import InvalidArgument
from ranvier._lookup import Configurable

__all__ = ["InputSpec", "check", "checked_mask"]


class InputSpec(Configurable):
    """The rank, shape and dtype that a layer's input must have.

    Args:
        dtype: expected dtype name.
        shape: expected shape, None where anything goes.
        ndim: expected number of axes.
        max_ndim: most axes.
        min_ndim: fewest axes.
        axes: axis number to expected size.
        allow_last_axis_squeeze: accept a missing or extra last axis of size 1.
        name: expected key of the input.
        optional: whether None is accepted.
    """

    def __init__(
        self,
        dtype: str | None = None,
        shape: tuple[int | None, ...] | None = None,
        ndim: int | None = None,
        max_ndim: int | None = None,
        min_ndim: int | None = None,
        axes: dict[int, int | None] | None = None,
        allow_last_axis_squeeze: bool = False,
        name: str | None = None,
        optional: bool = False,
    ) -> None:
        self.dtype, self.name, self.optional = dtype, name, optional
        self.shape = None if shape is None else tuple(shape)
        self.ndim = len(self.shape) if self.shape is not None else ndim
        self.max_ndim, self.min_ndim = max_ndim, min_ndim
        self.axes = {int(axis): size for axis, size in (axes or {}).items()}
        self.allow_last_axis_squeeze = allow_last_axis_squeeze

    def fault(self, shape: tuple[int | None, ...], dtype: str) -> str:
        """Return what of the spec a tensor breaks, in words; empty when it fits."""
        rank = len(shape)
        if self.ndim is not None and rank != self.ndim and not self.allow_last_axis_squeeze:
            return f"{self.ndim} axes"
        if self.max_ndim is not None and rank > self.max_ndim:
            return f"at most {self.max_ndim} axes"
        if self.min_ndim is not None and rank < self.min_ndim:
            return f"at least {self.min_ndim} axes"
        if self.dtype is not None and dtype != self.dtype:
            return f"dtype {self.dtype}"
        for axis, size in self.axes.items():
            if size is not None and shape[axis] not in (size, None):
                return f"size {size} at axis {axis}"
        for axis, size in enumerate(self.shape or ()):
            if size is not None and axis < rank and shape[axis] not in (size, None):
                return f"shape {self.shape}"
        return ""


def check(spec: Any, inputs: Any, layer: str) -> None:
    """Raise InvalidArgument when an input does not fit its spec."""
    if spec is None:
        return
    specs = tree_util.tree_leaves(spec, is_leaf=lambda s: isinstance(s, InputSpec))
    tensors = [t for t in tree_util.tree_leaves(inputs) if hasattr(t, "shape")]
    if len(specs) != len(tensors):
        raise InvalidArgument(
            f"Layer {layer!r} got another number of inputs than it takes.",
            code="input-count",
            place=f"layer {layer!r}",
            expected=len(specs),
            received=len(tensors),
        )
    for one, tensor in zip(specs, tensors, strict=True):
        fault = one.fault(tuple(tensor.shape), str(tensor.dtype))
        if fault:
            raise InvalidArgument(
                f"Input of layer {layer!r} does not fit.",
                code="input-shape",
                place=f"layer {layer!r}",
                expected=fault,
                received=f"shape {tuple(tensor.shape)}, dtype {tensor.dtype}",
                fix="reshape the data, or change the layer before this one",
            )


def checked_mask(mask: Any, shape: tuple[int, ...], layer: str, axes: int = 2) -> Any:
    """Return a mask of booleans over the first axes of the inputs, None for none.

    Raises:
        InvalidArgument: it has another shape than these axes.
    """
    if mask is None:
        return None
    mask = jnp.asarray(mask)
    if mask.shape != shape[:axes] or mask.ndim != axes:
        raise InvalidArgument(
            "A mask says of each step whether it is real.",
            code="mask-shape",
            place=f"layer {layer!r}: mask",
            expected=f"[batch, time], here {shape[:axes]}" if axes == 2 else f"{axes} axes: {shape[:axes]}",
            received=mask.shape,
        )
    return mask.astype(bool)
