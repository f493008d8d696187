"""Reads what scripts/record_oracles recorded: cases in a JSON file, all their numbers in one vector."""

import json
import pathlib
from typing import Any

import numpy as np

_FOLDER = pathlib.Path(__file__).parents[1] / "oracle"


def read(name: str) -> dict[str, Any]:
    """Return the document; each case's `arrays` are groups of named arrays."""
    document: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    with np.load(_FOLDER / f"{name}.npz") as file:
        numbers = file["numbers"]
    place = 0
    for case in document["cases"]:
        for group in case["arrays"]:
            for key, (dtype, *shape) in group.items():
                size = int(np.prod(shape))
                group[key] = numbers[place : place + size].reshape(shape).astype(dtype)
                place += size
    assert place == len(numbers)
    return document


def by_class(document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the cases of each class."""
    found: dict[str, list[dict[str, Any]]] = {}
    for case in document["cases"]:
        found.setdefault(case["class"], []).append(case)
    return found


def same_signature(cls: type, recorded: list[list[Any]], actual: list[Any]) -> None:
    """Assert that a class has the recorded arguments and defaults."""
    assert [p.name for p in actual] == [name for name, _ in recorded], cls.__name__
    for parameter, (name, default) in zip(actual, recorded, strict=True):
        mine = None if parameter.default is parameter.empty else parameter.default
        assert (list(mine) if isinstance(mine, tuple) else mine) == default, (cls, name)
