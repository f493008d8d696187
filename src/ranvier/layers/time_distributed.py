"""TimeDistributed: one layer at every step of a sequence."""

from __future__ import annotations

from typing import Any, cast

import jax.numpy as jnp
from jax import tree_util

from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.layers.base import Layer
from ranvier.layers.calling import call_facts
from ranvier.layers.wrapper import Wrapper
from ranvier.state import flow

__all__ = ["TimeDistributed"]


class TimeDistributed(Wrapper):
    """Apply a layer to each step of a sequence.

        outputs[:, t] = layer(inputs[:, t])

    Shapes: inputs `[batch, time, ...]`, outputs `[batch, time, ...]`. A mask `[batch, time, ...]` is handed on, and its
    steps are given to a layer that takes masks.

    All steps are rows of one call, except where the layer changes buffers while it trains (BatchNormalization): then
    they come one after the other.

    Numerics: penalties on the layer's outputs count; Keras leaves them out.

    Args:
        layer: the layer.

    Raises:
        InvalidArgument: the inputs have no time, or the mask does not fit them.

    Example:
        >>> from ranvier.layers import Dense
        >>> TimeDistributed(Dense(1, kernel_initializer="ones"))([[[1.0, 2.0], [3.0, 4.0]]])[0].tolist()
        [[3.0], [7.0]]
    """

    def __init__(self, layer: Layer, **kwargs: Any) -> None:
        super().__init__(layer, **kwargs)
        self.supports_masking = True

    def build(self, input_shape: Any = None) -> None:
        """Build the layer for the rows of one step."""
        if not isinstance(input_shape, (list, tuple)) or len(input_shape) < 3:
            raise InvalidArgument(
                "TimeDistributed applies its layer to each step of a sequence.",
                code="input-shape",
                place=f"layer {self.name!r}",
                expected="inputs [batch, time, ...] of at least 3 axes",
                received=f"shape {input_shape}",
            )
        super().build((input_shape[0], *input_shape[2:]))

    def call(self, inputs: Array, training: bool | None = None, mask: Any = None) -> Any:
        """Return the layer's outputs for every step."""
        rows, steps = inputs.shape[:2]
        if mask is not None and mask.shape[:2] != (rows, steps):
            raise InvalidArgument(
                "A mask says of each step whether it is real.",
                code="mask-shape",
                place=f"layer {self.name!r}: mask",
                expected=f"[batch, time, ...], here {(rows, steps)}",
                received=mask.shape,
            )
        if not call_facts(cast(Any, type(self.layer))).mask_keyword:
            mask = None
        if training and any(not variable.trainable for variable in self.layer.variables):
            return self._one_by_one(inputs, mask)
        flat = [None if a is None else jnp.reshape(a, (rows * steps, *a.shape[2:])) for a in (inputs, mask)]
        outputs = self._called(flat[0], flat[1])
        return tree_util.tree_map(lambda y: jnp.reshape(y, (rows, steps, *y.shape[1:])), outputs)

    def _one_by_one(self, inputs: Array, mask: Any) -> Any:
        by_step = [None if a is None else jnp.swapaxes(a, 0, 1) for a in (inputs, mask)]
        _, outputs = flow.scan(lambda _, given: (None, self._called(*given)), None, tuple(by_step))
        return tree_util.tree_map(lambda y: jnp.swapaxes(y, 0, 1), outputs)

    def _called(self, inputs: Any, mask: Any) -> Any:
        return self.layer(inputs) if mask is None else self.layer(inputs, mask=mask)
