"""Rows for FeatureSpace: a table, rows that nobody has seen, and spaces over them; for the recording script too."""

from __future__ import annotations

from typing import Any

TABLE: dict[str, list[Any]] = {
    "age": [20.0, 30.0, 40.0, 61.0],
    "weight": [1.0, 2.5, 3.0, 4.0],
    "light": [0.0, 1.0, 5.0, 255.0],
    "dose": [0.0, 1.0, 2.0, 7.0],
    "job": ["baker", "cook", "baker", "smith"],
    "level": [1, 2, 2, 9],
    "zip": [10, 20, 30, 40],
    "city": ["x", "y", "z", "x"],
}
UNSEEN: dict[str, list[Any]] = {
    "age": [25.0, -1.0, 30.0, 100.0],
    "weight": [0.0, 1.0, 3.5, -2.0],
    "light": [51.0, 0.0, 1.0, 2.0],
    "dose": [1.5, 100.0, 0.0, -1.0],
    "job": ["smith", "pilot", "diver", ""],
    "level": [9, 77, 1, -1],
    "zip": [10, -4, 0, 123456],
    "city": ["y", "not seen", "z", "é"],
}


def space(kind: Any, name: str) -> Any:
    """Return a FeatureSpace of either library.

    Args:
        kind: the class.
        name: one of SPACES.
    """
    if name == "vector":
        features = {
            "age": "float_normalized",
            "weight": "float",
            "light": kind.float_rescaled(scale=1 / 255, offset=0.5),
            "dose": kind.float_discretized(num_bins=3),
            "job": kind.string_categorical(num_oov_indices=2),
            "level": "integer_categorical",
            "zip": kind.integer_hashed(num_bins=4),
            "city": "string_hashed",
        }
        crosses = [("job", "level"), kind.cross(("zip", "city"), crossing_dim=5)]
        return kind(features, crosses=crosses, crossing_dim=6, hashing_dim=7)
    features = {
        "age": "float",
        "job": kind.string_categorical(max_tokens=3, output_mode="int"),
        "level": kind.integer_categorical(output_mode="int"),
        "dose": "float_discretized",
        "zip": "integer_hashed",
    }
    crosses = [kind.cross(("level", "job"), crossing_dim=7, output_mode="int")]
    return kind(features, output_mode="dict", crosses=crosses, num_discretization_bins=2)


SPACES = ("vector", "dict")
