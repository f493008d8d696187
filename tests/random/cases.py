"""Seeded draws, as (name, arguments, keywords): pure data."""

from typing import Any

import numpy as np

_X = np.arange(12.0, dtype="float32").reshape(3, 4) + 1

DRAWS: list[tuple[str, list[Any], dict[str, Any]]] = [
    ("normal", [(3, 4)], {"seed": 7}),
    ("normal", [(5,)], {"mean": 2.0, "stddev": 0.1, "seed": 7}),
    ("uniform", [(3, 4)], {"seed": 7}),
    ("uniform", [(5,)], {"minval": -3.0, "maxval": -1.0, "seed": 8}),
    ("truncated_normal", [(3, 4)], {"mean": 1.0, "stddev": 3.0, "seed": 7}),
    ("randint", [(6,), -3, 10], {"seed": 7}),
    ("categorical", [np.log([[0.1, 0.2, 0.7], [0.5, 0.5, 1e-9]]).astype("float32"), 5], {"seed": 7}),
    ("dropout", [_X, 0.5], {"seed": 7}),
    ("dropout", [_X, 0.25], {"noise_shape": (None, 1), "seed": 7}),
    ("dropout", [_X, 0.0], {"seed": 7}),
    ("shuffle", [_X], {"seed": 7}),
    ("shuffle", [_X], {"axis": 1, "seed": 7}),
    ("gamma", [(4,), 2.0], {"seed": 7}),
    ("beta", [(4,), 2.0, 3.0], {"seed": 7}),
    ("binomial", [(4,), 10.0, 0.3], {"seed": 7}),
]
