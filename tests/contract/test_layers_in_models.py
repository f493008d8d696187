"""Every layer trains, is saved and read bit for bit, and shares its compiled program with a model built again."""

from __future__ import annotations

import pathlib
from typing import Any

import jax
import numpy as np
import pytest

from ranvier import layers, utils
from ranvier.engine.fingerprint import Private, fingerprint
from ranvier.models import Model, load_model
from tests.layers.cases import CASES, CODE, Case
from tests.sampling import sampled

ONE_EACH = list({case.layer: case for case in reversed(CASES) if len(case.shapes[0]) > 1}.values())


def around(case: Case) -> Any:
    """A model with the layer between its inputs and a Dense."""
    given = case.inputs()
    arrays = given if isinstance(given, list) else [given]
    tensors = [layers.Input(x.shape[1:], dtype=str(x.dtype)) for x in arrays]
    y = case.make(layers)(tensors if len(tensors) > 1 else tensors[0])
    return Model(tensors if len(tensors) > 1 else tensors[0], layers.Dense(1)(layers.Flatten()(y)))


@pytest.mark.parametrize("case", sampled(ONE_EACH, 3), ids=lambda case: case.layer)
def test_training_lowers_the_loss_and_files_keep_the_model(case: Case, tmp_path: pathlib.Path) -> None:
    utils.set_random_seed(1)
    model, x = around(case), case.inputs()
    rows = jax.tree_util.tree_leaves(x)[0].shape[0]
    y = np.linspace(1, 2, rows, dtype="float32")[:, None]
    model.compile("sgd", "mse")
    model.optimizer.learning_rate = 1e-3
    loss = model.train_on_batch if case.rows_meet else model.test_on_batch
    first = loss(x, y)
    for _ in range(4):
        model.train_on_batch(x, y)
    assert loss(x, y) < first
    model.save(tmp_path / "m.keras")
    np.testing.assert_array_equal(load_model(tmp_path / "m.keras").predict(x, verbose=0), model.predict(x, verbose=0))


@pytest.mark.parametrize("case", [*ONE_EACH, *CODE], ids=lambda case: case.layer)
def test_a_model_built_again_has_the_same_fingerprint(case: Case) -> None:
    first, second = fingerprint(around(case)), fingerprint(around(case))
    assert first == second and not isinstance(first, Private)
