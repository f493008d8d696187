"""The same rows in the same order, and the same words, as Keras's loaders make of the same files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ranvier.data.datasets import boston_housing, california_housing, imdb, reuters

ORACLE = json.loads((Path(__file__).parents[2] / "oracle" / "datasets.json").read_text(encoding="utf-8"))


def check(split: Any, answer: list[dict[str, Any]]) -> None:
    """Compare four arrays with the recorded shape, type and values."""
    arrays = [array for pair in split for array in pair]
    for array, wanted in zip(arrays, answer, strict=True):
        assert list(array.shape) == wanted["shape"] and array.tolist() == wanted["values"]
        # Keras turns the labels of an empty selection into floats; nothing is in them.
        assert str(array.dtype) == wanted["dtype"] or array.size == 0


@pytest.mark.parametrize("case", ORACLE["imdb"], ids=lambda case: str(case["arguments"]))
def test_imdb(case: dict[str, Any], local: Callable[[str], Path], make_objects: Any) -> None:
    data = case["data"]
    labels = [np.array(part) for part in data["labels"]]
    x_train, x_test = make_objects(data["train"]), make_objects(data["test"])
    np.savez(local("imdb") / "imdb.npz", x_train=x_train, x_test=x_test, y_train=labels[0], y_test=labels[1])
    check(imdb.load_data(**case["arguments"]), case["answer"])


@pytest.mark.parametrize("case", ORACLE["reuters"], ids=lambda case: str(case["arguments"]))
def test_reuters(case: dict[str, Any], local: Callable[[str], Path], make_objects: Any) -> None:
    data = case["data"]
    np.savez(local("reuters") / "reuters.npz", x=make_objects(data["texts"]), y=np.array(data["labels"]))
    check(reuters.load_data(**case["arguments"]), case["answer"])


@pytest.mark.parametrize("module", [boston_housing, california_housing], ids=lambda module: module.INFO.name)
def test_tables(module: Any, local: Callable[[str], Path]) -> None:
    name = module.INFO.name
    record = ORACLE[name]
    y = np.arange(record["rows"], dtype=record["dtype"])
    np.savez(local(name) / f"{name}.npz", x=np.tile(y[:, None], record["columns"]), y=y)
    for case in record["answers"]:
        (x_train, y_train), (x_test, y_test) = module.load_data(**case["arguments"])
        for got, wanted in zip((y_train, y_test), case["order"], strict=True):
            assert got.tolist() == wanted["values"] and str(got.dtype) == wanted["dtype"]
        assert x_train.dtype == x_test.dtype == record["dtype"]
        np.testing.assert_array_equal(x_train, np.tile(y_train[:, None], record["columns"]))
        assert x_test.shape == (len(y_test), record["columns"])
