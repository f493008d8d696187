"""Rows for the layers of text and categories: pure data, read by the recording script too."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np


@dataclasses.dataclass(frozen=True)
class TextCase:
    """One layer with its arguments, what it is adapted to, and inputs.

    Attributes:
        layer: name of the class.
        inputs: nested lists; for HashedCrossing a list of columns.
        arguments: constructor arguments.
        adapt: data for `adapt`.
    """

    layer: str
    inputs: Any
    arguments: dict[str, Any] = dataclasses.field(default_factory=dict)
    adapt: Any = None

    @property
    def id(self) -> str:
        shown = "-".join(f"{name}={value}" for name, value in self.arguments.items())
        return f"{self.layer}-{shown}-{self.inputs}-{self.adapt}".replace(" ", "")

    def make(self, package: Any) -> Any:
        """Return the layer, of the `layers` package of either library, adapted."""
        layer = getattr(package, self.layer)(**self.arguments)
        if self.adapt is not None:
            layer.adapt(np.array(self.adapt))
        return layer

    def arrays(self) -> Any:
        """Return the inputs as NumPy arrays."""
        several = self.layer == "HashedCrossing"
        return [np.array(one) for one in self.inputs] if several else np.array(self.inputs)


_ABC = ["a", "b", "c"]
_FLAT, _COLUMN, _WIDE, _DEEP = ["a", "z", "c"], [["a"], ["b"]], [["a", "z"], ["b", "b"]], [[["a", "b"]]]
_MODES = ("int", "one_hot", "multi_hot", "count")
_UNKNOWN = ["a", "", "q", "rs", "tu v", "a longer text", "one of more than sixteen", "and one of more than 32 bytes"]

STRING_LOOKUP = [
    *[
        TextCase("StringLookup", x, {"vocabulary": _ABC, "output_mode": mode})
        for mode in _MODES
        for x in (_FLAT, _COLUMN, _WIDE, _DEEP, "a")
    ],
    TextCase("StringLookup", _UNKNOWN, {"vocabulary": _ABC, "num_oov_indices": 7}),
    TextCase("StringLookup", _UNKNOWN, {"vocabulary": _ABC, "num_oov_indices": 7, "mask_token": "", "salt": [3, 4]}),
    TextCase("StringLookup", [["a", "b"]], {"vocabulary": ["a"], "mask_token": "b", "output_mode": "multi_hot"}),
    TextCase("StringLookup", ["a"], {"vocabulary": ["", "[UNK]", "b", "a"], "mask_token": ""}),
    TextCase("StringLookup", _WIDE, {"vocabulary": _ABC, "output_mode": "tf_idf", "idf_weights": [0.1, 0.2, 0.4]}),
    TextCase("StringLookup", _WIDE, {}, ["b", "a", "b", "é", "zz", "Z", "zz"]),
    TextCase("StringLookup", _WIDE, {"max_tokens": 3, "mask_token": "zz"}, ["b", "a", "b", "c", "zz", "zz"]),
    TextCase("StringLookup", _WIDE, {"output_mode": "tf_idf"}, [["b", "a", "b"], ["c", "b", "z"]]),
    TextCase(
        "StringLookup",
        _WIDE,
        {"output_mode": "tf_idf", "max_tokens": 6, "pad_to_max_tokens": True},
        [["b", "a", "b"], ["c", "b", "b"]],
    ),
]
INTEGER_LOOKUP = [
    TextCase("IntegerLookup", [[10, 20, 30, 31, -1]], {"vocabulary": [20, 10], "num_oov_indices": 2}),
    TextCase("IntegerLookup", [[0, 10, 9]], {"vocabulary": [10, 20], "mask_token": 0}),
    TextCase("IntegerLookup", [[0, 1, 2, 9, -1]], {"vocabulary": [10, 20], "invert": True}),
    TextCase("IntegerLookup", [[0, 1, 2]], {"vocabulary": [10, 20], "mask_token": 7, "invert": True}),
    TextCase("IntegerLookup", [[10, 5], [20, 20]], {"vocabulary": [10, 20], "output_mode": "count"}),
    TextCase("IntegerLookup", [[10], [5]], {"vocabulary": [10, 20], "output_mode": "one_hot"}),
    TextCase("IntegerLookup", [[7, 3], [9, 9]], {}, [[3, 7, 3], [9, 9, 3]]),
    TextCase("IntegerLookup", [[7, 3], [9, 4]], {"output_mode": "tf_idf"}, [[3, 7, 3], [9, 9, 3]]),
    TextCase("IntegerLookup", [[0, 10, -5]], {"vocabulary": [10], "num_oov_indices": 5, "oov_method": "farmhash"}),
]
_TEXTS = ["The cat sat.", "The dog, the cat!", "", "a\tdog's\nlife é É"]
TEXT_VECTORIZATION = [
    TextCase("TextVectorization", ["the cat", "DOG, ran!", ""], arguments, _TEXTS)
    for arguments in (
        {},
        {"output_sequence_length": 3},
        {"output_sequence_length": 1, "max_tokens": 4},
        {"output_mode": "multi_hot"},
        {"output_mode": "count", "ngrams": 2},
        {"output_mode": "tf_idf"},
        {"output_mode": "tf_idf", "ngrams": (1, 3), "max_tokens": 30, "pad_to_max_tokens": True},
        {"split": "character", "output_sequence_length": 12},
        {"split": "character", "ngrams": (2,)},
        {"standardize": None},
        {"standardize": "lower"},
        {"standardize": "strip_punctuation"},
        {"split": None},
        {"split": None, "output_mode": "multi_hot"},
    )
] + [
    TextCase("TextVectorization", [["a b b z"], ["c"]], {"vocabulary": _ABC}),
    TextCase("TextVectorization", "a c b", {"vocabulary": _ABC, "output_mode": "count"}),
    TextCase("TextVectorization", "a c b", {"vocabulary": _ABC}),
    TextCase("TextVectorization", [["a"], ["z"]], {"vocabulary": _ABC, "split": None, "output_mode": "one_hot"}),
]
HASHING = [
    TextCase("Hashing", _UNKNOWN, {"num_bins": 1000}),
    TextCase("Hashing", _UNKNOWN, {"num_bins": 1000, "salt": [133, 137], "mask_value": "q"}),
    TextCase("Hashing", [0, 5, -3, 123456789, -(2**31), 2**31 - 1], {"num_bins": 100003}),
    TextCase("Hashing", [[0], [5], [-1234567]], {"num_bins": 11, "mask_value": 5}),
    TextCase("Hashing", [0, 77, -3], {"num_bins": 99, "salt": 4}),
    *[TextCase("Hashing", x, {"num_bins": 4, "output_mode": m}) for m in _MODES[1:] for x in (_FLAT, _COLUMN, _WIDE)],
]
HASHED_CROSSING = [
    TextCase("HashedCrossing", [["a", "b", "a"], [101, -102, 101]], {"num_bins": 50}),
    TextCase("HashedCrossing", [[["a"], ["b"]], [["x"], [""]], [["q"], ["r"]]], {"num_bins": 50}),
    TextCase("HashedCrossing", [[1, 2, -3], [4, 5, 2**31 - 1]], {"num_bins": 1000}),
    TextCase("HashedCrossing", [[["a"], ["b"]], [[1], [2]]], {"num_bins": 4, "output_mode": "one_hot"}),
]
CATEGORY_ENCODING = [
    TextCase("CategoryEncoding", x, {"num_tokens": 3, "output_mode": mode})
    for mode in _MODES[1:]
    for x in (1, [1, 2], [[1], [5]], [[1, 2, 1]], [[[1, 2]]])
]
_VALUES = [round((i * 37 % 101) ** 1.5, 3) for i in range(101)]
DISCRETIZATION = [
    *[
        TextCase("Discretization", x, {"bin_boundaries": [1.0, 2.5], "output_mode": mode})
        for mode in _MODES
        for x in ([1.0, 2.5], [[-1.0], [5.0]], [[1, 2, 3]])
    ],
    TextCase("Discretization", [[1.0, 500.0, 2000.0]], {"num_bins": 4, "epsilon": 0.1}, _VALUES),
    TextCase("Discretization", [[1.0, 500.0, 2000.0]], {"num_bins": 7}, _VALUES),
]
ON_HOST = [*STRING_LOOKUP, *TEXT_VECTORIZATION, *HASHING, *HASHED_CROSSING]
CASES = [*ON_HOST, *INTEGER_LOOKUP, *CATEGORY_ENCODING, *DISCRETIZATION]
