"""Penalties, as (name, arguments, weights): pure data."""

from typing import Any

import numpy as np

_W = np.random.default_rng(3).normal(size=(4, 3)).astype("float32")
_ZERO = np.array([[0.0, -0.0], [1e-20, 1e20]], "float32")

REGULARIZERS: list[tuple[str, dict[str, Any], np.ndarray]] = [
    ("L1", {}, _W),
    ("L1", {"l1": 0.3}, _ZERO),
    ("L2", {}, _W),
    ("L2", {"l2": 0.3}, _W[:, 0]),
    ("L1L2", {}, _W),
    ("L1L2", {"l1": 0.1, "l2": 0.2}, _W),
    ("l1_l2", {"l1": 0.1}, _W),
    ("OrthogonalRegularizer", {}, _W),
    ("OrthogonalRegularizer", {"factor": 0.5, "mode": "columns"}, _W),
]
