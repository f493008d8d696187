"""Files of every format version, written once and never again, are still read to the same numbers."""

from __future__ import annotations

import pathlib

import numpy as np
import pytest

from ranvier.models import load_model
from ranvier.saving import load_weights
from ranvier.saving.checkpoint import read_checkpoint_file
from tests.saving import models

FOLDER = pathlib.Path(__file__).parent / "formats"
VERSIONS = sorted(path.name for path in FOLDER.iterdir())


def expected(version: str, kind: str) -> list[np.ndarray]:
    with np.load(FOLDER / version / "expected.npz") as arrays:
        count = sum(name.startswith(kind) for name in arrays)
        return [arrays[f"{kind}/{index}"] for index in range(count)]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_whole_model(version, ending):
    model = load_model(FOLDER / version / f"model.{ending}")
    models.assert_same(models.values(model.variables), expected(version, "weight"))
    models.assert_same(models.values(model.optimizer.variables), expected(version, "optimizer"))
    with np.load(FOLDER / version / "expected.npz") as arrays:
        np.testing.assert_allclose(model(arrays["rows"]), arrays["outputs"], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("version", VERSIONS)
def test_weights(version):
    model = models.small()
    load_weights(model, FOLDER / version / "model.weights.h5")
    models.assert_same(models.values(model.variables), expected(version, "weight"))


@pytest.mark.parametrize("version", VERSIONS)
def test_checkpoint(version):
    arrays, facts = read_checkpoint_file(FOLDER / version / "checkpoint.npz")
    models.assert_same(list(arrays.values()), expected(version, "weight"))
    assert facts == {"epoch": 3}
