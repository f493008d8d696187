"""Record what Keras's loaders make of small made-up files: `python scripts/record_datasets.py` where Keras is.

Writes `tests/oracle/datasets.json`. Nothing is downloaded: `get_file` is replaced by the made-up file.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras.src.datasets import boston_housing, california_housing, imdb, reuters

TARGET = Path(__file__).resolve().parent.parent / "tests" / "oracle" / "datasets.json"

TEXT_CASES: list[dict[str, Any]] = [
    {},
    {"num_words": 20},
    {"num_words": 20, "skip_top": 6, "oov_char": None},
    {"maxlen": 7},
    {"start_char": None, "index_from": 0, "seed": 7},
    {"start_char": None, "index_from": 2, "num_words": 15, "oov_char": 0},
    {"start_char": 5, "oov_char": 9, "index_from": 10, "skip_top": 13, "maxlen": 9, "num_words": 40, "seed": 0},
]
SPLIT_CASES: list[dict[str, Any]] = [{}, {"test_split": 0.35, "seed": 1}, {"test_split": 0, "seed": 113}]


def texts(generator: np.random.RandomState, count: int, longest: int, equal: bool = False) -> list[list[int]]:
    """Return made-up texts of 1 to `longest` words, or of exactly `longest`."""
    lengths = [longest if equal else int(generator.randint(1, longest + 1)) for _ in range(count)]
    return [generator.randint(1, 41, length).tolist() for length in lengths]


def objects(rows: list[list[int]]) -> np.ndarray:
    """Return rows as an object array of lists, whatever their lengths."""
    result = np.empty(len(rows), dtype=object)
    result[:] = rows
    return result


def answer(split: Any) -> list[Any]:
    """Return the four arrays as shape, type and values."""
    return [
        {"shape": list(array.shape), "dtype": str(array.dtype), "values": array.tolist()}
        for pair in split
        for array in pair
    ]


def run(module: Any, path: Path, arguments: dict[str, Any]) -> list[Any]:
    """Call the loader with `get_file` answering `path`."""
    module.get_file = lambda *_, **__: str(path)
    return answer(module.load_data(**arguments))


def main() -> None:
    generator = np.random.RandomState(5)
    record: dict[str, Any] = {"keras": keras.__version__, "numpy": np.__version__, "imdb": [], "reuters": []}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made_up.npz"
        for equal in (False, True):
            train, test = texts(generator, 13, 8, equal), texts(generator, 9, 8, equal)
            labels = [generator.randint(0, 2, 13).tolist(), generator.randint(0, 2, 9).tolist()]
            names = {"x_train": objects(train), "x_test": objects(test)}
            np.savez(path, **names, y_train=np.array(labels[0]), y_test=np.array(labels[1]))
            for case in TEXT_CASES if not equal else TEXT_CASES[:1]:
                data = {"train": train, "test": test, "labels": labels}
                record["imdb"].append({"data": data, "arguments": case, "answer": run(imdb, path, case)})
            topics = generator.randint(0, 46, 13).tolist()
            np.savez(path, x=objects(train), y=np.array(topics))
            for case in TEXT_CASES + SPLIT_CASES[1:] if not equal else TEXT_CASES[:1]:
                data = {"texts": train, "labels": topics}
                record["reuters"].append({"data": data, "arguments": case, "answer": run(reuters, path, case)})
        for name, module, columns, dtype, rows in (
            ("boston_housing", boston_housing, 13, "float64", 41),
            ("california_housing", california_housing, 8, "float32", 620),
        ):
            y = np.arange(rows, dtype=dtype)
            np.savez(path, x=np.tile(y[:, None], columns), y=y)
            cases = SPLIT_CASES + ([{"version": "small"}] if rows > 600 else [])
            # x repeats y in every column, so the order of y says all.
            answers = [{"arguments": case, "order": run(module, path, case)[1::2]} for case in cases]
            record[name] = {"rows": rows, "columns": columns, "dtype": dtype, "answers": answers}
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps(record, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
