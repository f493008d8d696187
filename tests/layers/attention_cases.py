"""Calls of the layers of attention, with every kind of mask: pure data, read by the recording script too."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

_SELF = ((2, 5, 4), (2, 5, 4))
_CROSS = ((2, 3, 4), (2, 5, 6))
_KEYED = ((2, 3, 4), (2, 5, 6), (2, 5, 4))
_PLANES = ((2, 3, 2, 4), (2, 3, 2, 4))


@dataclasses.dataclass(frozen=True)
class Call:
    """One call of a layer.

    Attributes:
        layer: name of the class.
        arguments: constructor arguments.
        shapes: of query, value and key.
        masked: which of them have a mask of their own, by their first letters.
        given: shape of `attention_mask`; None for none.
        more: further arguments of the call.
    """

    layer: str
    arguments: dict[str, Any]
    shapes: tuple[tuple[int, ...], ...] = _SELF
    masked: str = ""
    given: tuple[int, ...] | None = None
    more: dict[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def id(self) -> str:
        words = [*(f"{k}={v}" for k, v in {**self.arguments, **self.more}.items()), *map(str, self.shapes)]
        return f"{self.layer}-{'-'.join(words)}-{self.masked}-{self.given or ''}".replace(" ", "")

    @property
    def takes_a_list(self) -> bool:
        return self.layer in ("Attention", "AdditiveAttention")

    def inputs(self) -> list[np.ndarray]:
        """Return query, value and key."""
        random = np.random.default_rng(7)
        return [random.normal(size=shape).astype("float32") for shape in self.shapes]

    def masks(self) -> list[np.ndarray | None]:
        """Return the inputs' own masks [batch, time]; the first place is always real."""
        random = np.random.default_rng(3)
        found: list[np.ndarray | None] = []
        for letter, shape in zip("qvk", self.shapes, strict=False):
            mask = random.random(shape[:2]) < 0.6
            mask[:, 0] = True
            found.append(mask if letter in self.masked else None)
        return found

    def keywords(self) -> dict[str, Any]:
        """Return the call's arguments by name."""
        if self.given is None:
            return self.more
        mask = np.random.default_rng(8).random(self.given) < 0.6
        mask[..., 0] = True
        return {**self.more, "attention_mask": mask}

    def weights(self, shapes: list[tuple[int, ...]]) -> list[np.ndarray]:
        """Return values for weights of these shapes."""
        random = np.random.default_rng(5)
        return [random.normal(size=shape).astype("float32") for shape in shapes]


_TWO = {"num_heads": 2, "key_dim": 3}
_GROUPED = {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2}
_CAUSAL = {"use_causal_mask": True}
_SCORES = {"return_attention_scores": True}
_SINGLE = [
    [{}, _SELF],
    [{}, (_CROSS[0], (2, 5, 4)), "v"],
    [{}, _KEYED, "qv", None, _SCORES],
    [{}, _SELF, "qv", None, _CAUSAL | _SCORES],
    [{"dropout": 0.3}, _SELF, "q"],
    [{}, ((2, 2, 3, 4), (2, 2, 5, 4)), "", None, _CAUSAL],
]

CALLS = [
    Call("MultiHeadAttention", _TWO),
    Call("MultiHeadAttention", {**_TWO, "value_dim": 5, "output_shape": 7, "use_bias": False}, _CROSS, more=_SCORES),
    Call("MultiHeadAttention", {**_TWO, "output_shape": (2, 3)}, _KEYED),
    Call("MultiHeadAttention", _TWO, more=_CAUSAL),
    Call("MultiHeadAttention", _TWO, _CROSS, more=_CAUSAL),
    Call("MultiHeadAttention", _TWO, _SELF, "v"),
    Call("MultiHeadAttention", _TWO, _SELF, "qv"),
    Call("MultiHeadAttention", _TWO, _KEYED, "qvk"),
    Call("MultiHeadAttention", _TWO, _KEYED, "k", more=_CAUSAL),
    Call("MultiHeadAttention", _TWO, _CROSS, given=(2, 3, 5)),
    Call("MultiHeadAttention", _TWO, _CROSS, "qv", given=(1, 3, 5), more=_SCORES),
    Call("MultiHeadAttention", _TWO, _CROSS, given=(3, 5)),
    Call("MultiHeadAttention", _TWO, _CROSS, given=(2, 2, 3, 5), more=_SCORES),
    Call("MultiHeadAttention", {**_TWO, "sliding_window": 2}, _SELF, "v", more=_CAUSAL),
    Call("MultiHeadAttention", {**_TWO, "sliding_window": 2}, more=_SCORES),
    Call("MultiHeadAttention", _TWO, _SELF, "qv", more=_CAUSAL | _SCORES),
    Call("MultiHeadAttention", {**_TWO, "use_gate": True, "value_dim": 2}, _CROSS, "v", more=_SCORES),
    Call("MultiHeadAttention", {**_TWO, "use_gate": True, "dropout": 0.3}, more=_CAUSAL),
    Call("MultiHeadAttention", _TWO, _PLANES),
    Call("MultiHeadAttention", {**_TWO, "attention_axes": 1, "value_dim": 2}, _PLANES, "qv", more=_SCORES),
    Call("MultiHeadAttention", {**_TWO, "attention_axes": (-2,)}, _PLANES, given=(2, 3, 1, 2, 2)),
    Call("GroupQueryAttention", _GROUPED),
    Call("GroupQueryAttention", {**_GROUPED, "num_key_value_heads": 1}, _KEYED, "qvk"),
    Call("GroupQueryAttention", {**_GROUPED, "num_key_value_heads": 4, "use_bias": False}, _CROSS, "v", (2, 3, 5)),
    Call("GroupQueryAttention", {**_GROUPED, "use_gate": True}, more=_CAUSAL),
    Call("GroupQueryAttention", {**_GROUPED, "sliding_window": 3}, _SELF, "qv", more=_CAUSAL | _SCORES),
    Call("GroupQueryAttention", {**_GROUPED, "dropout": 0.2}, _CROSS, given=(2, 4, 3, 5), more=_SCORES),
    *(Call("Attention", *row) for row in _SINGLE),
    Call("Attention", {"use_scale": True}),
    Call("Attention", {"score_mode": "concat"}, _KEYED),
    Call("Attention", {"score_mode": "concat", "use_scale": True}, _SELF, "v", None, _CAUSAL),
    *(Call("AdditiveAttention", *row) for row in _SINGLE),
    Call("AdditiveAttention", {"use_scale": False}, _KEYED),
]


def probe(shape: tuple[int, ...]) -> np.ndarray:
    """Return the weights of the sum whose gradient is compared."""
    return np.random.default_rng(11).normal(size=shape).astype("float32")


def grouped() -> list[np.ndarray]:
    """Return queries, keys and values [batch, time, head, depth] for PyTorch; heads share keys in pairs."""
    random = np.random.default_rng(9)
    return [random.normal(size=(2, 6, heads, 5)).astype("float32") for heads in (4, 2, 2)]


def multi_head() -> tuple[np.ndarray, np.ndarray, list[np.ndarray], list[np.ndarray]]:
    """Return inputs [row, time, 6], where they are real, and kernels and biases of PyTorch's MultiheadAttention.

    The kernels [out, in] are those of query, key, value and output; there are two heads.
    """
    random = np.random.default_rng(10)
    real = np.array([[1, 1, 1, 0], [1, 1, 0, 0]], bool)
    kernels, biases = ([random.normal(size=size).astype("float32") for _ in range(4)] for size in ((6, 6), (6,)))
    return random.normal(size=(2, 4, 6)).astype("float32"), real, kernels, biases
