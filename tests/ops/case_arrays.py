"""The arrays that cases of `ops` name, and how a case names one."""

import numpy as np

_RANDOM = np.random.default_rng(0)

ARRAYS: dict[str, np.ndarray] = {
    "a": _RANDOM.normal(size=(3, 4)).astype("float32"),
    "b": _RANDOM.normal(size=(3, 4)).astype("float32"),
    "row": _RANDOM.normal(size=(4,)).astype("float32"),
    "column": _RANDOM.normal(size=(3, 1)).astype("float32"),
    "cube": _RANDOM.normal(size=(2, 3, 4)).astype("float32"),
    "square": _RANDOM.normal(size=(3, 3)).astype("float32") + 3 * np.eye(3, dtype="float32"),
    "unit": _RANDOM.uniform(-0.9, 0.9, size=(3, 4)).astype("float32"),
    "positive": _RANDOM.uniform(0.1, 3.0, size=(3, 4)).astype("float32"),
    "above_one": _RANDOM.uniform(1.1, 3.0, size=(3, 4)).astype("float32"),
    "extreme": np.array([0.0, -0.0, 1e-30, -1e-30, 1e30, -1e30, np.inf, -np.inf, np.nan], "float32"),
    "holes": np.array([[1.0, np.nan, 3.0], [np.nan, 2.0, 2.0]], "float32"),
    "empty": np.zeros((0, 4), "float32"),
    "scalar": np.array(1.5, "float32"),
    "whole": np.array([[3, -1, 0, 7], [2, 2, -5, 1], [0, 4, 4, -2]], "int32"),
    "divisor": np.array([2, -3, 5, 4], "int32"),
    "small": np.array([[100, 27, -128], [5, -6, 7]], "int8"),
    "yes": np.array([[True, False, True, True], [False, False, True, False], [True, True, True, True]]),
    "places": np.array([2, 0, 1], "int32"),
    "segments": np.array([0, 0, 2], "int32"),
    "sorted": np.array([-1.0, 0.0, 0.5, 2.0], "float32"),
    "spd": np.array([[4.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.5, 0.2, 2.0]], "float32"),
    "square_part": np.full((2, 2), 9.0, "float32"),
    "index_matrix": np.array([[0, 3], [1, 1], [2, 0]], "int32"),
    "index_column": np.array([[0], [3], [1], [2]], "int32"),
    "small_column": np.array([[100], [100], [100]], "int8"),
    "signal": _RANDOM.normal(size=(2, 20)).astype("float32"),
    "spectrum": _RANDOM.normal(size=(2, 4, 5)).astype("float32"),
    "pictures": _RANDOM.normal(size=(2, 4, 6, 4)).astype("float32"),
    "blocks": _RANDOM.normal(size=(2, 12, 6)).astype("float32"),
    "points": _RANDOM.normal(size=(5, 3, 4)).astype("float32"),
    "logits": _RANDOM.normal(size=(3, 7, 5)).astype("float32"),
    "labels": np.array([[1, 2, 2, 4], [3, 3, 3, 0], [2, 1, 0, 0]], "int32"),
    "index_pairs": np.array([[0.5, 3.0], [1.0, -1.0]], "float32"),
    "complex": np.array([[1.0 + 2.0j, -1.0j], [-3.0 + 0.0j, 0.5 - 0.5j]], "complex64"),
    "right": np.array([[1.0, 0.5], [2.0, -1.0], [3.0, 0.0]], "float32"),
}
ARRAYS["b_transposed"] = ARRAYS["b"].T.copy()


def of(name: str) -> dict[str, str]:
    return {"array": name}


A, B, ROW, COLUMN, CUBE, WHOLE, YES = (of(n) for n in ("a", "b", "row", "column", "cube", "whole", "yes"))
EXTREME, POSITIVE, UNIT, SQUARE, EMPTY = (of(n) for n in ("extreme", "positive", "unit", "square", "empty"))
HOLES, SIGNAL, PICTURES = (of(n) for n in ("holes", "signal", "pictures"))
