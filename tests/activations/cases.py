"""Calls of the activations that Keras and PyTorch answered once: pure data for the recording script and the tests."""

from typing import Any

import numpy as np

_RANDOM = np.random.default_rng(1)

_KINKS = [-6.0, -3.0, -1.0, -0.5, 0.0, -0.0, 0.5, 1.0, 3.0, 6.0, 1e-6, -1e-6, 1e-30, -1e-30]
_EXTREMES = [-1e4, 1e4, -88.0, 88.0, -30.0, 30.0, -12.0, 12.0, -9.0, 9.0]

INPUTS: dict[str, np.ndarray] = {
    "numbers": np.concatenate([_KINKS, _EXTREMES, _RANDOM.normal(scale=3.0, size=40)]).astype("float32").reshape(8, 8),
    "matrix": _RANDOM.normal(scale=3.0, size=(3, 4)).astype("float32"),
    "cube": _RANDOM.normal(size=(2, 3, 2)).astype("float32"),
    "single": np.array([[0.7, -0.2]], "float32"),
    "extreme": np.array([[-1e4, 1e4], [-88.0, 88.0], [-30.0, 30.0], [-1e-30, 1e-30]], "float32"),
    "equal": np.full((2, 4), 2.0, "float32"),
}
WEIGHTS = {name: _RANDOM.normal(size=x.shape).astype("float32") for name, x in INPUTS.items()}

CALLS: list[tuple[str, dict[str, Any]]] = [
    ("celu", {}),
    ("celu", {"alpha": 0.5}),
    ("elu", {}),
    ("elu", {"alpha": 2.0}),
    ("exponential", {}),
    ("gelu", {}),
    ("gelu", {"approximate": True}),
    ("glu", {}),
    ("hard_shrink", {}),
    ("hard_shrink", {"threshold": 1.0}),
    ("hard_sigmoid", {}),
    ("hard_silu", {}),
    ("hard_tanh", {}),
    ("leaky_relu", {}),
    ("leaky_relu", {"negative_slope": 0.01}),
    ("linear", {}),
    ("log_sigmoid", {}),
    ("log_softmax", {}),
    ("mish", {}),
    ("relu", {}),
    ("relu", {"negative_slope": 0.1}),
    ("relu", {"max_value": 6}),
    ("relu", {"max_value": 2.5}),
    ("relu", {"threshold": 1.0}),
    ("relu", {"negative_slope": 0.25, "max_value": 3.0, "threshold": 0.5}),
    ("relu6", {}),
    ("selu", {}),
    ("sigmoid", {}),
    ("silu", {}),
    ("soft_shrink", {}),
    ("softmax", {}),
    ("softmax", {"axis": 0}),
    ("softplus", {}),
    ("softsign", {}),
    ("sparse_plus", {}),
    ("sparse_sigmoid", {}),
    ("squareplus", {}),
    ("squareplus", {"b": 1}),
    ("tanh", {}),
    ("tanh_shrink", {}),
    ("threshold", {"threshold": 0.5, "default_value": -1.0}),
]

ALONG_AN_AXIS = ("glu", "log_softmax", "softmax")
CASES = [
    (name, keywords, key) for name, keywords in CALLS for key in INPUTS if (key == "numbers") != (name in ALONG_AN_AXIS)
]
