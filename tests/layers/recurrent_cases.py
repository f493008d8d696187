"""Calls of recurrent layers and cells, with masks and states: pure data, read by the recording script too."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from tests.layers.cases import CELLS, Case


@dataclasses.dataclass(frozen=True)
class Call:
    """One call of a layer.

    Attributes:
        case: the layer and the shape of its inputs.
        states: shapes of the states that are passed on.
        nested: how many states each cell of a stack has; empty where the states are one list.
        batches: with more than one, the layer is stateful and is called once for each.
        training: whether the call trains.
    """

    case: Case
    states: tuple[tuple[int, ...], ...] = ()
    nested: tuple[int, ...] = ()
    batches: int = 1
    training: bool = False

    @property
    def id(self) -> str:
        return f"{self.case.id}{'-states' * bool(self.states)}"

    def inputs(self) -> list[np.ndarray]:
        """Return the inputs of each batch."""
        random = np.random.default_rng(7)
        return [random.normal(size=self.case.shapes[0]).astype("float32") for _ in range(self.batches)]

    def first_states(self) -> list[np.ndarray]:
        """Return the states, flat."""
        random = np.random.default_rng(8)
        return [random.normal(size=shape).astype("float32") for shape in self.states]

    def packed(self, states: list[Any]) -> Any:
        """Return flat states as the layer takes them."""
        if not self.nested:
            return states
        rest = iter(states)
        return [[next(rest) for _ in range(count)] for count in self.nested]

    def arguments(self, x: Any, states: list[Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return the call's arguments, positional and by name."""
        if self.case.layer in CELLS:
            return (x, self.packed(states)), {}
        more: dict[str, Any] = {"initial_state": self.packed(states)} if states else {}
        if self.case.mask:
            more["mask"] = self.mask()
        return (x,), {**more, **({"training": True} if self.training else {})}

    def mask(self) -> np.ndarray:
        """Return a mask [batch, time] with rows that begin, end, and are all masked."""
        rows, steps = self.case.shapes[0][:2]
        mask = np.random.default_rng(3).random((rows, steps)) < 0.5
        mask[0, 0], mask[0, -1], mask[0, 1] = False, False, True
        return mask

    def weights(self, shapes: list[tuple[int, ...]]) -> list[np.ndarray]:
        """Return values for weights of these shapes."""
        random = np.random.default_rng(5)
        return [(0.5 * random.normal(size=shape)).astype("float32") for shape in shapes]


_SEQUENCES = {"return_sequences": True}
_STATE = {"return_state": True}
_BACK = {"go_backwards": True}
_SHAPE = ((3, 4, 2),)
_ODD = {"activation": "relu", "recurrent_activation": "hard_sigmoid", "use_bias": False}


def _case(name: str, mask: bool = False, /, **arguments: Any) -> Case:
    return Case(name, arguments, _SHAPE, mask=mask)


def _step(name: str, /, **arguments: Any) -> Case:
    return Case(name, arguments, ((3, 2),))


