"""Bidirectional: a recurrent layer and its mirror image."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Self, cast

from ranvier import layers as package
from ranvier import ops
from ranvier._config import custom_object_scope
from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.layers import tracking
from ranvier.layers.base import Layer
from ranvier.layers.calling import call_facts

__all__ = ["Bidirectional"]

_MERGES = ("sum", "mul", "ave", "concat", None)
_ALIKE = ("stateful", "return_sequences", "return_state")


class Bidirectional(Layer):
    """Go through sequences in both directions, and merge what comes out.

        outputs[:, t] = merge(forward[:, t], backward[:, t])      backward has seen the steps from the last one to t

    Shapes: `"concat"` gives `[..., 2 * units]`; `"sum"`, `"mul"` and `"ave"` `[..., units]`; None both outputs. States
    are the forward layer's, then the backward layer's.

    Args:
        layer: a recurrent layer; both directions are new layers made like it.
        merge_mode: one of `"concat"`, `"sum"`, `"mul"`, `"ave"`, or None.
        weights: first values, the forward layer's before the backward layer's.
        backward_layer: another layer for the other direction, taken as it is.

    Raises:
        InvalidArgument: an argument is none of these, the two layers do not fit each other, or the initial states are
            not the same number for both.

    Example:
        >>> from ranvier.layers import SimpleRNN
        >>> one = SimpleRNN(1, "linear", kernel_initializer="ones", recurrent_initializer="ones", return_sequences=True)
        >>> Bidirectional(one)([[[1.0], [2.0]]])[0].tolist()
        [[1.0, 3.0], [3.0, 2.0]]

    Source: Schuster and Paliwal, "Bidirectional recurrent neural networks", 1997.
    """

    def __init__(
        self,
        layer: Any,
        merge_mode: str | None = "concat",
        weights: Any = None,
        backward_layer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        for name, given in (("layer", layer), ("backward_layer", backward_layer)):
            if (given is None and name == "layer") or not (given is None or _is_recurrent(given)):
                raise self._refused(name, "a recurrent layer, such as LSTM(8)", given)
        if merge_mode not in _MERGES:
            raise self._refused("merge_mode", ", ".join(map(repr, _MERGES)), merge_mode)
        self.forward_layer = _made_like(layer, "forward_")
        self.backward_layer = backward_layer
        if backward_layer is None:
            self.backward_layer = _made_like(layer, "backward_", go_backwards=True)
        self._check_both()
        for one in (self.forward_layer, self.backward_layer):
            # What a direction repeats at masked steps would be merged with what the other has not seen.
            one.zero_output_for_mask = one.return_sequences
        self.merge_mode = merge_mode
        self._first_weights = None if weights is None else list(weights)
        self.stateful, self.return_sequences = layer.stateful, layer.return_sequences
        self.return_state = layer.return_state
        self.supports_masking = True
        self.input_spec = layer.input_spec

    def _refused(self, name: str, expected: str, received: Any) -> InvalidArgument:
        return InvalidArgument(
            f"Bidirectional does not take this {name}.",
            code=f"bidirectional-{name.replace('_', '-')}",
            place=f"layer {self.name!r}: {name}",
            expected=expected,
            received=repr(received)[:100],
        )

    def _check_both(self) -> None:
        forward, backward = self.forward_layer, self.backward_layer
        if forward.go_backwards == backward.go_backwards:
            raise self._refused(
                "backward_layer", f"go_backwards={not forward.go_backwards}", f"go_backwards={backward.go_backwards}"
            )
        for name in _ALIKE:
            expected, received = getattr(forward, name), getattr(backward, name)
            if expected != received:
                raise self._refused("backward_layer", f"{name}={expected}, as the other", f"{name}={received}")

    @property
    def states(self) -> Any:
        """What stateful layers carry from batch to batch, the forward layer's first; None where there is nothing."""
        held = [self.forward_layer.states, self.backward_layer.states]
        return None if None in held else (*held[0], *held[1])

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        """Build both layers."""
        for one in (self.forward_layer, self.backward_layer):
            if not one.built:
                one.build(sequences_shape)
                one.built = True
        if self._first_weights is not None:
            half = len(self._first_weights) // 2
            self.forward_layer.set_weights(self._first_weights[:half])
            self.backward_layer.set_weights(self._first_weights[half:])
            self._first_weights = None

    def call(self, sequences: Array, initial_state: Any = None, mask: Any = None, training: bool | None = None) -> Any:
        """Return the merged outputs, and the last states where they are asked for."""
        given = self._halves(initial_state)
        y, *states = self._direction(self.forward_layer, sequences, given[0], mask)
        y_back, *more = self._direction(self.backward_layer, sequences, given[1], mask)
        if self.return_sequences:
            y_back = ops.flip(y_back, axis=1)
        outputs = self._merged(ops.cast(y, self.compute_dtype), ops.cast(y_back, self.compute_dtype))
        if not self.return_state:
            return outputs
        return (*(outputs if self.merge_mode is None else (outputs,)), *states, *more)

    def _halves(self, given: Any) -> tuple[Any, Any]:
        if given is None:
            return None, None
        states = list(given) if isinstance(given, (list, tuple)) else [given]
        if len(states) % 2:
            raise InvalidArgument(
                "Both directions take equally many initial states.",
                code="initial-state",
                place=f"layer {self.name!r}: initial_state",
                expected="the forward layer's states, then as many for the backward layer",
                received=len(states),
            )
        return states[: len(states) // 2], states[len(states) // 2 :]

    def _direction(self, layer: Layer, sequences: Array, states: Any, mask: Any) -> tuple[Any, ...]:
        more = {} if states is None else {"initial_state": states}
        if mask is not None and call_facts(cast(Any, type(layer))).mask_keyword:
            more["mask"] = mask
        outputs = layer(sequences, **more)
        return tuple(outputs) if self.return_state else (outputs,)

    def _merged(self, y: Any, y_back: Any) -> Any:
        if self.merge_mode == "concat":
            return ops.concatenate([y, y_back], axis=-1)
        if self.merge_mode == "mul":
            return y * y_back
        if self.merge_mode is None:
            return y, y_back
        return y + y_back if self.merge_mode == "sum" else (y + y_back) / 2

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """Return the mask of the outputs: the inputs' own with `return_sequences`, else none; states have none."""
        mask = previous_mask[0] if isinstance(previous_mask, (list, tuple)) else previous_mask
        if mask is None or not self.return_sequences:
            return None
        return [mask, mask] if self.merge_mode is None else [mask]

    def reset_state(self) -> None:
        """Let both stateful layers forget.

        Raises:
            InvalidArgument: they are not stateful.
        """
        if not self.stateful:
            raise self._refused("reset_state()", "stateful=True", "stateful=False")
        self.forward_layer.reset_state()
        self.backward_layer.reset_state()

    def reset_states(self) -> None:
        """Same as `reset_state`, by its older name."""
        self.reset_state()

    def constructor_arguments(self) -> dict[str, Any]:
        """Return the arguments; given first values are weights, not configuration."""
        own = {name: value for name, value in super().constructor_arguments().items() if name != "weights"}
        return {**own, "layer": self.forward_layer}

    @classmethod
    def from_config(cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Self:
        """Build from a configuration, in which both layers are configurations too."""
        with custom_object_scope(custom_objects or {}):
            names = [name for name in ("layer", "backward_layer") if config.get(name) is not None]
            made = {name: package.deserialize(copy.deepcopy(config[name])) for name in names}
            return super().from_config({**config, **made})


def _is_recurrent(layer: Any) -> bool:
    return isinstance(layer, Layer) and all(hasattr(layer, name) for name in ("go_backwards", *_ALIKE))


def _made_like(layer: Any, prefix: str, **changed: Any) -> Any:
    """Return a new layer of the same configuration, named after its direction."""
    name = f"{prefix}{layer.name.removeprefix(prefix)}"
    known = {type(one).__name__: type(one) for one in tracking.layers_by_path(layer).values()}
    with custom_object_scope(known):
        made = type(layer).from_config({**layer.get_config(), "name": name, **changed})
    made.auto_named = False
    return made
