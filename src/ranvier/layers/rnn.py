"""RNN: a cell over the steps of a sequence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import jax.numpy as jnp
from jax import tree_util

from ranvier import layers as package
from ranvier._config import custom_object_scope
from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.layers.base import Layer
from ranvier.layers.input_spec import checked_mask
from ranvier.layers.recurrence import Way, recur
from ranvier.layers.stacked_rnn_cells import StackedRNNCells, checked_cell, first_states
from ranvier.state import scope
from ranvier.state.carried import CarriedState
from ranvier.state.variable import as_array

__all__ = ["RNN"]


class RNN(Layer):
    """Go through a sequence step by step, and keep in states what later steps need.

        outputs[t], states = cell(sequences[:, t], states)      for each t in turn

    Shapes: sequences `[batch, time, features]`; outputs `[batch, units]`, or `[batch, time, units]` with
    `return_sequences`; each state `[batch, units]`. A mask `[batch, time]` is True where a step is real: at other steps
    the states stay, and the output repeats the one before.

    Numerics: `unroll` changes the speed only; Keras's unrolled loop ignores `zero_output_for_mask`, and gives 0 for
    masked steps before the first real one whatever the initial state. `stateful` works in `fit`, `evaluate` and
    `predict`; Keras on JAX forgets the states there.

    Args:
        cell: has `call(inputs, states) -> (output, new_states)` and `state_size`; or a list of cells to stack.
        return_sequences: return the outputs of all steps.
        return_state: return the last states too: `(outputs, *states)`.
        go_backwards: go from the last step to the first; outputs are in the order in which they were made.
        stateful: begin with the last states of the batch before; the batch size must be known.
        unroll: write out all steps instead of looping; for short sequences.
        zero_output_for_mask: outputs of masked steps are 0.

    Raises:
        InvalidArgument: `cell` is none, a mask or the initial states do not fit, or the batch size or the number of
            steps is not known where it must be.

    Example:
        >>> class Sum(Layer):
        ...     state_size = 1
        ...     def call(self, inputs, states):
        ...         return inputs + states[0], [inputs + states[0]]
        >>> RNN(Sum(), return_sequences=True)([[[1.0], [2.0], [4.0]]])[0, :, 0].tolist()
        [1.0, 3.0, 7.0]
    """

    states: Any = None
    """The states that a stateful layer carries from batch to batch, nested as the cell has them."""

    def __init__(
        self,
        cell: Any,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        cell = StackedRNNCells(cell) if isinstance(cell, (list, tuple)) else cell
        self.cell = checked_cell(cell, f"layer {self.name!r}: cell")
        self.return_sequences, self.return_state = return_sequences, return_state
        self.go_backwards, self.stateful, self.unroll = go_backwards, stateful, unroll
        self.zero_output_for_mask = zero_output_for_mask
        size = self.cell.state_size
        self.single_state = isinstance(size, int)
        self.state_size = [size] if isinstance(size, int) else list(size)
        self.supports_masking = True

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        """Build the cell, and make the states of a stateful layer."""
        if len(sequences_shape) < 2:
            raise self._no_sequence(sequences_shape)
        if isinstance(self.cell, Layer) and not self.cell.built:
            self.cell.build((sequences_shape[0], *sequences_shape[2:]))
            self.cell.built = True
        if self.unroll and sequences_shape[1] is None:
            raise InvalidArgument(
                "A loop of unknown length cannot be unrolled.",
                code="unroll-unknown-steps",
                place=f"layer {self.name!r}: unroll",
                expected="inputs with a known number of steps",
                received=sequences_shape,
                fix="give the Input a full shape such as (20, 8), or leave unroll out",
            )
        if self.stateful and self.states is None:
            self._make_states(sequences_shape[0] or self.given_batch_size, sequences_shape)

    def _make_states(self, rows: int | None, shape: Any) -> None:
        if rows is None:
            raise InvalidArgument(
                "A stateful layer must know how many rows a batch has.",
                code="stateful-batch-size",
                place=f"layer {self.name!r}",
                expected="a shape with a batch size, such as (32, 20, 8)",
                received=shape,
                fix="pass batch_size= or batch_shape= to Input, or batch_input_shape= to the first layer",
            )
        self.states = tree_util.tree_map(
            lambda value: CarriedState(value.astype(self.variable_dtype), "rnn_state"), self.get_initial_state(rows)
        )

    def _no_sequence(self, shape: Any) -> InvalidArgument:
        return InvalidArgument(
            f"Layer {self.name!r} goes through sequences.",
            code="input-shape",
            place=f"layer {self.name!r}",
            expected="[batch, time, features]",
            received=f"shape {tuple(shape)}",
        )

    def get_initial_state(self, batch_size: int | None = None) -> list[Any]:
        """Return the states before the first step, in a list: zeros unless the cell says otherwise."""
        states = first_states(self.cell, batch_size, getattr(self.cell, "compute_dtype", self.compute_dtype))
        return list(states) if isinstance(states, (list, tuple)) else [states]

    def call(self, sequences: Array, initial_state: Any = None, mask: Any = None, training: bool = False) -> Any:
        """Return the outputs, and the last states where they are asked for."""
        mask = checked_mask(mask, sequences.shape, self.name)
        states = self._begin(sequences.shape[0], initial_state)
        way = Way(
            mask=None if mask is None else mask.T,
            training=training,
            backwards=self.go_backwards,
            unroll=self.unroll,
            zero_masked=self.zero_output_for_mask,
            every=self.return_sequences,
        )
        outputs, states = recur(self.cell, jnp.swapaxes(sequences, 0, 1), states, way)
        if self.return_sequences:
            outputs = jnp.swapaxes(outputs[::-1] if self.go_backwards else outputs, 0, 1)
        if self._carries(sequences.shape[0]):
            tree_util.tree_map(lambda held, new: held.assign(new), self.states, states)
        outputs, states = tree_util.tree_map(lambda value: value.astype(self.compute_dtype), (outputs, states))
        return (outputs, *states) if self.return_state else outputs

    def _carries(self, rows: int) -> bool:
        """Whether this call continues the batch before; a look at shapes with a made-up batch size does not."""
        if not self.stateful:
            return False
        expected = tree_util.tree_leaves(self.states)[0].shape[0]
        running = scope.active()
        if rows != expected and not (running is not None and running.abstract):
            raise InvalidArgument(
                "A stateful layer was called with another number of rows than it was built for.",
                code="stateful-batch-size",
                place=f"layer {self.name!r}",
                expected=f"batches of {expected} rows",
                received=rows,
                fix=f"pass batch_size={expected} to fit and predict, with a number of rows that it divides",
            )
        return bool(rows == expected)

    def _begin(self, rows: int, given: Any) -> list[Any]:
        """Return the states before the first step, nested as the cell has them."""
        expected = self.get_initial_state(rows)
        if self._carries(rows) and given is None:
            given = self.states
        if given is None:
            return expected
        leaves, structure = tree_util.tree_flatten(expected)
        found = [as_array(leaf) for leaf in tree_util.tree_leaves(given)]
        shapes = [leaf.shape for leaf in leaves]
        if [leaf.shape for leaf in found] != shapes:
            raise InvalidArgument(
                "The initial states do not fit the layer.",
                code="initial-state",
                place=f"layer {self.name!r}: initial_state",
                expected=f"{len(shapes)} of shape {', '.join(map(str, shapes))}",
                received=f"{len(found)} of shape {', '.join(str(leaf.shape) for leaf in found) or 'none'}",
                fix="pass one array for each state, as return_state=True returns them",
            )
        cast = [leaf.astype(other.dtype) for leaf, other in zip(found, leaves, strict=True)]
        states: list[Any] = tree_util.tree_unflatten(structure, cast)
        return states

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """Return the mask of the outputs: the inputs' own with `return_sequences`, else none; states have none."""
        leaves = tree_util.tree_leaves(previous_mask)
        return [leaves[0]] if self.return_sequences and leaves else None

    def reset_state(self) -> None:
        """Let a stateful layer forget: its states become what they are at the start of a sequence."""
        if self.states is not None:
            rows = tree_util.tree_leaves(self.states)[0].shape[0]
            tree_util.tree_map(lambda held, first: held.assign(first), self.states, self.get_initial_state(rows))

    def reset_states(self) -> None:
        """Same as `reset_state`, by its older name."""
        self.reset_state()

    @classmethod
    def from_config(cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Self:
        """Build from a configuration, in which the cell is a configuration too."""
        with custom_object_scope(custom_objects or {}):
            made = {"cell": package.deserialize(config["cell"])} if "cell" in config else {}
            return super().from_config({**config, **made})
