"""Ready networks have the layers, the configurations, the weights and, with equal weights, the numbers of Keras's."""

from __future__ import annotations

import json
import pathlib

import numpy as np
import pytest

import ranvier
from tests.applications import cases

RECORDED = np.load(pathlib.Path(__file__).parents[1] / "oracle" / "applications.npz")
FAST = ("MobileNetV2",)


@pytest.mark.parametrize(
    "case", [pytest.param(case, marks=() if case in FAST else pytest.mark.slow) for case in cases.CASES]
)
def test_a_network_is_keras_own(case: str) -> None:
    model = cases.build(ranvier, case)
    names = RECORDED[f"{case}:names"].tobytes().decode().split("\n")
    assert [model.name, *(layer.name for layer in model.layers)] == names
    lines = cases.described(model)
    wrong = [line for line, digest in zip(lines, RECORDED[f"{case}:layers"], strict=True) if digest != crc(line)]
    assert not wrong, f"{len(wrong)} layers are not as Keras describes them, the first is\n{wrong[0]}"
    assert model.count_params() == RECORDED[f"{case}:parameters"]
    if case not in cases.RUN:
        return
    outputs, expected = cases.some(model.predict(cases.images(model), verbose=0)), RECORDED[f"{case}:outputs"]
    # float32 over some hundred layers, on numbers of the size of the largest one.
    np.testing.assert_allclose(outputs, expected, rtol=0, atol=2e-5 * float(np.abs(expected).max()))


def crc(line: str) -> int:
    return int(cases.digests([line])[0])


def test_every_network_has_a_case_and_every_case_a_recording() -> None:
    networks = {name for name in ranvier.applications.__all__ if name[0].isupper()}
    assert {name for name, _ in cases.CASES.values()} == networks
    assert {key.partition(":")[0] for key in RECORDED.files} == set(cases.CASES)


def test_a_layer_described_otherwise_has_another_digest() -> None:
    entry = ranvier.Input((2,))
    line = cases.described(ranvier.Model(entry, ranvier.layers.Dense(1, name="d")(entry)))[-1]
    assert json.loads(line)["weights"] == [[2, 1], [1]]
    assert crc(line) != crc(line.replace("true", "false"))
