"""StackedRNNCells: cells on top of each other, as one cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import jax.numpy as jnp

from ranvier import layers as package
from ranvier._config import custom_object_scope
from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.layers.base import Layer

__all__ = ["StackedRNNCells", "called", "checked_cell", "first_states"]


class StackedRNNCells(Layer):
    """Cells of which each takes the output of the one before it as its inputs.

        inputs, states[i] = cells[i](inputs, states[i])      for each i in turn

    Args:
        cells: the cells, in order.

    Raises:
        InvalidArgument: one of them is no cell.

    Example:
        >>> from ranvier.layers import RNN, GRUCell, LSTMCell
        >>> RNN(StackedRNNCells([LSTMCell(4), GRUCell(3)]))([[[1.0], [2.0]]]).shape
        (1, 3)
    """

    def __init__(self, cells: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cells = [checked_cell(cell, f"layer {self.name!r}: cells") for cell in cells]

    @property
    def state_size(self) -> list[Any]:
        """The state sizes of the cells."""
        return [cell.state_size for cell in self.cells]

    @property
    def output_size(self) -> Any:
        """The number of features of the output."""
        return _output_size(self.cells[-1])

    def get_initial_state(self, batch_size: int | None = None) -> list[Any]:
        """Return the first states of each cell."""
        return [first_states(cell, batch_size, self.compute_dtype) for cell in self.cells]

    def build(self, input_shape: Any) -> None:
        """Build the cells, each for the outputs of the one before it."""
        for cell in self.cells:
            if isinstance(cell, Layer) and not cell.built:
                cell.build(tuple(input_shape))
                cell.built = True
            size = _output_size(cell)
            input_shape = (input_shape[0], *(size if isinstance(size, (list, tuple)) else [size]))

    def call(self, inputs: Array, states: Any) -> tuple[Array, list[Any]]:
        """Return the last cell's output and the new states of each."""
        new_states = []
        for cell, state in zip(self.cells, states, strict=True):
            nested = isinstance(state, (list, tuple))
            inputs, new = called(cell, inputs, list(state) if nested else [state])
            new_states.append(new if nested else new[0])
        return inputs, new_states

    @classmethod
    def from_config(cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Self:
        """Build from a configuration, in which the cells are configurations too."""
        with custom_object_scope(custom_objects or {}):
            return super().from_config({**config, "cells": [package.deserialize(cell) for cell in config["cells"]]})


def checked_cell(cell: Any, place: str) -> Any:
    """Return a cell that is one.

    Raises:
        InvalidArgument: it has no `call`, or no `state_size`.
    """
    missing = [name for name in ("call", "state_size") if getattr(cell, name, None) is None]
    size = getattr(cell, "state_size", None)
    if not missing and isinstance(size, (int, list, tuple)) and not isinstance(size, bool):
        return cell
    raise InvalidArgument(
        "This is no cell of a recurrent layer.",
        code="no-cell",
        place=place,
        expected="an object with call(inputs, states) -> (output, new_states) and state_size, a number or a list",
        received=f"{cell!r}"[:100] + (f" without {missing[0]}" if missing else f" with state_size={size!r}"),
        fix="use LSTMCell, GRUCell, ..., or set self.state_size in the __init__ of your class",
    )


def first_states(cell: Any, batch_size: int | None, dtype: str) -> Any:
    """Return a cell's first states: what its `get_initial_state` says, zeros `[batch, size]` where it has none."""
    own = getattr(cell, "get_initial_state", None)
    if own is not None:
        return own(batch_size=batch_size)
    size = cell.state_size
    zeros = [
        jnp.zeros((batch_size or 0, *(one if isinstance(one, (list, tuple)) else [one])), dtype)
        for one in (size if isinstance(size, (list, tuple)) else [size])
    ]
    return zeros if isinstance(size, (list, tuple)) else zeros[0]


def called(cell: Any, inputs: Any, states: list[Any]) -> tuple[Any, list[Any]]:
    """Return a cell's `(output, new states)`, the states as a list."""
    output, new = (cell if callable(cell) else cell.call)(inputs, states)
    return output, list(new) if isinstance(new, (list, tuple)) else [new]


def _output_size(cell: Any) -> Any:
    size = getattr(cell, "output_size", None)
    if size is not None:
        return size
    return cell.state_size[0] if isinstance(cell.state_size, (list, tuple)) else cell.state_size
