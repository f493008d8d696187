"""Projections, as (name, arguments, weights): pure data."""

from typing import Any

import numpy as np

_RANDOM = np.random.default_rng(4)
_W = _RANDOM.normal(scale=2.0, size=(4, 3)).astype("float32")
_KERNEL = _RANDOM.normal(size=(3, 3, 2, 4)).astype("float32")
_MIXED = np.array([[0.0, 1e-12, 5.0], [0.0, 0.0, -5.0]], "float32")

CONSTRAINTS: list[tuple[str, dict[str, Any], np.ndarray]] = [
    ("MaxNorm", {}, _W),
    ("MaxNorm", {"max_value": 1.5, "axis": 1}, _W),
    ("MaxNorm", {"axis": [0, 1, 2]}, _KERNEL),
    ("MaxNorm", {}, _MIXED),
    ("NonNeg", {}, _W),
    ("UnitNorm", {}, _W),
    ("UnitNorm", {"axis": [0, 1, 2]}, _KERNEL),
    ("UnitNorm", {}, _MIXED),
    ("MinMaxNorm", {}, _W),
    ("MinMaxNorm", {"min_value": 2.0, "max_value": 3.0, "rate": 0.5, "axis": 1}, _W),
    ("MinMaxNorm", {"min_value": 1.0}, _MIXED),
]