_ONE, _TWO = ((3, 3),), ((3, 3), (3, 3))
_SIMPLE = [
    Call(_case("SimpleRNN", units=3)),
    Call(_case("SimpleRNN", True, units=3, **_SEQUENCES, **_BACK)),
    Call(_case("SimpleRNN", units=3, use_bias=False, activation="relu", **_STATE), _ONE),
    Call(_case("SimpleRNN", True, units=3, stateful=True), batches=2),
]
_LSTM = [
    Call(_case("LSTM", units=3)),
    Call(_case("LSTM", units=3, **_SEQUENCES)),
    Call(_case("LSTM", True, units=3)),
    Call(_case("LSTM", True, units=3, **_SEQUENCES, **_STATE)),
    Call(_case("LSTM", True, units=3, **_SEQUENCES, **_STATE, **_BACK), _TWO),
    Call(_case("LSTM", True, units=3, **_BACK)),
    Call(_case("LSTM", units=3, unroll=True, **_SEQUENCES)),
    Call(_case("LSTM", units=3, **_ODD, **_STATE)),
    Call(_case("LSTM", units=3, unit_forget_bias=False, implementation=1)),
    Call(_case("LSTM", True, units=3, zero_output_for_mask=True, **_SEQUENCES)),
    Call(_case("LSTM", True, units=3, zero_output_for_mask=True)),
    Call(_case("LSTM", units=3, stateful=True, **_SEQUENCES), batches=2),
]
_GRU = [
    Call(_case("GRU", units=3)),
    Call(_case("GRU", True, units=3, **_SEQUENCES, **_STATE)),
    Call(_case("GRU", units=3, reset_after=False)),
    Call(_case("GRU", units=3, **_BACK, **_SEQUENCES), _ONE),
    Call(_case("GRU", units=3, **_ODD)),
    Call(_case("GRU", True, units=3, reset_after=False, use_bias=False, **_STATE), _ONE),
    Call(_case("GRU", units=3, stateful=True, **_STATE), batches=2),
]
_THREE = [_step("LSTMCell", units=3), _step("GRUCell", units=3)]
_RNN = [
    Call(_case("RNN", True, cell=_THREE, **_STATE, **_SEQUENCES)),
    Call(_case("RNN", True, cell=_THREE, **_STATE, **_BACK), (*_TWO, *_ONE), (2, 1)),
    Call(_case("RNN", True, cell=_step("SimpleRNNCell", units=3), zero_output_for_mask=True, **_SEQUENCES)),
    Call(_case("RNN", cell=_step("StackedRNNCells", cells=[*_THREE, _step("SimpleRNNCell", units=2)]))),
    Call(_case("RNN", cell=_THREE, stateful=True), batches=2),
]
_BOTH = [
    Call(_case("Bidirectional", layer=_case("LSTM", units=3))),
    Call(_case("Bidirectional", True, layer=_case("LSTM", units=3, **_SEQUENCES), merge_mode="sum")),
    Call(_case("Bidirectional", True, layer=_case("GRU", units=3), merge_mode="ave")),
    Call(_case("Bidirectional", layer=_case("LSTM", units=3, **_STATE), merge_mode="mul")),
    Call(_case("Bidirectional", True, layer=_case("SimpleRNN", units=3, **_STATE, **_SEQUENCES), merge_mode=None)),
    Call(_case("Bidirectional", layer=_case("LSTM", units=3, **_SEQUENCES)), (*_TWO, *_TWO)),
    Call(
        _case(
            "Bidirectional",
            layer=_case("LSTM", units=3, **_SEQUENCES),
            backward_layer=_case("GRU", units=2, **_SEQUENCES, **_BACK),
        )
    ),
    Call(_case("Bidirectional", layer=_case("GRU", units=3, stateful=True)), batches=2),
]
_TIME = [
    Call(_case("TimeDistributed", layer=_step("Dense", units=3))),
    Call(_case("TimeDistributed", layer=_step("BatchNormalization")), training=True),
    Call(Case("TimeDistributed", {"layer": _case("LSTM", units=3)}, ((2, 3, 4, 2),))),
]
_STEPS = [
    Call(_step("SimpleRNNCell", units=3), _ONE),
    Call(_step("LSTMCell", units=3), _TWO),
    Call(_step("GRUCell", units=3), _ONE),
    Call(_step("GRUCell", units=3, reset_after=False), _ONE),
    Call(_step("StackedRNNCells", cells=_THREE), (*_TWO, *_ONE), (2, 1)),
]
_CONV = [
    Call(Case("ConvLSTM1D", {"filters": 2, "kernel_size": 2, "dilation_rate": 2, **_STATE}, ((2, 3, 4, 2),))),
    Call(
        Case("ConvLSTM2D", {"filters": 2, "kernel_size": 2, "strides": 2, **_SEQUENCES, **_BACK}, ((2, 3, 4, 3, 2),)),
        ((2, 2, 1, 2), (2, 2, 1, 2)),
    ),
    Call(
        Case(
            "ConvLSTM2D",
            {"filters": 2, "kernel_size": (3, 2), "padding": "same", "data_format": "channels_first", **_ODD},
            ((2, 3, 2, 4, 3),),
        )
    ),
    Call(Case("ConvLSTM3D", {"filters": 2, "kernel_size": 2, "unit_forget_bias": False}, ((2, 2, 2, 3, 2, 1),))),
    Call(Case("ConvLSTM2D", {"filters": 2, "kernel_size": 2, "stateful": True}, ((2, 2, 3, 2, 1),)), batches=2),
]
CALLS = [*_SIMPLE, *_LSTM, *_GRU, *_RNN, *_BOTH, *_TIME, *_STEPS, *_CONV]


def probe(shape: tuple[int, ...]) -> np.ndarray:
    """Return the weights of the sum whose gradient is compared."""
    return np.random.default_rng(11).normal(size=shape).astype("float32")
