"""Replays whole programs that Keras 3 ran: histories, weights, evaluations, predictions, hooks.

Recorded by scripts/record_oracles/fit.py from the programs in tests/oracle/fit.

How near is near enough: both sides compute in float32, whose rounding is 2**-24 per operation, and XLA sums in another
order in another program. A number of these programs is the end of at most about 12 steps, each of a chain of sums of up
to 22 rows and 5 columns, so a few hundred roundings: 2**-24 * 500 = 3e-5 relative. An update that divides by a root of
small squares (Adam and its kin) turns a rounding of the gradient into that share of one step: learning rate 0.1 times
1e-4 is the absolute part.
"""

from __future__ import annotations

import json
import pathlib
from typing import Any

import numpy as np
import pytest

import ranvier
from tests.oracle.fit import looping, measuring, optimizing
from tests.sampling import sampled

RELATIVE, ABSOLUTE = 500 * 2.0**-24, 1e-5
PROGRAMS = optimizing.PROGRAMS | measuring.PROGRAMS | looping.PROGRAMS
FOLDER = pathlib.Path(__file__).parents[1] / "oracle" / "fit"


def _read() -> dict[str, Any]:
    document = json.loads((FOLDER / "recorded.json").read_text())
    with np.load(FOLDER / "recorded.npz") as file:
        numbers = file["numbers"]
    place = 0

    def restored(node: Any) -> Any:
        nonlocal place
        if isinstance(node, list):
            return [restored(item) for item in node]
        if not isinstance(node, dict):
            return node
        if set(node) != {"array"}:
            return {key: restored(item) for key, item in node.items()}
        dtype, *shape = node["array"]
        size = int(np.prod(shape))
        place += size
        return numbers[place - size : place].reshape(shape).astype(dtype)

    programs: dict[str, Any] = restored(document["programs"])
    assert place == len(numbers)
    return programs


RECORDED = _read()


def differences(ours: Any, theirs: Any, place: str = "") -> list[str]:
    """Return what is different, one line for each place."""
    if isinstance(theirs, dict):
        if not isinstance(ours, dict) or set(map(str, ours)) != set(theirs):
            return [f"{place}: {sorted(ours) if isinstance(ours, dict) else ours} instead of {sorted(theirs)}"]
        named = {str(key): value for key, value in ours.items()}
        return [line for key, item in theirs.items() for line in differences(named[key], item, f"{place}.{key}")]
    if isinstance(theirs, list):
        if not isinstance(ours, (list, tuple)) or len(ours) != len(theirs):
            return [f"{place}: {ours} instead of {theirs}"]
        pairs = enumerate(zip(ours, theirs, strict=True))
        return [line for number, (one, two) in pairs for line in differences(one, two, f"{place}[{number}]")]
    if isinstance(theirs, (str, bool)) or theirs is None:
        return [] if ours == theirs else [f"{place}: {ours!r} instead of {theirs!r}"]
    if np.shape(ours) != np.shape(theirs):
        return [f"{place}: shape {np.shape(ours)} instead of {np.shape(theirs)}"]
    if isinstance(theirs, np.ndarray) and np.asarray(ours).dtype != theirs.dtype:
        return [f"{place}: {np.asarray(ours).dtype} instead of {theirs.dtype}"]
    near = np.allclose(ours, theirs, RELATIVE, ABSOLUTE)
    return [] if near else [f"{place}: {np.asarray(ours)} instead of {np.asarray(theirs)}"]


@pytest.mark.parametrize("name", sampled(list(PROGRAMS), 3))
def test_the_same_outcome(name: str) -> None:
    found = differences(PROGRAMS[name](ranvier), RECORDED[name])
    assert not found, "\n".join(found)
