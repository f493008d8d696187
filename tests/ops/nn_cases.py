"""Calls of cross-entropies and normalizations, with the argument whose gradient is compared: pure data."""

from typing import Any

import numpy as np

_RANDOM = np.random.default_rng(2)


def _probabilities(*shape: int) -> np.ndarray:
    x = _RANDOM.uniform(0.01, 1, size=shape)
    return (x / x.sum(-1, keepdims=True)).astype("float32")


def _normal(*shape: int) -> np.ndarray:
    return _RANDOM.normal(size=shape).astype("float32")


_LABELS = np.array([2, 0, 3], "int32")
_HOT = np.eye(4, dtype="float32")[_LABELS]
_CERTAIN = np.array([[0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]], "float32")
_LARGE = np.array([[1e4, -1e4, 0.0, 50.0], [-100.0, 100.0, 0.0, 1.0], [0.0, 0.0, 0.0, 0.0]], "float32")
_BINARY = np.array([[0, 1], [1, 0], [1, 1]], "float32")
_HALVES = np.array([[0.0, 1.0], [1.0, 0.0], [0.3, 1e-9]], "float32")
_BEAMS = {"strategy": "beam_search", "beam_width": 20, "top_paths": 3}

# (name, arguments, keywords, which argument is differentiated)
CASES: list[tuple[str, list[Any], dict[str, Any], int]] = [
    ("binary_crossentropy", [_BINARY, _HALVES], {}, 1),
    ("binary_crossentropy", [_BINARY, _LARGE[:, :2]], {"from_logits": True}, 1),
    ("binary_crossentropy", [_BINARY * 0.8 + 0.1, _normal(3, 2)], {"from_logits": True}, 1),
    ("categorical_crossentropy", [_HOT, _probabilities(3, 4)], {}, 1),
    ("categorical_crossentropy", [_HOT, _CERTAIN], {}, 1),
    ("categorical_crossentropy", [_HOT, 3 * _probabilities(3, 4)], {}, 1),
    ("categorical_crossentropy", [_HOT, _LARGE], {"from_logits": True}, 1),
    ("categorical_crossentropy", [_probabilities(2, 3, 4), _normal(2, 3, 4)], {"from_logits": True, "axis": 1}, 1),
    ("sparse_categorical_crossentropy", [_LABELS, _probabilities(3, 4)], {}, 1),
    ("sparse_categorical_crossentropy", [_LABELS[:, None], _CERTAIN], {}, 1),
    ("sparse_categorical_crossentropy", [_LABELS, _LARGE], {"from_logits": True}, 1),
    ("sparse_categorical_crossentropy", [np.array([[0, 4], [-1, 1]]), _normal(2, 2, 4)], {"from_logits": True}, 1),
    ("batch_normalization", [_normal(3, 4), _normal(4), _probabilities(4), -1], {}, 0),
    (
        "batch_normalization",
        [_normal(2, 3, 4), _normal(3), _probabilities(3), 1],
        {"offset": _normal(3), "scale": _normal(3), "epsilon": 0.1},
        0,
    ),
    ("layer_normalization", [_normal(3, 4)], {}, 0),
    ("layer_normalization", [_normal(2, 3, 4), _normal(4), _normal(4)], {"epsilon": 1e-3}, 0),
    ("layer_normalization", [_normal(2, 3, 4), _normal(3, 4), _normal(3, 4)], {"axis": [1, 2]}, 0),
    ("rms_normalization", [_normal(3, 4)], {}, 0),
    ("rms_normalization", [_normal(3, 4), _normal(4)], {"epsilon": 0.1}, 0),
    ("normalize", [_normal(3, 4)], {}, 0),
    ("normalize", [_normal(3, 4)], {"axis": 0, "order": 1}, 0),
    ("normalize", [_normal(3, 4)], {"order": 3}, 0),
    ("moments", [_normal(2, 3, 4)], {"axes": [0, 2], "keepdims": True}, 0),
    ("moments", [_normal(5, 2)], {"axes": 0}, 0),
    ("one_hot", [_LABELS, 5], {}, -1),
    ("one_hot", [np.array([[0, 9], [-1, 2]]), 3], {"axis": 1, "dtype": "int32"}, -1),
    ("multi_hot", [np.array([[0, 2, 2], [1, 1, 1]]), 4], {}, -1),
    ("ctc_decode", [_normal(3, 8, 3), np.array([8, 5, 3])], {}, -1),
    ("ctc_decode", [_normal(2, 8, 3), np.array([8, 5])], {"merge_repeated": False, "mask_index": None}, -1),
    ("ctc_decode", [_normal(2, 6, 4), np.array([6, 4])], _BEAMS, -1),
    ("ctc_decode", [_normal(2, 6, 4), np.array([5, 6])], _BEAMS | {"beam_width": 3, "mask_index": 2}, -1),
    ("layer_normalization", [_normal(3, 4), _normal(4), _normal(4)], {"rms_scaling": True}, 0),
    ("dot_product_attention", [_normal(2, 3, 4, 5), _normal(2, 6, 2, 5), _normal(2, 6, 2, 5)], {}, 0),
    ("dot_product_attention", [_normal(2, 3, 2, 5), _normal(2, 6, 2, 5), _normal(2, 6, 2, 5)], {"is_causal": True}, 1),
    (
        "dot_product_attention",
        [_normal(2, 3, 4, 5), _normal(2, 6, 1, 5), _normal(2, 6, 1, 5)],
        {"mask": _normal(2, 1, 3, 6) > 0, "bias": _normal(1, 4, 1, 6), "scale": 0.7},
        2,
    ),
    (
        "dot_product_attention",
        [_normal(1, 3, 2, 4), _normal(1, 3, 2, 4), _normal(1, 3, 2, 4)],
        {"mask": np.array([[[[0, 0, 0], [0, 1, 1], [1, 0, 1]]]], bool), "is_causal": True},
        0,
    ),
]
